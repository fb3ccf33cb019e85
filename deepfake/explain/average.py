"""One map for a person from many frames: each frame's map is moved onto the same face, then they are averaged.

The frames are aligned by the similarity (turn, size, shift) that brings the face finder's five points closest together
in least squares; in complex numbers it is a line, z -> a z + b, which cannot mirror a face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.base import Explanation
from deepfake.explain.parts import PARTS, find_parts
from deepfake.media.faces import Point
from deepfake.media.images import RGBImage

Map = npt.NDArray[np.float64]  # (s, s), positive is towards fake
_MIDDLE_OF_PIXEL = 0.5 + 0.5j


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWeight:
    """What a part of the face adds to the probability.

    Attributes:
        part: One of `PARTS`.
        weight: Mean over its pixels and the frames; positive is towards fake.
        num_alike: Frames in which it pushes the same way.
    """

    part: str
    weight: float
    num_alike: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageMap:
    """The mean map of several frames.

    Attributes:
        crop: Of the first frame, onto which the others were moved, shape (s, s, 3), uint8.
        weights: Mean weight of what lies over a pixel, shape (s, s); 0 where less than half of the frames reach.
        parts: Of the face, those of greatest weight either way first.
        num_frames: Averaged.
    """

    crop: RGBImage
    weights: Map
    parts: tuple[PartWeight, ...]
    num_frames: int


def average_maps(frames: Sequence[tuple[Explanation, Sequence[Point]]]) -> AverageMap:
    """Average the maps of one person's frames, on the face of the first.

    Args:
        frames: Each one's explanation and landmarks, as `points_in_crop` gives them.

    Raises:
        ExplanationSettingsError: There is no frame, or one has no five landmarks.
    """
    if not frames or any(len(landmarks) != 5 for _, landmarks in frames):
        raise ExplanationSettingsError(
            "An average map needs at least one frame, and the five points of the face in each to lay one over the "
            f"other. Received: {[len(landmarks) for _, landmarks in frames]} points. The YuNet face finder gives them."
        )
    first, target = frames[0]
    side = len(first.crop)
    moved, covered = zip(*(_moved(one, landmarks, target, side) for one, landmarks in frames), strict=True)
    coverage = np.sum(covered, axis=0)
    is_seen = coverage >= len(frames) / 2
    weights = np.where(is_seen, np.sum(moved, axis=0) / np.maximum(coverage, 1e-9), 0.0)
    return AverageMap(
        crop=first.crop, weights=weights, parts=_part_weights(weights, moved, target), num_frames=len(frames)
    )


def similarity(points: Sequence[Point], target: Sequence[Point]) -> tuple[complex, complex]:
    """The turn, size and shift that bring points closest to others: z -> a z + b.

    Args:
        points: (x, y), at least two that differ.
        target: As many.

    Returns:
        a and b.
    """
    here, there = (np.array([complex(x, y) for x, y in those]) for those in (points, target))
    centered = here - here.mean()
    a = complex((centered.conj() @ (there - there.mean())) / (np.abs(centered) ** 2).sum())
    return a, complex(there.mean() - a * here.mean())


def _moved(explanation: Explanation, landmarks: Sequence[Point], target: Sequence[Point], side: int) -> tuple[Map, Map]:
    """A frame's map moved onto the target, and where it reaches (0..1); both (side, side)."""
    a, b = similarity(landmarks, target)
    turn = a * side / len(explanation.crop)  # landmarks are shares of a side, and pixels have their middle at 0.5
    shift = side * b + turn * _MIDDLE_OF_PIXEL - _MIDDLE_OF_PIXEL
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    weights = explanation.agreed_weights[explanation.segments]
    moved, covered = (
        np.asarray(cv2.warpAffine(one, matrix, (side, side), flags=cv2.INTER_LINEAR), dtype=np.float64)
        for one in (weights, np.ones_like(weights))
    )
    return moved, covered


def _part_weights(weights: Map, moved: Sequence[Map], landmarks: Sequence[Point]) -> tuple[PartWeight, ...]:
    parts = find_parts(len(weights), landmarks)
    found = []
    for number, part in enumerate(PARTS):
        area = parts == number
        if not area.any():
            continue
        weight = float(weights[area].mean())
        alike = sum(bool(np.sign(one[area].mean()) == np.sign(weight)) for one in moved)
        found.append(PartWeight(part=part, weight=weight, num_alike=alike if weight else 0))
    return tuple(sorted(found, key=lambda one: -abs(one.weight)))
