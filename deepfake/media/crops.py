"""The square of pixels the classifier sees: one way to cut it for training, evaluation, app and command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.media.detectors import DetectorSettings
from deepfake.media.faces import Box, Point
from deepfake.media.images import RGBImage

Crops = npt.NDArray[np.float32]  # (n, side, side, 3), RGB, 0..255


@dataclass(frozen=True, slots=True, kw_only=True)
class CropSettings:
    """Everything that decides what a crop looks like; part of the model's card.

    Attributes:
        detector: How faces are found.
        margin: Extra around the box as a fraction of its side, see `crop_face`.
        side_px: Side of the crop after resizing: the model's input size.
    """

    detector: DetectorSettings
    margin: float
    side_px: int

    def __post_init__(self) -> None:
        if not -0.5 < self.margin < 10:
            raise ValueError(f"A margin of -0.5 leaves nothing of a face. Received: margin {self.margin}.")
        if self.side_px < 1:
            raise ValueError(f"side_px must be at least 1. Received: {self.side_px}.")

    def to_dict(self) -> dict[str, Any]:
        """As the card stores it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> CropSettings:
        """Read what `to_dict` wrote."""
        return cls(
            detector=DetectorSettings(**values["detector"]),
            margin=float(values["margin"]),
            side_px=int(values["side_px"]),
        )


def crop_face(image: RGBImage, box: Box, *, margin: float) -> RGBImage:
    """Cut a face out as a square, with some of its surroundings.

    Args:
        image: RGB, shape (height, width, 3), uint8.
        box: The face's box in `image`.
        margin: Extra width on each side, as a fraction of the box's longer side. It comes from the model's
            card: a model sees in use what it saw in training.

    Returns:
        A copy, shape (side, side, 3), uint8. Where the square reaches past the image, the edge repeats.

    >>> crop_face(np.zeros((100, 80, 3), np.uint8), Box.from_xywh(70, 10, 20, 24), margin=0.25).shape
    (36, 36, 3)
    """
    height, width = image.shape[:2]
    left, top, side = square_of(box, margin)
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    return image[rows[:, None], columns]


def share_outside(image_hw: tuple[int, int], box: Box, *, margin: float) -> float:
    """The share (0..1) of `crop_face`'s square that lies outside the picture and is repeated edge."""
    height, width = image_hw
    left, top, side = square_of(box, margin)
    inside_w = max(0, min(left + side, width) - max(left, 0))
    inside_h = max(0, min(top + side, height) - max(top, 0))
    return 1.0 - inside_w * inside_h / side**2


def points_in_crop(points: Sequence[Point], box: Box, *, margin: float) -> tuple[Point, ...]:
    """Points of a picture in the square that `crop_face` cuts out of it.

    Args:
        points: (x, y) in pixels of the picture, such as a face's landmarks.
        box: The face's box in the picture.
        margin: As for `crop_face`.

    Returns:
        (x, y) as shares of the square's side, so that they hold at any size: (0, 0) is its top-left corner, (1, 1)
        the bottom-right one.
    """
    left, top, side = square_of(box, margin)
    return tuple(((x - left) / side, (y - top) / side) for x, y in points)


def square_of(box: Box, margin: float) -> tuple[int, int, int]:
    """The square that `crop_face` cuts out: its left and top edge and its side, pixels of the picture."""
    side = max(1, round(box.side * (1 + 2 * margin)))
    left = round((box.x_min + box.x_max - side) / 2)
    top = round((box.y_min + box.y_max - side) / 2)
    return left, top, side


def resize_square(crop: npt.NDArray[np.generic], side: int) -> npt.NDArray[np.float32]:
    """Resize a square crop to the model's input size.

    Float32 and area-averaged when shrinking, bilinear when enlarging: both are linear in the pixels, which
    the explanations rely on, and neither rounds, as OpenCV does on uint8.

    Args:
        crop: Shape (s, s, 3) or (s, s), 0..255.
        side: Wanted side in pixels.

    Returns:
        Shape (side, side, 3) or (side, side), float32, on the same scale.
    """
    interpolation = _interpolation(crop.shape[0], side)
    resized = cv2.resize(crop.astype(np.float32), (side, side), interpolation=interpolation)
    return np.asarray(resized, dtype=np.float32)


def resize_matrix(side_from: int, side_to: int) -> npt.NDArray[np.float32]:
    """What `resize_square` multiplies by: each channel of its result is A @ channel @ A.T.

    Args:
        side_from: Of the crop, pixels.
        side_to: Wanted, pixels.

    Returns:
        A, shape (side_to, side_from), float32.
    """
    identity = np.eye(side_from, dtype=np.float32)
    rows = cv2.resize(identity, (side_from, side_to), interpolation=_interpolation(side_from, side_to))
    return np.asarray(rows, dtype=np.float32).reshape(side_to, side_from)


def _interpolation(side_from: int, side_to: int) -> int:
    return cv2.INTER_AREA if side_from >= side_to else cv2.INTER_LINEAR
