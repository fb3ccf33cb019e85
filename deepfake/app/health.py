"""What is wrong with the installation, said at the top of the page; looked for when the page is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.models import get_classifier, model_identity
from deepfake.app.wording import literal
from deepfake.doctor.findings import Finding
from deepfake.doctor.installation import check_libraries, check_python
from deepfake.doctor.machine import check_memory, free_memory_bytes

if TYPE_CHECKING:
    from deepfake.classifier.card import Card

_MAX_MODELS = 16


def show_faults(place: Any, card: Card) -> None:
    """Say what fails, each in a sentence; nothing where all is well.

    Args:
        place: At the top of the page, reserved.
        card: Of the model that answers; it is loaded already.
    """
    found = [*_installation(), check_memory(free_memory_bytes()), *_answers(model_identity(card), card)]
    for finding in found:
        if finding.grade == "fault":
            place.error(literal(finding.sentence), icon=":material/stethoscope:")


@st.cache_resource(show_spinner=False)
def _installation() -> list[Finding]:
    return [check_python(), *check_libraries()]


@st.cache_resource(show_spinner=False, max_entries=_MAX_MODELS)
def _answers(identity: str, _card: Card) -> list[Finding]:
    """Whether the model says of the self-test picture what its card says; once for all sessions."""
    del identity  # the key
    from deepfake.doctor.models import check_portrait

    return [check_portrait(get_classifier(_card))]
