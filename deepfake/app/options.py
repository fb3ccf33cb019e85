"""How thoroughly clips are judged and explanations made, as chosen in the sidebar."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

SAMPLES_KEY = "num_samples"
FRAMES_KEY = "frames_per_second"
METHOD_KEY, SEGMENTATION_KEY = "method", "segmentation"
MAX_SAMPLES = 4000
_MIN_SAMPLES_PER_SEGMENT = 10
METHODS = {
    "lime": "Many at once (LIME)",
    "occlusion": "One by one (occlusion)",
    "rise": "Random halves (RISE)",
}
SEGMENTATIONS = {
    "slic": "Patches of like color (superpixels)",
    "quickshift": "Shapes of like color (quickshift)",
    "face-parts": "Parts of the face",
}
_FRAMES_PER_SECOND = 3  # as in `analysis.py`, which takes long to import


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationOptions:
    """Defaults as in `explain.base.ExplanationSettings`, which takes long to import.

    Attributes:
        method: How areas are weighed.
        segmentation: How the face is cut into areas.
        num_segments: About so many areas.
        num_samples: Variants of the face judged at the least; up to four times as many where the map does not settle.
        seed: Of the random variants.
    """

    method: str = "lime"
    segmentation: str = "slic"
    num_segments: int = 40
    num_samples: int = 400
    seed: int = 0

    def more_thorough(self) -> ExplanationOptions | None:
        """With four times the samples, as far as the page goes; None at its end."""
        if self.num_samples >= MAX_SAMPLES:
            return None
        return replace(self, num_samples=min(MAX_SAMPLES, 4 * self.num_samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All that is chosen under "Advanced".

    Attributes:
        explanation: How thoroughly explanations are made.
        frames_per_second: So many frames of each second of a clip are judged.
    """

    explanation: ExplanationOptions
    frames_per_second: float


def choose_options() -> Options:
    """Ask in the sidebar."""
    defaults = ExplanationOptions()
    st.session_state.setdefault(SAMPLES_KEY, defaults.num_samples)
    with st.expander("Advanced", icon=":material/tune:"):
        frames_per_second = st.slider(
            "Frames a second",
            1,
            10,
            _FRAMES_PER_SECOND,
            key=FRAMES_KEY,
            help="How many frames of each second of a clip are judged. More take longer and show shorter changes.",
        )
        method = st.selectbox(
            "How areas are weighed",
            list(METHODS),
            format_func=METHODS.__getitem__,
            key=METHOD_KEY,
            help="LIME hides many areas at once, in many combinations, and works out what each one adds. Occlusion "
            "hides one area after the other: simple, but it misses what two areas both show. RISE hides random halves "
            "of the face and compares averages. Where they agree, trust the map more.",
        )
        segmentation = st.selectbox(
            "How the face is cut",
            list(SEGMENTATIONS),
            format_func=SEGMENTATIONS.__getitem__,
            key=SEGMENTATION_KEY,
            help="Superpixels are patches of about the same size that follow colors and edges. Quickshift finds areas "
            "of any size and shape. Parts of the face are eyes, nose, mouth, cheeks and so on; then “Segments” does "
            "not matter.",
        )
        num_samples = st.slider(
            "Samples",
            200,
            MAX_SAMPLES,
            step=100,
            key=SAMPLES_KEY,
            help="How many variants of a face, with areas hidden at random, are judged to explain it. More take "
            "longer and make a steadier map.",
        )
        num_segments = st.slider(
            "Segments", 10, 100, defaults.num_segments, step=5, help="Into about how many areas a face is cut."
        )
        seed = st.number_input(
            "Seed", 0, 2**31 - 2, defaults.seed, help="The same seed draws the same variants, and gives the same map."
        )
        least = _MIN_SAMPLES_PER_SEGMENT * num_segments
        if num_samples < least:
            st.caption(f"{num_segments} segments need at least {least} samples, so {least} are drawn.")
    explanation = ExplanationOptions(
        method=method,
        segmentation=segmentation,
        num_segments=num_segments,
        num_samples=max(num_samples, least),
        seed=int(seed),
    )
    return Options(explanation=explanation, frames_per_second=float(frames_per_second))
