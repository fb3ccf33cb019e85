"""From a crop to its explanation: cut, painted over, weighed again and again until the ranking holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

from deepfake.explain.agreement import FLAT, measure_agreement
from deepfake.explain.base import Draw, Explainer, Explanation, ExplanationSettings
from deepfake.explain.baselines import BASELINES
from deepfake.explain.lime import LimeExplainer
from deepfake.explain.occlusion import OcclusionExplainer
from deepfake.explain.perturbed import PerturbedFace, Probabilities
from deepfake.explain.rise import RiseExplainer
from deepfake.explain.segments import segment_face
from deepfake.media.crops import resize_square
from deepfake.media.faces import Point
from deepfake.media.images import RGBImage

MAX_SIDE_PX = 512  # SLIC takes 3.3 s at 2,000 px and 0.17 s here
EXPLAINERS: dict[str, type[Explainer]] = {
    "lime": LimeExplainer,
    "occlusion": OcclusionExplainer,
    "rise": RiseExplainer,
}


def perturb_face(
    crop: RGBImage,
    probabilities: Probabilities,
    *,
    side_px: int,
    settings: ExplanationSettings,
    landmarks: Sequence[Point] = (),
) -> PerturbedFace:
    """Make a face ready to be explained.

    Args:
        crop: What `crop_face` cut, shape (s, s, 3), uint8.
        probabilities: Model inputs (n, side, side, 3), float32 0..255 -> P(fake) (n,).
        side_px: The model's input size.
        settings: How it is cut and what hides it.
        landmarks: As `points_in_crop` gives them; face parts alone need them.

    Raises:
        ExplanationSettingsError: Face parts are wanted and there are no landmarks.
    """
    if crop.shape[0] > MAX_SIDE_PX:
        crop = np.rint(resize_square(crop, MAX_SIDE_PX)).astype(np.uint8)
    segments = segment_face(crop, settings.num_segments, kind=settings.segmentation, landmarks=landmarks)
    baseline = BASELINES[settings.baseline](crop, segments)
    return PerturbedFace(crop, segments, baseline, probabilities, side_px=side_px)


def explain(face: PerturbedFace, settings: ExplanationSettings) -> Explanation:
    """Explain the calibrated probability of one face; as `refine`, to its end."""
    return deque(refine(face, settings), maxlen=1).pop()


def refine(face: PerturbedFace, settings: ExplanationSettings) -> Iterator[Explanation]:
    """Explain the calibrated probability of one face, better with each repeat.

    Args:
        face: From `perturb_face`, or made by hand.
        settings: How thoroughly, and by which method.

    Yields:
        What is known after each repeat: first an unchecked map, at the end one that `is_final`, because the ranking
        of the leading segments holds or the limit of repeats is reached.
    """
    make = EXPLAINERS[settings.method]
    draws: list[Draw] = []
    while True:
        draws.append(make(face, seed=settings.seed + len(draws)).weigh(settings.samples_per_repeat))
        explanation = _summarize(face, draws, settings, is_random=make.is_random)
        yield explanation
        if explanation.is_final:
            return


def _summarize(
    face: PerturbedFace, draws: Sequence[Draw], settings: ExplanationSettings, *, is_random: bool
) -> Explanation:
    weights = np.stack([draw.weights for draw in draws])
    weights[np.abs(weights) < FLAT] = 0.0
    fidelities = [draw.fidelity for draw in draws if draw.fidelity is not None]
    compared = weights if is_random else np.repeat(weights, 2, axis=0)  # another seed would give the same
    agreement = measure_agreement(compared) if len(compared) > 1 else None
    holds = agreement is not None and agreement.holds
    return Explanation(
        crop=face.crop,
        segments=face.segments,
        weights=weights.mean(axis=0),
        probability=face.probability,
        fidelity=float(np.mean(fidelities)) if fidelities else None,
        agreement=agreement,
        num_repeats=len(draws),
        num_samples=sum(draw.num_samples for draw in draws),
        is_final=not is_random or holds or len(draws) == settings.max_repeats,
        settings=settings,
    )
