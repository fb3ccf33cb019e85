"""One map of a person over several frames: asked for on the person's card, made frame by frame, shown below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.explanations import ExplainedFace, Subject, recall, refine
from deepfake.app.markup import weight_scale
from deepfake.app.moments import subject_of
from deepfake.app.place import PendingExplanation, Place
from deepfake.app.turns import line_of, waiting_words
from deepfake.app.wording import literal
from deepfake.errors import ExplanationSettingsError
from deepfake.reports.pictures import encode
from deepfake.reports.suspicion import most_suspicious

if TYPE_CHECKING:
    from deepfake.people import Person

_NUM_LANDMARKS = 5


def offer_average(place: Place, person: Person) -> None:
    """A button on a person's card, where the average can be made."""
    if len(_subjects(place, person)) > 1:
        st.button(
            "Map over the most suspicious frames",
            key=f"average-{place.key}-{person.number}",
            icon=":material/layers:",
            on_click=_want,
            args=(place, person.number),
            help="Explains each of these frames and lays the maps over each other on the face. This takes a while.",
        )


def show_average(place: Place, people: tuple[Person, ...]) -> list[PendingExplanation]:
    """Show the average map that was asked for, if one was.

    Returns:
        What makes it, if it does not stand yet.
    """
    wanted = st.session_state.get(_wanted_key(place))
    person = next((one for one in people if one.number == wanted), None)
    if person is None:
        return []
    st.markdown(f"#### Person {person.number} over the most suspicious frames")
    subjects = _subjects(place, person)
    drawn = st.empty()
    known = [made for made in map(recall, subjects) if made is not None]
    if len(known) == len(subjects):
        with drawn.container():
            _show(subjects, known)
        return []
    return [partial(_make, drawn, subjects)]


def _wanted_key(place: Place) -> str:
    return f"average-of-{place.key}"


def _want(place: Place, number: int) -> None:
    st.session_state[_wanted_key(place)] = number


def _subjects(place: Place, person: Person) -> list[Subject]:
    """The person in the most suspicious frames in which the face finder saw eyes, nose and mouth."""
    subjects = [subject_of(place, person.number, one) for _, one in most_suspicious([person])]
    return [one for one in subjects if len(one.landmarks) == _NUM_LANDMARKS]


def _make(drawn: Any, subjects: list[Subject]) -> None:
    made = []
    for number, subject in enumerate(subjects, start=1):
        known = recall(subject)
        drawn.progress((number - 1) / len(subjects), text=f"Explaining frame {number} of {len(subjects)}")
        try:
            made.append(known or _explain(drawn, subject, number, len(subjects)))
        except ExplanationSettingsError as error:
            drawn.info(literal(str(error)))
            return
    with drawn.container():
        _show(subjects, made)


def _explain(drawn: Any, subject: Subject, number: int, total: int) -> ExplainedFace:
    def tell(done: int) -> None:
        drawn.progress(
            (number - 1) / total, text=f"Explaining frame {number} of {total}: {done:,} variants of the face judged"
        )

    def wait(num_before: int) -> None:
        drawn.progress((number - 1) / total, text=waiting_words("explanation", num_before))

    with line_of("explanation").turn(wait):
        *_, made = refine(subject, tell)
    return made


def _show(subjects: list[Subject], made: list[ExplainedFace]) -> None:
    from deepfake.explain.average import average_maps
    from deepfake.explain.wording import CAVEAT, describe_average
    from deepfake.reports.overlay import draw_map, upscaled

    clear = [
        (one.explanation, subject.landmarks)
        for subject, one in zip(subjects, made, strict=True)
        if one.explanation.is_stable
    ]
    if not clear:
        st.info(f"None of these {len(made)} frames has a clear explanation, so there is nothing to average.")
        return
    average = average_maps(clear)
    said = describe_average(average, num_tried=len(made))
    left, right = st.columns(2)
    left.image(
        encode(upscaled(average.crop)),
        alt="The person in the most suspicious of these frames",
        caption="The most suspicious of these frames",
        width="stretch",
    )
    right.image(
        encode(draw_map(average.crop, average.weights)),
        alt=f"The same face with the average of {average.num_frames} maps over it. {said}",
        caption=f"Average of {average.num_frames} maps",
        width="stretch",
    )
    st.html(weight_scale(float(abs(average.weights).max())))
    st.markdown(said)
    st.markdown(f"**{CAVEAT}**")
