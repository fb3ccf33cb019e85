"""The part "Why": which areas of a face, of a picture or of a clip's frame, led to its probability."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.charts import show_chart
from deepfake.app.explanations import ExplainedFace, Subject, recall, recall_part, refine
from deepfake.app.markup import weight_scale
from deepfake.app.options import METHODS, SAMPLES_KEY, SEGMENTATIONS
from deepfake.app.place import Place
from deepfake.app.tables import Cell, show_rows
from deepfake.app.turns import line_of, waiting_words
from deepfake.app.wording import literal
from deepfake.errors import ExplanationSettingsError
from deepfake.media.crops import points_in_crop
from deepfake.phrases import percent, points

if TYPE_CHECKING:
    from deepfake.app.results import Inspection
    from deepfake.explain.base import Explanation
    from deepfake.explain.checks import DeletionCheck
    from deepfake.explain.wording import Area

_FIRST_LOOK = "First look, being checked: it may still change"
_REFINING = "Checked once, being refined: it may still change a little"
_NOT_CLEAR_YET = "Not clear so far: repeated, the analysis points to other areas. It goes on."
_STEPS_PERCENT = range(0, 101, 10)


def show_why(place: Place, inspection: Inspection) -> list[Callable[[], None]]:
    """Show the explanation of one face of a picture, or keep its place.

    Returns:
        What makes the explanation and fills its place; nothing if it stands already.
    """
    st.markdown("#### Why")
    number = _choose_face(inspection, place.key)
    faces = inspection.analysis.faces
    chosen = faces[number]
    margin = place.card.crop.margin
    return show_subject(
        Subject(
            upload=place.upload,
            card=place.card,
            options=place.options.explanation,
            part=number,
            crop=chosen.crop,
            landmarks=points_in_crop(chosen.face.landmarks, chosen.face.box, margin=margin),
            quality=chosen.quality,
            whose=f"face {number + 1}" if len(faces) > 1 else "the face",
            key=place.key,
        )
    )


def show_subject(subject: Subject) -> list[Callable[[], None]]:
    """Show an explanation, or keep its place.

    Returns:
        What makes the explanation and fills its place; nothing if it stands already.
    """
    pictures, below = st.empty(), st.empty()
    known = recall(subject)
    if known is not None:
        _show(known, subject, pictures, below)
        return []
    _show_progress(below, 0, subject)
    return [partial(_make, pictures, below, subject)]


def show_numbers(place: Place, parts: Mapping[Hashable, str]) -> None:
    """The figures of the explanations made so far, for experts.

    Args:
        place: Of the file.
        parts: What each part of the file is called.
    """
    for part, name in parts.items():
        known = recall_part(place.upload, place.card, part, place.options.explanation)
        if known is None:
            continue
        made = known.explanation
        assert made.agreement is not None  # made to its end
        settings = made.settings
        facts = [
            f"Explanation of {name}: {METHODS[settings.method]}, {SEGMENTATIONS[settings.segmentation]}",
            f"{len(made.weights)} segments, {made.num_samples} samples in {made.num_repeats} repeats, seed "
            f"{settings.seed}",
            "" if made.fidelity is None else f"fidelity (weighted R²) {made.fidelity:.2f}",
            f"agreement of the repeats (rank correlation) {made.agreement.rank_correlation:.2f}, of their five leading "
            f"areas {made.agreement.top_overlap:.2f}",
            f"strongest weight {abs(made.weights).max():.4f}",
            f"{known.seconds:.1f} s",
        ]
        st.markdown(" · ".join(filter(None, facts)))


def _choose_face(inspection: Inspection, key: str) -> int:
    """Which face to explain; at first the one that the file's probability comes from."""
    faces = inspection.analysis.faces
    if len(faces) == 1:
        return 0
    overall = inspection.analysis.verdict.probability
    telling = next((n for n, face in enumerate(faces) if face.verdict.probability == overall), 0)
    chosen = st.pills(
        "Which face?",
        range(len(faces)),
        default=telling,
        format_func=lambda position: f"Face {position + 1}",
        required=True,
        key=f"face-{key}",
    )
    return telling if chosen is None else chosen


def _make(pictures: Any, below: Any, subject: Subject) -> None:
    """Draw one map after the other over a bar, and in the end all that was found."""
    try:
        with line_of("explanation").turn(partial(_show_waiting, below)):
            for made in refine(subject, partial(_show_progress, below, subject=subject)):
                if made.account is not None:
                    _show(made, subject, pictures, below)
                else:
                    _show_so_far(made, subject.whose, pictures)
    except ExplanationSettingsError as error:
        below.info(literal(str(error)))


def _show_waiting(below: Any, num_before: int) -> None:
    below.progress(0.0, text=waiting_words("explanation", num_before))


def _show_progress(below: Any, done: int, subject: Subject) -> None:
    most = 4 * subject.options.num_samples
    said = "Looking for the areas that led to this result"
    if done:
        said = f"{said}: {done:,} variants of the face judged, of about {most:,} at the most"
    below.progress(min(1.0, done / most), text=said)


def _show_so_far(made: ExplainedFace, whose: str, pictures: Any) -> None:
    explanation = made.explanation
    if explanation.is_flat:
        return
    with pictures.container():
        if explanation.agreement is not None and not explanation.is_stable:
            _show_crop_beside(made, whose, _NOT_CLEAR_YET)
        else:
            caption = _FIRST_LOOK if explanation.agreement is None else _REFINING
            _show_pictures(made, whose, made.overlay(), caption)


def _show(made: ExplainedFace, subject: Subject, pictures: Any, below: Any) -> None:
    """The finished explanation, where its forerunners stood."""
    explanation, account = made.explanation, made.account
    assert account is not None
    if explanation.is_flat or not explanation.is_stable:
        with pictures.container():
            _show_crop_beside(made, subject.whose, account.rests_on)
        with below.container():
            _offer_more_samples(subject, explanation)
        return
    strength_key = f"strength-{subject.key}"
    st.session_state.setdefault(strength_key, 100)
    with pictures.container():
        _show_pictures(made, subject.whose, made.overlay(st.session_state[strength_key]), "What led to the result")
    with below.container():
        scale, slider = st.columns(2)
        with scale:
            st.html(weight_scale(float(abs(explanation.weights).max()), any_hatched=bool(explanation.disputed.any())))
        with slider:
            st.select_slider(
                "Strength of the colors (0: the face with outlines alone)",
                _STEPS_PERCENT,
                format_func=lambda share: f"{share} %",
                key=strength_key,
            )
        if made.areas:
            _show_areas(made.areas, subject.key)
        _show_account(made)
        if made.check is not None:
            _show_hiding(made.check, subject)


def _show_pictures(made: ExplainedFace, whose: str, overlay: bytes, caption: str) -> None:
    left, right = st.columns(2)
    left.image(
        made.crop, alt=f"The crop of {whose} that was judged", width="stretch", caption="The face that was judged"
    )
    areas = " ".join(f"{area.number}: {area.place}, {area.direction}." for area in made.areas)
    right.image(
        overlay,
        alt=f"The same crop with the areas marked that led to the result. {areas}".rstrip(),
        width="stretch",
        caption=caption,
    )


def _show_areas(areas: tuple[Area, ...], key: str) -> None:
    rows: list[dict[str, Cell]] = [
        {
            "Area": area.number,
            "Where": area.place[:1].upper() + area.place[1:],
            "Pushes": f"{'● orange' if area.weight > 0 else '■ blue'}, {area.direction}",
            "By": points(area.weight),
        }
        for area in areas
    ]
    show_rows(f"areas-{key}", rows)
    st.caption("Left and right are as seen in the picture.")


def _show_account(made: ExplainedFace) -> None:
    from deepfake.explain.wording import CAVEAT

    account = made.account
    assert account is not None
    for sentence in (account.rests_on, account.tried, account.firmness):
        if sentence:
            st.markdown(sentence)
    if account.cautions:
        st.markdown(f"**What could mislead here.** {' '.join(account.cautions)}")
    st.markdown(f"**{CAVEAT}**")


def _show_hiding(check: DeletionCheck, subject: Subject) -> None:
    """The test by hiding, step by step, in a fold."""
    with st.expander(
        "How firm this is: hiding more and more of the face", key=f"hiding-{subject.key}", on_change="rerun"
    ) as box:
        if not box.open:
            return
        st.markdown(
            "Areas are hidden one after the other, each painted in its own mean color, and the face is judged again "
            f"after each step. Blue: those first that push most {_side_of(check)}. Orange: in "
            f"{len(check.random_curves)} random orders, their mean and, shaded, their range. **The more the blue line "
            "leaves the orange one, the more the result hangs on the marked areas.**"
        )
        from deepfake.reports.figures import draw_hiding

        def draw(palette: Any) -> Any:
            return draw_hiding(check.curve, check.random_curves, palette=palette)

        show_chart(f"hiding-{hash(subject.identity)}", draw, alt=_describe_hiding(check))


def _side_of(check: DeletionCheck) -> str:
    from deepfake.explain.wording import TOWARDS_FAKE, TOWARDS_REAL

    return TOWARDS_FAKE if check.towards_fake else TOWARDS_REAL


def _describe_hiding(check: DeletionCheck) -> str:
    """The chart in words."""
    steps = [
        f"{percent(float(share))} hidden: {percent(float(value))}"
        for share, value in zip(check.curve.shares[1:], check.curve.probabilities[1:], strict=True)
    ]
    random = sum(curve.area for curve in check.random_curves) / len(check.random_curves)
    return (
        f"The probability of manipulation while more of the face is hidden, from {percent(check.probability)}. "
        f"Marked areas first: {'; '.join(steps)}. Mean along the way: {percent(check.curve.area)}; in random orders "
        f"{percent(random)}."
    )


def _show_crop_beside(made: ExplainedFace, whose: str, sentence: str) -> None:
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.image(
        made.crop, alt=f"The crop of {whose} that was judged", width="stretch", caption="The face that was judged"
    )
    right.info(sentence)


def _offer_more_samples(subject: Subject, explanation: Explanation) -> None:
    more = subject.options.more_thorough()
    if more is not None and not explanation.is_flat:
        st.button(
            f"Try again with {more.num_samples:,} samples",
            key=f"more-{subject.key}",
            on_click=_set_samples,
            args=(more.num_samples,),
            icon=":material/replay:",
        )


def _set_samples(num_samples: int) -> None:
    st.session_state[SAMPLES_KEY] = num_samples
