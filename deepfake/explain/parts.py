"""Where on a face a pixel lies, from the detector's five points alone: a map of named parts.

The eyes span a system of coordinates (1 from eye to eye across, 1.1 from the eyes to the mouth down), in which
faces of all sizes and turns have their parts at about the same place. "Left" is the left of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from deepfake.errors import ExplanationSettingsError
from deepfake.media.faces import Point

PARTS = (
    "forehead",
    "left eye",
    "right eye",
    "nose",
    "left cheek",
    "right cheek",
    "mouth",
    "chin",
    "hairline",
    "jawline",
    "background",
)
PartMap = npt.NDArray[np.int64]  # (s, s), positions in PARTS
_HAIRLINE, _JAWLINE, _BACKGROUND = (PARTS.index(name) for name in ("hairline", "jawline", "background"))
_MOUTH_Y = 1.1
_MIN_EYE_DISTANCE = 0.5  # of the distance down to the mouth; less, and the face is in profile
_MIDDLE, _RADII = np.array([0.0, 0.4]), np.array([1.15, 1.5])  # of the ellipse that a face fills
_OUTLINE = (0.85, 1.2)  # from here to there, in radii, runs the outline: hair above, jaw below
_HAIR_ABOVE_Y = -0.2
_FIXED_ANCHORS = {
    "left eye": ((-0.5, 0.0),),
    "right eye": ((0.5, 0.0),),
    "forehead": ((-0.5, -0.7), (0.0, -0.7), (0.5, -0.7)),
    "left cheek": ((-0.8, 0.8),),
    "right cheek": ((0.8, 0.8),),
    "chin": ((0.0, 1.6),),
}


def find_parts(side: int, landmarks: Sequence[Point]) -> PartMap:
    """Name the part of the face at each pixel of a crop.

    Args:
        side: Of the crop, pixels.
        landmarks: Two eyes, nose tip, two corners of the mouth, as `points_in_crop` gives them.

    Returns:
        Shape (side, side): inside the face the part whose anchor is nearest, then the outline, then the background.

    Raises:
        ExplanationSettingsError: There are no such five points.
    """
    points = np.array(landmarks, dtype=np.float64)
    if points.shape != (5, 2) or np.ptp(points[[0, 1, 3, 4]], axis=0).max() < 1 / side:
        raise ExplanationSettingsError(
            f"Face parts are laid out from five points: two eyes, nose, two corners of the mouth. Received: "
            f"{[tuple(map(float, point)) for point in points]}. The YuNet face finder gives them; without them choose "
            "the segmentation slic."
        )
    origin, axes = _face_axes(points)
    to_face = np.linalg.inv(axes.T)  # from crop to face coordinates
    steps = (np.arange(side) + 0.5) / side
    pixels = np.stack(np.meshgrid(steps, steps), axis=-1) - origin
    places = pixels @ to_face.T
    names, anchors = _anchors((points - origin) @ to_face.T)
    nearness = places @ anchors.T - np.square(anchors).sum(axis=1) / 2  # squared distance, turned and shifted
    parts = names[nearness.argmax(axis=-1)]
    radii = np.sqrt(np.square((places - _MIDDLE) / _RADII).sum(axis=-1))
    outline = np.where(places[..., 1] < _HAIR_ABOVE_Y, _HAIRLINE, _JAWLINE)
    parts = np.where(radii > _OUTLINE[0], outline, parts)
    return np.asarray(np.where(radii > _OUTLINE[1], _BACKGROUND, parts), dtype=np.int64)


def name_places(segments: npt.NDArray[np.int64], parts: PartMap) -> tuple[str, ...]:
    """The part of the face in which most of each segment lies.

    Args:
        segments: Label map, shape (s, s), 0..n-1.
        parts: Of the same crop.
    """
    counts = np.zeros((segments.max() + 1, len(PARTS)), np.int64)
    np.add.at(counts, (segments, parts), 1)
    return tuple(PARTS[part] for part in counts.argmax(axis=1))


def is_in_profile(landmarks: Sequence[Point]) -> bool:
    """Whether a face is turned so far that its eyes nearly fall together; False where there are no five points."""
    points = np.array(landmarks, dtype=np.float64)
    return points.shape == (5, 2) and _eyes_fall_together(points[1] - points[0], _down(points))


def _down(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """One step down the face: from the middle of the eyes towards that of the mouth."""
    return np.asarray((points[3:].mean(axis=0) - points[:2].mean(axis=0)) / _MOUTH_Y)


def _eyes_fall_together(across: npt.NDArray[np.float64], down: npt.NDArray[np.float64]) -> bool:
    return bool(np.linalg.norm(across) < _MIN_EYE_DISTANCE * np.linalg.norm(down))


def _face_axes(points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Middle of the eyes, and what 1 across and 1 down the face are in the crop, as rows."""
    eyes = points[:2][np.argsort(points[:2, 0])]
    origin = eyes.mean(axis=0)
    across = eyes[1] - eyes[0]
    down = _down(points)
    if _eyes_fall_together(across, down):
        across = _MIN_EYE_DISTANCE * np.array([down[1], -down[0]])
    upright = np.array([-across[1], across[0]])
    if down @ upright < _MIN_EYE_DISTANCE * across @ across:  # the points of no face; stay invertible
        down = upright
    return origin, np.stack([across, down])


def _anchors(points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Part numbers and places of all anchors in face coordinates; nose and mouth are where the detector saw them."""
    nose, corners = points[2], points[3:]
    anchors = {
        **_FIXED_ANCHORS,
        "nose": (nose, nose / 2),
        "mouth": (corners[0], corners.mean(axis=0), corners[1]),
    }
    numbers = [PARTS.index(name) for name, places in anchors.items() for _ in places]
    return np.array(numbers), np.array([place for places in anchors.values() for place in places])
