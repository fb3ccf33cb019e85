"""What a file says of itself, beside the verdict and apart from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.markup import facts_table
from deepfake.app.place import PendingExplanation, Place
from deepfake.app.results import STATEMENTS, Upload

if TYPE_CHECKING:
    from deepfake.media.provenance.statement import Provenance

_TITLE = "What the file says about itself"
_WAITING = "Reading what the file says about itself …"


def show_provenance(place: Place) -> list[PendingExplanation]:
    """Show a file's own statement, or keep its place.

    Returns:
        What reads it and fills its place; nothing if it was read before.
    """
    said, details = st.empty(), st.expander(_TITLE, type="compact", key=f"provenance-{place.key}")
    with details:
        entries = st.empty()
    known = statement_of(place.upload)()
    if known is not None:
        _show(known, said, entries)
        return []
    said.caption(_WAITING)
    entries.caption(_WAITING)
    return [partial(_read, place.upload, said, entries)]


def statement_of(upload: Upload) -> Callable[[], Provenance | None]:
    """What the file says of itself, if it was read by then, whenever the answer is asked for; it needs no session."""
    made: dict[Hashable, Provenance] = st.session_state.setdefault(STATEMENTS, {})
    return lambda: made.get((upload.sha256,))


def _read(upload: Upload, said: Any, entries: Any) -> None:
    from deepfake.media.provenance.reader import read_provenance

    statement = read_provenance(upload.data)
    st.session_state.setdefault(STATEMENTS, {})[(upload.sha256,)] = statement
    _show(statement, said, entries)


def _show(statement: Provenance, said: Any, entries: Any) -> None:
    from deepfake.media.provenance.wording import OWN_WORD, facts, summary

    sentence = summary(statement)
    if statement.ai_marks:
        said.info(f"{sentence} This program did not check that.", icon=":material/label:")
    else:
        said.caption(sentence)
    with entries.container():
        found = facts(statement)
        if found:
            st.html(facts_table(_TITLE, found))
        st.caption(OWN_WORD)
