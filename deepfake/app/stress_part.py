"""The stress test on the page: does the result hold when the picture is saved again, shrunk or blurred?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.markup import StressRow, stress_table
from deepfake.app.models import get_classifier, model_identity
from deepfake.app.place import PendingExplanation, Place
from deepfake.app.results import STRESS_TESTS, Inspection, Upload
from deepfake.app.turns import line_of, waiting_words
from deepfake.app.wording import literal
from deepfake.errors import InputError
from deepfake.phrases import count_of, counted, percent
from deepfake.verdicts import FAKE, REAL, UNCERTAIN, fake_limit, unfit_reasons

if TYPE_CHECKING:
    from deepfake.app.clip_job import ClipInspection
    from deepfake.classifier.card import Card
    from deepfake.classifier.classifier import Classifier
    from deepfake.explain.stress import StressTest

_TITLE = "Does the result hold when the picture is saved again, shrunk or blurred?"
_CLIP_TITLE = "Does the result hold when the frames are saved again, shrunk or blurred?"
_WAITING = "Judging the same face again after each change …"
_NOT_HEARD = (
    "The verdict above does not listen to this table: it was measured whether holding back verdicts that waver here "
    "would leave fewer wrong ones, and it would not."
)
Band = tuple[float, float]  # up to where a probability is called real, and from where on fake
_Tests = dict[int, "tuple[StressTest, ...]"]  # by number of the face or the person


def show_stress(place: Place, inspection: Inspection) -> list[PendingExplanation]:
    """Offer the stress test of a picture's faces; it is made when it is asked for.

    Returns:
        What makes it and fills its place; nothing if it stands, or was not asked for.
    """
    faces, rules = inspection.analysis.faces, place.card.rules
    boxes = {n: one.face.box for n, one in enumerate(faces, start=1) if not unfit_reasons(one.quality, rules)}
    if not boxes:
        return []
    band = rules.band_low, fake_limit(rules, len(boxes))

    def make(classifier: Classifier) -> _Tests:
        from deepfake.stressing import stress_picture

        tests = stress_picture(place.upload.data, list(boxes.values()), classifier)
        return {number: (test,) for number, test in zip(boxes, tests, strict=True)}

    with st.expander(_TITLE, type="compact", key=f"stress-{place.key}", on_change="rerun") as box:
        if not box.open:
            return []
        chosen = _choose(place, {number: f"Face {number}" for number in boxes})
        return _show_or_make(place, None, make, partial(_show, chosen=chosen, band=band))


def show_clip_stress(place: Place, inspection: ClipInspection) -> list[PendingExplanation]:
    """Offer the stress test of a clip's people, in their most suspicious frames.

    Returns:
        As `show_stress`.
    """
    people = [person for person in inspection.analysis.people if person.is_judged]
    frames_per_second = place.options.frames_per_second
    if not people:
        return []

    def make(classifier: Classifier) -> _Tests:
        from deepfake.analysis import MAX_FRAMES
        from deepfake.media.clips import Sampling
        from deepfake.stressing import stress_people

        sampling = Sampling(per_second=frames_per_second, max_frames=MAX_FRAMES)
        return stress_people(place.upload.data, people, classifier, sampling)

    with st.expander(_CLIP_TITLE, type="compact", key=f"stress-{place.key}", on_change="rerun") as box:
        if not box.open:
            return []
        chosen = _choose(place, {person.number: f"Person {person.number}" for person in people})
        band = place.card.rules.band_low, place.card.rules.band_high  # of single frames
        return _show_or_make(place, frames_per_second, make, partial(_show, chosen=chosen, band=band, is_clip=True))


def stress_of(upload: Upload, card: Card, frames_per_second: float | None) -> Callable[[], dict[int, StressTest]]:
    """The tests made of a file by then, whenever the answer is asked for; it needs no session.

    Args:
        upload: The file.
        card: Of the model.
        frames_per_second: So many frames of a clip were judged; None for a picture.

    Returns:
        What gives them by number of the face or person; of several frames, the mean.
    """
    made: dict[Hashable, _Tests | str] = st.session_state.setdefault(STRESS_TESTS, {})
    key = _key(upload, card, frames_per_second)

    def answer() -> dict[int, StressTest]:
        from deepfake.explain.stress import mean_test

        known = made.get(key, {})
        return {} if isinstance(known, str) else {number: mean_test(tests) for number, tests in known.items() if tests}

    return answer


def _key(upload: Upload, card: Card, frames_per_second: float | None) -> Hashable:
    return upload.sha256, model_identity(card), frames_per_second


def _choose(place: Place, names: dict[int, str]) -> int:
    """Whose test is shown."""
    first = next(iter(names))
    if len(names) == 1:
        return first
    chosen = st.pills(
        "Whose?",
        list(names),
        default=first,
        format_func=lambda number: names[number],
        required=True,
        key=f"stressed-{place.key}",
    )
    return first if chosen is None else chosen


def _show_or_make(
    place: Place,
    frames_per_second: float | None,
    make: Callable[[Classifier], _Tests],
    show: Callable[[_Tests | str], None],
) -> list[PendingExplanation]:
    """Show the tests of a file, or keep their place until all else stands."""
    known: dict[Hashable, _Tests | str] = st.session_state.setdefault(STRESS_TESTS, {})
    key = _key(place.upload, place.card, frames_per_second)
    shown = st.empty()
    if key in known:
        with shown.container():
            show(known[key])
        return []
    shown.caption(_WAITING)

    def work() -> None:
        try:
            with line_of("stress test").turn(partial(_show_waiting, shown)):
                shown.caption(_WAITING)
                known[key] = make(get_classifier(place.card))
        except InputError as error:
            known[key] = str(error)
        with shown.container():
            show(known[key])

    return [work]


def _show_waiting(shown: Any, num_before: int) -> None:
    shown.caption(waiting_words("stress test", num_before))


def _show(made: _Tests | str, *, chosen: int, band: Band, is_clip: bool = False) -> None:
    if isinstance(made, str):
        st.info(literal(made))
        return
    tests = made.get(chosen, ())
    if not tests:
        st.info("The frames could not be decoded a second time.")
        return
    from deepfake.explain.stress import CHANGES, mean_test

    test = mean_test(tests)
    values = [("As it is", test.probability), *((CHANGES[one.change], one.probability) for one in test.trials)]
    rows = [StressRow(name=name, probability=value, kind=_kind(value, band)) for name, value in values]
    st.markdown(describe(rows, num_frames=len(tests) if is_clip else None))
    st.html(stress_table("The probability of manipulation after each change", rows, band))
    st.caption(_NOT_HEARD)


def describe(rows: Sequence[StressRow], *, num_frames: int | None = None) -> str:
    """What came of it, in sentences.

    Args:
        rows: First the face as it is.
        num_frames: Over how many frames of a clip it is the mean; None for a picture.
    """
    as_it_is, *changed = rows
    values = [row.probability for row in changed]
    num_others = sum(row.kind != as_it_is.kind for row in changed)
    whose = (
        "The same face was"
        if num_frames is None
        else f"The same face, in the {counted(num_frames, 'frame')} in which it looks most suspicious, was"
    )
    came = (
        f"After {num_others} of {count_of(len(changed), 'change')} the answer would be another one."
        if num_others
        else "None of the changes would turn the answer."
    )
    return (
        f"{whose} judged again after changes that pictures go through on their way from phone to phone. "
        f"As it is, the model says {percent(as_it_is.probability)} for manipulated; after the changes, "
        f"{percent(min(values))} to {percent(max(values))}. **{came}**"
    )


def _kind(probability: float, band: Band) -> str:
    low, high = band
    if probability >= high:
        return FAKE
    return REAL if probability <= low else UNCERTAIN
