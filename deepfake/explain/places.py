"""Where the areas of a face lie, in words: "around the mouth", "on the left cheek", "in the background on the right".

Left and right are those of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from deepfake.explain.parts import PARTS, find_parts, name_places
from deepfake.explain.segments import Segments
from deepfake.media.faces import Point

BACKGROUND = PARTS[-1]
_PHRASES = {
    "forehead": "on the forehead",
    "left eye": "around the left eye",
    "right eye": "around the right eye",
    "nose": "around the nose",
    "left cheek": "on the left cheek",
    "right cheek": "on the right cheek",
    "mouth": "around the mouth",
    "chin": "on the chin",
    "hairline": "at the hairline",
    "jawline": "along the jawline",
    BACKGROUND: "in the background",
}
_WIDE = {"forehead", "hairline", "jawline", BACKGROUND}  # too wide to be found without a side
_THIRDS = (("top", "", "bottom"), ("left", "", "right"))


def describe_places(segments: Segments, landmarks: Sequence[Point]) -> tuple[str, ...]:
    """Where each segment lies: in which part of the face, or, without landmarks, in which ninth of the picture.

    Args:
        segments: Label map, shape (s, s), 0..n-1.
        landmarks: Five points as `points_in_crop` gives them, or none.

    Returns:
        A phrase for each segment, to follow "the area".
    """
    sides = [_side_of(segments == segment) for segment in range(int(segments.max()) + 1)]
    if not landmarks:
        return tuple(_at(*side) or "in the middle" for side in sides)
    parts = name_places(segments, find_parts(len(segments), landmarks))
    return tuple(describe_part(part, *side) for part, side in zip(parts, sides, strict=True))


def describe_part(part: str, vertical: str = "", horizontal: str = "") -> str:
    """A part of the face as a phrase.

    Args:
        part: One of `PARTS`.
        vertical: "top", "bottom" or nothing; said of the background alone.
        horizontal: "left", "right" or nothing; said of parts that are wide.

    >>> describe_part("jawline", "bottom", "left")
    'along the jawline on the left'
    """
    said = _at(vertical if part == BACKGROUND else "", horizontal) if part in _WIDE else ""
    return f"{_PHRASES[part]} {said}".rstrip()


def _side_of(area: npt.NDArray[np.bool_]) -> tuple[str, str]:
    """In which third of the picture the middle of an area lies, down and across."""
    middle = (np.argwhere(area).mean(axis=0) + 0.5) / len(area)
    down, across = np.minimum(2, 3 * middle).astype(int)
    return _THIRDS[0][down], _THIRDS[1][across]


def _at(vertical: str, horizontal: str) -> str:
    if vertical:
        return f"at the {vertical} {horizontal}".rstrip()
    return f"on the {horizontal}" if horizontal else ""
