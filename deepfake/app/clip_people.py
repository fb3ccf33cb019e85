"""The people of a clip, a line for each, and those who were not judged folded together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.markup import face_line
from deepfake.app.person_average import offer_average
from deepfake.app.person_pictures import thumbnail_of
from deepfake.reports.clip_words import left_out_words, person_words, span_words
from deepfake.reports.wording import HEADLINES

if TYPE_CHECKING:
    from deepfake.app.place import Place
    from deepfake.people import Person

_LIST_PX = 460
_MANY = 4


def show_people(place: Place, people: tuple[Person, ...]) -> None:
    """Each judged person's verdict, then the others in a fold."""
    judged = [person for person in people if person.is_judged]
    left_out = [person for person in people if not person.is_judged]
    with st.container(height=_LIST_PX if len(judged) > _MANY else "content", border=False):
        for person in judged:
            kind = person.verdict.verdict
            below = [person_words(person, place.card), f"{span_words(person)}."]
            with st.container(border=True):
                st.html(
                    face_line(kind, f"Person {person.number}", HEADLINES[kind], below, thumbnail=thumbnail_of(person))
                )
                offer_average(place, person)
    if len(judged) > 1:
        st.caption("After a cut, the same person may be numbered anew.")
    if left_out:
        with st.expander(left_out_words(left_out), type="compact", key=f"left-out-{place.key}"):
            for person in left_out:
                below = [" ".join(person.verdict.reasons), f"{span_words(person)}."]
                st.html(
                    face_line(
                        person.verdict.verdict,
                        f"Person {person.number}",
                        "Not judged",
                        below,
                        thumbnail=thumbnail_of(person),
                    )
                )
