"""The part "Why": which areas of a face, of a picture or of a clip's frame, led to its probability."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.areas import describe_areas
from deepfake.app.markup import weight_scale
from deepfake.app.options import SAMPLES_KEY, ExplanationOptions
from deepfake.app.results import ExplainedFace, Inspection, Upload, explain, recall_explanation

if TYPE_CHECKING:
    from deepfake.classifier.card import Card
    from deepfake.media.images import RGBImage

_CAVEAT = "These are areas the model relied on, not proof of tampering."


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A face to be explained.

    Attributes:
        upload: The file it is in.
        card: Of the model.
        options: How thoroughly.
        part: Which face of the file; sets it apart from the file's others.
        crop: The face, as `crop_face` cut it.
        whose: "face 2", or "the face".
    """

    upload: Upload
    card: Card
    options: ExplanationOptions
    part: Hashable
    crop: RGBImage
    whose: str


def show_why(
    upload: Upload, card: Card, options: ExplanationOptions, inspection: Inspection, *, key: str
) -> list[Callable[[], None]]:
    """Show the explanation of one face of a picture, or keep its place.

    Returns:
        What makes the explanation and fills its place; nothing if it stands already.
    """
    st.markdown("#### Why")
    face = _choose_face(inspection, key)
    faces = inspection.analysis.faces
    whose = f"face {face + 1}" if len(faces) > 1 else "the face"
    return show_subject(
        Subject(upload=upload, card=card, options=options, part=face, crop=faces[face].crop, whose=whose)
    )


def show_subject(subject: Subject) -> list[Callable[[], None]]:
    """Show an explanation, or keep its place.

    Returns:
        What makes the explanation and fills its place; nothing if it stands already.
    """
    place = st.empty()
    known = recall(subject)
    if known is not None:
        with place.container():
            _show(known, subject)
        return []
    place.progress(0.0, text=_PROGRESS)
    return [partial(_make, place, subject)]


def recall(subject: Subject) -> ExplainedFace | None:
    """The explanation, if it was made before."""
    return recall_explanation(subject.upload, subject.card, subject.part, subject.options)


def show_numbers(upload: Upload, card: Card, options: ExplanationOptions, parts: Mapping[Hashable, str]) -> None:
    """The figures of the explanations made so far, for experts.

    Args:
        upload: The file.
        card: Of the model.
        options: How thoroughly.
        parts: What each part of the file is called.
    """
    for part, name in parts.items():
        known = recall_explanation(upload, card, part, options)
        if known is None:
            continue
        made = known.explanation
        assert made.fidelity is not None and made.agreement is not None  # LIME, to its end
        st.markdown(
            f"Explanation of {name}: LIME, {len(made.weights)} segments, {made.num_samples} samples in "
            f"{made.num_repeats} repeats, seed {made.settings.seed} · fidelity (weighted R²) "
            f"{made.fidelity:.2f} · agreement of the repeats (rank correlation) {made.agreement.rank_correlation:.2f}, "
            f"of their five leading areas {made.agreement.top_overlap:.2f} · strongest weight "
            f"{abs(made.weights).max():.4f} · {known.seconds:.1f} s"
        )


_PROGRESS = "Looking for the areas that led to this verdict"


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


def _make(place: Any, subject: Subject) -> None:
    def on_progress(done: int, total: int) -> None:
        place.progress(done / total, text=f"{_PROGRESS}: {done:,} of {total:,} variants of the face judged")

    made = explain(subject.upload, subject.card, subject.part, subject.options, subject.crop, on_progress)
    with place.container():
        _show(made, subject)


def _show(made: ExplainedFace, subject: Subject) -> None:
    explanation, whose = made.explanation, subject.whose
    if explanation.is_flat:
        _show_crop_beside(
            made, whose, "No area of this face had any influence on the result, so there is no map to show."
        )
        return
    if not explanation.is_stable:
        _show_crop_beside(
            made,
            whose,
            "No clear explanation: when the analysis was repeated, it pointed to other areas each time. A map would "
            "mislead, so none is drawn.",
        )
        _offer_more_samples(subject)
        return
    areas = describe_areas(explanation.segments, explanation.weights, made.leading)
    left, right = st.columns(2)
    with left:
        st.image(
            made.crop, alt=f"The crop of {whose} that was judged", width="stretch", caption="The face that was judged"
        )
    with right:
        st.image(
            made.overlay,
            alt=f"The same crop with the areas marked that led to the result. {' '.join(areas)}",
            width="stretch",
            caption="What led to the result",
        )
    strongest = float(abs(explanation.weights).max())
    scale, text = st.columns(2)
    with scale:
        st.html(weight_scale(strongest))
    with text:
        st.markdown("\n".join(f"{number}. {area}" for number, area in enumerate(areas, start=1)))
    st.markdown(
        f"**{_CAVEAT}** The face was cut into {len(explanation.weights)} areas; hiding them in many combinations shows "
        "how much each one moves the model's probability of manipulation."
    )


def _show_crop_beside(made: ExplainedFace, whose: str, sentence: str) -> None:
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.image(
        made.crop, alt=f"The crop of {whose} that was judged", width="stretch", caption="The face that was judged"
    )
    right.info(sentence)


def _offer_more_samples(subject: Subject) -> None:
    more = subject.options.more_thorough()
    if more is not None:
        st.button(
            f"Try again with {more.num_samples:,} samples",
            on_click=_set_samples,
            args=(more.num_samples,),
            icon=":material/replay:",
        )


def _set_samples(num_samples: int) -> None:
    st.session_state[SAMPLES_KEY] = num_samples
