"""Where a face is.

Boxes are in pixels of the upright picture: x to the right, y down, right and bottom exclusive. A box may
reach past the picture where a face does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from deepfake.errors import InvalidBoxError

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A face's place in a picture.

    Attributes:
        x_min, y_min: Top-left corner, pixels, inclusive.
        x_max, y_max: Bottom-right corner, pixels, exclusive.
    """

    x_min: int
    y_min: int
    x_max: int
    y_max: int

    def __post_init__(self) -> None:
        if self.x_max <= self.x_min or self.y_max <= self.y_min:
            raise InvalidBoxError(
                f"A box needs x_min < x_max and y_min < y_max. Received: {self}. "
                "Boxes are (x_min, y_min, x_max, y_max); from (x, y, w, h) use `Box.from_xywh`."
            )

    @classmethod
    def from_xywh(cls, x: int, y: int, width: int, height: int) -> Box:
        """Make a box from OpenCV's corner and size, in pixels."""
        return cls(x_min=x, y_min=y, x_max=x + width, y_max=y + height)

    @property
    def side(self) -> int:
        """The longer side in pixels."""
        return max(self.x_max - self.x_min, self.y_max - self.y_min)

    def to_list(self) -> list[int]:
        """(x_min, y_min, x_max, y_max), as written to JSON."""
        return [self.x_min, self.y_min, self.x_max, self.y_max]


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A detected face.

    Attributes:
        box: Its place in the picture.
        detection_score: How sure the face finder is, 0..1. It never weighs a verdict.
        landmarks: Right eye, left eye, nose tip, right and left corner of the mouth, as the viewer's (x, y)
            pixels; empty where the detector knows none.
    """

    box: Box
    detection_score: float
    landmarks: tuple[Point, ...] = ()


def presence(faces: Iterable[Face]) -> int:
    """How long and how large one person is seen in a clip: the sides of all their faces, pixels, added up.

    Of a clip that was altered, the person with the greatest presence is the one who is known to be.
    """
    return sum(face.box.side for face in faces)


def central_face(faces: Sequence[Face], image_hw: tuple[int, int]) -> Face | None:
    """Pick the face that a data-set file stands for: large and central.

    Args:
        faces: Any order.
        image_hw: The picture's height and width in pixels.

    Returns:
        The face with the greatest squared side, lowered by its distance from the middle; None without faces.
    """
    height, width = image_hw

    def prominence(face: Face) -> float:
        box = face.box
        dx = ((box.x_min + box.x_max) / 2 - width / 2) / width
        dy = ((box.y_min + box.y_max) / 2 - height / 2) / height
        return float(box.side**2) * (1 - min(1.0, float(np.hypot(dx, dy))))

    return max(faces, key=prominence, default=None)
