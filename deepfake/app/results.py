"""What was found out so far: kept in the session, computed once, forgotten when the page closes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.models import get_classifier, model_identity
from deepfake.app.turns import OnWait, line_of
from deepfake.errors import InputError
from deepfake.reports.pictures import PICTURE_PX, THUMBNAIL_PX, encode, mark_faces

if TYPE_CHECKING:
    from deepfake.analysis import Analysis
    from deepfake.classifier.card import Card
    from deepfake.classifier.classifier import Classifier

_INSPECTIONS, CLIPS, EXPLANATIONS, UNFINISHED = "inspections", "clips", "explanations", "unfinished"
STATEMENTS, STRESS_TESTS = "statements", "stress_tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file a person gave.

    Attributes:
        name: As given; never to be rendered.
        data: Its bytes.
        sha256: Of the bytes.
    """

    name: str
    data: bytes
    sha256: str

    @classmethod
    def of(cls, name: str, data: bytes) -> Upload:
        """Join a name with bytes."""
        return cls(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A file that was judged, ready for the screen.

    Attributes:
        analysis: Its `pixels` shrunk to the screen.
        picture: Encoded, with numbered boxes.
        thumbnails: Encoded crops, one a face.
    """

    analysis: Analysis
    picture: bytes
    thumbnails: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that could not be read.

    Attributes:
        message: Why, and what helps.
    """

    message: str


def inspect_upload(upload: Upload, card: Card, on_wait: OnWait | None = None) -> Inspection | Refusal:
    """Judge a picture when it is its turn, or recall what was said of it.

    Args:
        upload: The picture.
        card: Of the model.
        on_wait: Called while others come first; what it raises gives up the place.

    Raises:
        ModelError: The model cannot be used.
    """
    known: dict[tuple[str, str], Inspection | Refusal] = st.session_state.setdefault(_INSPECTIONS, {})
    key = (upload.sha256, model_identity(card))
    if key not in known:
        classifier = get_classifier(card)
        with line_of("picture").turn(on_wait or _wait_silently):
            known[key] = _inspect(upload.data, classifier)
    return known[key]


def is_inspected(upload: Upload, card: Card) -> bool:
    """Whether `inspect_upload` would answer at once."""
    return (upload.sha256, model_identity(card)) in st.session_state.get(_INSPECTIONS, {})


def forget_all_but(uploads: Collection[Upload]) -> None:
    """Drop what was found in files that are no longer on the page."""
    present = {upload.sha256 for upload in uploads}
    for name in (_INSPECTIONS, CLIPS, EXPLANATIONS, UNFINISHED, STATEMENTS, STRESS_TESTS):
        kept = {key: value for key, value in st.session_state.get(name, {}).items() if key[0] in present}
        st.session_state[name] = kept


def _wait_silently(num_before: int) -> None:
    del num_before


def _inspect(data: bytes, classifier: Classifier) -> Inspection | Refusal:
    from deepfake import analysis as story

    try:
        analysis = story.analyze_image(data, classifier)
    except InputError as error:
        return Refusal(message=str(error))
    from deepfake.reports.overlay import shrink_to

    small, _ = shrink_to(analysis.pixels, PICTURE_PX)
    return Inspection(
        analysis=replace(analysis, pixels=small),
        picture=encode(mark_faces(small, analysis.size_wh, analysis.faces)),
        thumbnails=tuple(encode(shrink_to(face.crop, THUMBNAIL_PX)[0]) for face in analysis.faces),
    )
