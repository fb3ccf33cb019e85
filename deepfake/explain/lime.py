"""LIME for one face: which areas push the probability towards fake, and which away from it.

Ribeiro, Singh and Guestrin, "Why should I trust you? Explaining the predictions of any classifier", KDD 2016.

Resizing is linear, so the model input of any perturbation is the resized baseline plus the sum of the resized
differences of the segments that are on: all inputs are one matrix product, instead of a copy and a resize each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from lime.lime_image import LimeImageExplainer
from scipy.stats import spearmanr

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.segments import Segments, segment_face
from deepfake.media.crops import Crops, resize_square
from deepfake.media.images import RGBImage

Probabilities = Callable[[Crops], npt.NDArray[np.float64]]  # (n, side, side, 3) -> (n,)
_MAX_SIDE_PX = 512  # SLIC takes 3.3 s at 2,000 px and 0.17 s here
_BLOCK = 128
_FLAT = 1e-6  # weights below this are rounding, not influence
_MINOR = 0.05  # of the largest: the rank order of weights below this is chance, and says nothing of stability


@dataclass(frozen=True, slots=True, kw_only=True)
class LimeSettings:
    """How an explanation is made; stored in the result.

    Attributes:
        num_segments: About so many superpixels.
        num_samples: Perturbations a repeat; at least 10 a segment.
        num_repeats: Independent draws that are averaged and compared.
        seed: Of the first repeat; the others follow it.
    """

    num_segments: int = 40
    num_samples: int = 400
    num_repeats: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.num_segments < 2 or self.num_repeats < 1 or self.num_samples < 10 * self.num_segments:
            raise ExplanationSettingsError(
                f"An explanation needs at least 2 segments, 1 repeat and 10 samples a segment. Received: {self}. "
                f"For {self.num_segments} segments ask for {10 * max(2, self.num_segments)} samples."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a probability rests on.

    Attributes:
        crop: The face explained, shape (s, s, 3), uint8, s at most 512.
        segments: Label map, shape (s, s), 0..n-1.
        weights: Shape (n,): what a segment adds to the probability; positive is towards fake. Mean of the repeats.
        probability: Of the crop, 0..1.
        fidelity: Weighted R2 of the linear surrogate, mean of the repeats; at most 1.
        agreement: Mean rank correlation of the repeats' weights, -1..1, those under 5 % of the largest taken as 0;
            1 where nothing has any influence.
        sign_agreement: Shape (n,): whether all repeats give a segment the same sign.
        settings: How it was made.
    """

    crop: RGBImage
    segments: Segments
    weights: npt.NDArray[np.float64]
    probability: float
    fidelity: float
    agreement: float
    sign_agreement: npt.NDArray[np.bool_]
    settings: LimeSettings

    @property
    def is_flat(self) -> bool:
        """Whether no area has any influence."""
        return bool(np.abs(self.weights).max(initial=0.0) < _FLAT)

    @property
    def is_stable(self) -> bool:
        """Whether repeats agree enough for a map to mean something."""
        return self.agreement >= 0.6

    @property
    def agreed_weights(self) -> npt.NDArray[np.float64]:
        """Weights to paint, shape (n,): 0 where the repeats do not agree on the sign."""
        return np.where(self.sign_agreement, self.weights, 0.0)

    def leading(self, count: int) -> list[int]:
        """The segments of greatest influence either way whose sign the repeats agree on, strongest first."""
        order = np.argsort(-np.abs(self.weights))
        return [int(i) for i in order if self.sign_agreement[i] and abs(self.weights[i]) >= _FLAT][:count]


def explain_face(
    crop: RGBImage,
    probabilities: Probabilities,
    *,
    side_px: int,
    settings: LimeSettings | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Explain the calibrated probability of one face.

    Args:
        crop: What `crop_face` cut, shape (s, s, 3), uint8.
        probabilities: Model inputs (n, side, side, 3), float32 0..255 -> P(fake) (n,).
        side_px: The model's input size.
        settings: How thoroughly.
        on_progress: Called with (repeats done, repeats in all).
    """
    settings = settings or LimeSettings()
    if crop.shape[0] > _MAX_SIDE_PX:
        crop = np.rint(resize_square(crop, _MAX_SIDE_PX)).astype(np.uint8)
    segments = segment_face(crop, settings.num_segments)
    repeats = []
    for number in range(settings.num_repeats):
        repeats.append(_explain_once(crop, segments, probabilities, side_px, settings, settings.seed + number))
        if on_progress is not None:
            on_progress(number + 1, settings.num_repeats)
    weights = np.stack([one.weights for one in repeats])
    return Explanation(
        crop=crop,
        segments=segments,
        weights=weights.mean(axis=0),
        probability=float(probabilities(resize_square(crop, side_px)[None])[0]),
        fidelity=float(np.mean([one.fidelity for one in repeats])),
        agreement=_agreement(weights),
        sign_agreement=np.asarray(np.abs(np.sign(weights).sum(axis=0)) == len(weights)),
        settings=settings,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repeat:
    weights: npt.NDArray[np.float64]
    fidelity: float


def _explain_once(
    crop: RGBImage, segments: Segments, probabilities: Probabilities, side_px: int, settings: LimeSettings, seed: int
) -> _Repeat:
    explainer = LinearLimeExplainer(side_px=side_px, random_state=seed)  # a fresh one each: its state moves on
    explained = explainer.explain_instance(
        crop.astype(np.float32),  # the baseline must not be rounded
        lambda inputs: probabilities(inputs)[:, None],
        labels=(0,),  # the one column: P(fake)
        top_labels=None,
        num_samples=settings.num_samples,
        batch_size=_BLOCK,
        segmentation_fn=lambda _: segments,
    )
    weights = np.zeros(segments.max() + 1)
    for segment, weight in explained.local_exp[0]:
        weights[segment] = weight
    weights[np.abs(weights) < _FLAT] = 0.0
    return _Repeat(weights=weights, fidelity=float(explained.score))


def _agreement(weights: npt.NDArray[np.float64]) -> float:
    if len(weights) < 2 or np.all(np.ptp(weights, axis=1) < _FLAT):
        return 1.0
    largest = np.abs(weights).max(axis=1, keepdims=True)
    weights = np.where(np.abs(weights) < _MINOR * largest, 0.0, weights)
    correlations = [spearmanr(weights[i], weights[j]).statistic for i, j in combinations(range(len(weights)), 2)]
    return float(np.mean(np.nan_to_num(correlations)))


class LinearLimeExplainer(LimeImageExplainer):  # type: ignore[misc]
    """lime's image explainer, its neighborhood made by a matrix product at the model's input size.

    Same segments, seed and samples give the stock library's coefficients.
    """

    def __init__(self, *, side_px: int, random_state: int) -> None:
        super().__init__(random_state=random_state)
        self._side_px = side_px

    def data_labels(
        self,
        image: npt.NDArray[np.float32],
        fudged_image: npt.NDArray[np.float32],
        segments: Segments,
        classifier_fn: Callable[[Crops], npt.NDArray[np.float64]],
        num_samples: int,
        batch_size: int = _BLOCK,
        **_: Any,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Draw perturbations and judge them; arguments and result as in lime."""
        num_segments = int(segments.max()) + 1
        samples = self.random_state.randint(0, 2, num_samples * num_segments).reshape((num_samples, num_segments))
        samples[0, :] = 1
        baseline = resize_square(fudged_image, self._side_px)
        differences = np.stack(
            [
                resize_square(np.where((segments == i)[..., None], image - fudged_image, 0), self._side_px)
                for i in range(num_segments)
            ]
        ).reshape(num_segments, -1)
        labels = []
        for start in range(0, num_samples, batch_size):
            block = samples[start : start + batch_size].astype(np.float32)
            inputs = baseline[None] + (block @ differences).reshape(-1, *baseline.shape)
            labels.append(classifier_fn(inputs))
        return samples, np.concatenate(labels)
