"""The same face again after what happens to pictures on their way: does the probability hold?

A picture is saved again, shrunk, sent on. Where that alone moves the probability far, it says little about the face.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from deepfake.classifier.classifier import Classifier
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.faces import Box
from deepfake.media.images import RGBImage, recompress, shrink

# What is done to the picture, and how a person would say it; in the order in which it is shown.
CHANGES = {
    "jpeg_quality_90": "Saved as JPEG, quality 90",
    "jpeg_quality_70": "Saved as JPEG, quality 70",
    "jpeg_quality_50": "Saved as JPEG, quality 50",
    "jpeg_quality_30": "Saved as JPEG, quality 30",
    "half_size": "Shrunk to half its size",
    "quarter_size": "Shrunk to a quarter of its size",
    "blur": "Slightly blurred",
    "noise": "With a little noise",
    "mirror": "Mirrored",
    "wider_crop": "Cut out a little wider",
    "moved_crop": "Cut out a little to the side",
}
_JPEG_QUALITIES = (90, 70, 50, 30)
_FACTORS = (2, 4)
_BLUR_SIGMA = 0.0075  # of the crop's side: a pixel of a crop of 128
_NOISE_SIGMA = 8.0  # of 255
_REFRAMING = 0.05  # of the box's side
_AROUND_PX = 32  # beyond what is cut out, so that its edge is changed as its middle is
_JPEG_BLOCK_PX = 16  # a color block of JPEG covers so many
_BLOCK = 8  # faces judged in one call, each with its variants


@dataclass(frozen=True, slots=True, kw_only=True)
class StressTrial:
    """One change.

    Attributes:
        change: One of `CHANGES`.
        probability: P(fake) after it, calibrated, 0..1.
    """

    change: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StressTest:
    """One face, judged again after each change.

    Attributes:
        probability: P(fake) of the face as it is, calibrated, 0..1.
        trials: In the order of `CHANGES`.
        seed: Of the noise.
    """

    probability: float
    trials: tuple[StressTrial, ...]
    seed: int

    @property
    def lowest(self) -> float:
        """The lowest probability after any change, or of the face as it is."""
        return min(self.probability, *(trial.probability for trial in self.trials))

    @property
    def highest(self) -> float:
        """The highest one."""
        return max(self.probability, *(trial.probability for trial in self.trials))

    def to_dict(self) -> dict[str, Any]:
        """As reports store it."""
        return asdict(self)


def stress_faces(
    picture: RGBImage, boxes: Sequence[Box], classifier: Classifier, *, seed: int = 0
) -> tuple[StressTest, ...]:
    """Judge faces again after each change of their picture; the boxes stay where they are.

    Args:
        picture: As decoded, shape (height, width, 3), uint8.
        boxes: Of the faces, in its pixels.
        classifier: Weights with their card.
        seed: Of the noise, the same for every face.

    Returns:
        One a box.
    """
    tests: list[StressTest] = []
    for start in range(0, len(boxes), _BLOCK):
        inputs = [_inputs(picture, box, classifier, seed) for box in boxes[start : start + _BLOCK]]
        probabilities = classifier.probabilities(np.concatenate(inputs)).reshape(len(inputs), -1)
        tests += [_test(values.tolist(), seed) for values in probabilities]
    return tuple(tests)


def mean_test(tests: Sequence[StressTest]) -> StressTest:
    """Several frames of one person as one: the mean probability before and after each change.

    Args:
        tests: At least one.
    """
    values = np.array([[one.probability, *(trial.probability for trial in one.trials)] for one in tests])
    return _test(values.mean(axis=0).tolist(), tests[0].seed)


def _test(probabilities: Sequence[float], seed: int) -> StressTest:
    as_is, *changed = probabilities
    return StressTest(
        probability=as_is,
        trials=tuple(StressTrial(change=name, probability=one) for name, one in zip(CHANGES, changed, strict=True)),
        seed=seed,
    )


def _inputs(picture: RGBImage, box: Box, classifier: Classifier, seed: int) -> np.ndarray:
    """The face as it is and after each change, shape (1 + changes, side, side, 3)."""
    crop = classifier.card.crop
    around, moved = _surroundings(picture, box, crop.margin)
    crops = [crop_face(picture, box, margin=crop.margin), *variants(around, moved, margin=crop.margin, seed=seed)]
    return np.stack([resize_square(one, crop.side_px) for one in crops])


def variants(picture: RGBImage, box: Box, *, margin: float, seed: int) -> Iterator[RGBImage]:
    """The face's crop after each change, in the order of `CHANGES`.

    Args:
        picture: Shape (height, width, 3), uint8.
        box: Of the face in it.
        margin: As for `crop_face`.
        seed: Of the noise.
    """

    def cut(pixels: RGBImage, at: Box = box, *, wider: float = 0.0) -> RGBImage:
        return crop_face(pixels, at, margin=margin + wider)

    for quality in _JPEG_QUALITIES:
        yield cut(recompress(picture, quality))
    for factor in _FACTORS:
        yield cut(shrink(picture, factor), _shrunk(box, factor))
    sigma = _BLUR_SIGMA * box.side * (1 + 2 * margin)
    yield cut(np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.uint8))
    noise = np.random.default_rng(seed).normal(0, _NOISE_SIGMA, picture.shape)
    yield cut(np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8))
    yield np.ascontiguousarray(cut(picture)[:, ::-1])
    yield cut(picture, wider=_REFRAMING)
    yield cut(picture, _shifted(box, max(1, round(_REFRAMING * box.side)), 0))


def _surroundings(picture: RGBImage, box: Box, margin: float) -> tuple[RGBImage, Box]:
    """The part of a large picture that can matter to a face, and the face's box in it.

    It begins where a block of JPEG does, so that saving it changes the face as saving the whole picture would.
    """
    height, width = picture.shape[:2]
    reach = round(box.side * (1 + max(0.0, margin) + _REFRAMING)) + _AROUND_PX
    x, y = (box.x_min + box.x_max) // 2, (box.y_min + box.y_max) // 2
    left, top = (
        min(max(0, middle - reach), end - 1) // _JPEG_BLOCK_PX * _JPEG_BLOCK_PX
        for middle, end in ((x, width), (y, height))
    )
    part = picture[top : min(height, y + reach), left : min(width, x + reach)]
    return np.ascontiguousarray(part), _shifted(box, -left, -top)


def _shifted(box: Box, right: int, down: int) -> Box:
    return Box(x_min=box.x_min + right, y_min=box.y_min + down, x_max=box.x_max + right, y_max=box.y_max + down)


def _shrunk(box: Box, factor: int) -> Box:
    x_min, y_min, x_max, y_max = (round(value / factor) for value in box.to_list())
    return Box(x_min=x_min, y_min=y_min, x_max=max(x_min + 1, x_max), y_max=max(y_min + 1, y_max))
