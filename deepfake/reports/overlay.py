"""Pictures with marks on them: numbered boxes around faces, and what a probability rests on.

Arrays in, arrays out. Color never speaks alone: areas towards manipulation are orange and carry a round
number, areas away from it are blue and carry a square one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from deepfake.explain.segments import Segments
from deepfake.media.faces import Box
from deepfake.media.images import RGBImage

Color = tuple[int, int, int]
TOWARDS_FAKE: Color = (230, 126, 20)  # orange
TOWARDS_REAL: Color = (0, 114, 178)  # blue
_DARK: Color = (17, 24, 39)
_WHITE: Color = (255, 255, 255)
_MAX_OPACITY = 0.72
_HATCH_PX, _HATCH_GRAY, _HATCH_OPACITY = 12, 40.0, 0.6
_MIN_SIDE_PX = 480  # small crops are enlarged, so that numbers and outlines stay sharp


def draw_overlay(
    crop: RGBImage,
    segments: Segments,
    weights: npt.NDArray[np.float64],
    leading: Sequence[int],
    *,
    disputed: npt.NDArray[np.bool_] | None = None,
    strength: float = 1.0,
) -> RGBImage:
    """Paint what each area adds to the probability over a paled crop.

    The scale is symmetric around zero: the strongest area either way has full color.

    Args:
        crop: Shape (s, s, 3), uint8.
        segments: Label map, shape (s, s), 0..n-1.
        weights: Shape (n,); positive is towards fake.
        leading: Segments to outline and number, strongest first.
        disputed: Shape (n,): segments to hatch out, whose sign is not agreed on.
        strength: Of the colors, 0..1; at 0 the crop itself with outlines and numbers.

    Returns:
        Shape (t, t, 3), uint8, t at least s. Without any influence, the paled crop alone.
    """
    factor = _enlargement(crop)
    labels = np.repeat(np.repeat(segments, factor, axis=0), factor, axis=1)
    picture = _paint(upscaled(crop), weights[labels], strength)
    if disputed is not None and disputed.any():
        picture = _hatch(picture, disputed[labels], strength)
    for segment in leading:
        _outline(picture, labels == segment, TOWARDS_FAKE if weights[segment] > 0 else TOWARDS_REAL)
    return _number(picture, labels, weights, leading)


def draw_map(crop: RGBImage, weights: npt.NDArray[np.float64], *, strength: float = 1.0) -> RGBImage:
    """Paint a map that has a weight for each pixel, such as an average over frames, as `draw_overlay` does.

    Args:
        crop: Shape (s, s, 3), uint8.
        weights: Shape (s, s); positive is towards fake.
        strength: Of the colors, 0..1.
    """
    large = upscaled(crop)
    return _paint(large, cv2.resize(weights, large.shape[:2], interpolation=cv2.INTER_LINEAR), strength)


def draw_numbered_boxes(
    picture: RGBImage, boxes: Sequence[Box], colors: Sequence[Color], numbers: Sequence[int] | None = None
) -> RGBImage:
    """Draw a numbered box around each face.

    Args:
        picture: Shape (h, w, 3), uint8.
        boxes: In pixels of `picture`.
        colors: Of each box.
        numbers: Of each box; 1, 2, 3 and so on by default.

    Returns:
        A copy of the same shape.
    """
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    width = max(2, round(max(picture.shape[:2]) / 260))
    for number, box, color in zip(numbers or range(1, len(boxes) + 1), boxes, colors, strict=True):
        corners = [box.x_min, box.y_min, max(box.x_min + 1, box.x_max - 1), max(box.y_min + 1, box.y_max - 1)]
        around = [corners[0] - 1, corners[1] - 1, corners[2] + 1, corners[3] + 1]
        draw.rectangle(around, outline=_WHITE, width=width + 2)
        draw.rectangle(corners, outline=color, width=width)
        radius = max(9, round(max(picture.shape[:2]) / 48))
        center = (
            float(np.clip(box.x_min, radius, max(radius, picture.shape[1] - radius))),
            float(np.clip(box.y_min, radius, max(radius, picture.shape[0] - radius))),
        )
        _badge(draw, center, str(number), _DARK, radius=radius, is_round=True)
    return np.asarray(image, dtype=np.uint8)


def shrink_to(picture: RGBImage, max_side_px: int) -> tuple[RGBImage, float]:
    """A picture for the screen, and the factor by which its pixels shrank.

    Args:
        picture: Shape (h, w, 3), uint8.
        max_side_px: Longest side wanted; smaller pictures stay as they are.
    """
    height, width = picture.shape[:2]
    factor = min(1.0, max_side_px / max(height, width))
    if factor == 1.0:
        return picture, 1.0
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), factor


def upscaled(crop: RGBImage) -> RGBImage:
    """A crop at the size of its overlay, to stand beside it."""
    side = crop.shape[0] * _enlargement(crop)
    return np.asarray(cv2.resize(crop, (side, side), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _enlargement(crop: RGBImage) -> int:
    return max(1, math.ceil(_MIN_SIDE_PX / len(crop)))


def _paled(crop: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """The crop as light gray, so that only influence has color."""
    rgb = np.asarray(crop, dtype=np.float64)
    gray = rgb @ np.array([0.299, 0.587, 0.114])
    return np.repeat((gray * 0.58 + 255 * 0.34)[..., None], 3, axis=2)


def _paint(crop: RGBImage, weights: npt.NDArray[np.generic], strength: float) -> RGBImage:
    """Blue and orange over the paled crop, by weights of shape (t, t)."""
    values = np.asarray(weights, dtype=np.float64)[..., None]
    values = values / max(float(np.abs(values).max(initial=0.0)), 1e-12)
    base = crop * (1 - strength) + _paled(crop) * strength
    opacity = _MAX_OPACITY * np.abs(values) * strength
    painted = base * (1 - opacity) + np.where(values > 0, TOWARDS_FAKE, TOWARDS_REAL) * opacity
    return np.clip(np.rint(painted), 0, 255).astype(np.uint8)


def _hatch(picture: RGBImage, area: npt.NDArray[np.bool_], strength: float) -> RGBImage:
    """Slanting lines over an area."""
    rows, columns = np.indices(area.shape)
    lines = ((rows + columns) % _HATCH_PX < _HATCH_PX / 4) & area
    opacity = np.where(lines, _HATCH_OPACITY * strength, 0.0)[..., None]
    return np.asarray(np.rint(picture * (1 - opacity) + _HATCH_GRAY * opacity), dtype=np.uint8)


def _outline(picture: RGBImage, area: npt.NDArray[np.bool_], color: Color) -> None:
    contours, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, contours, -1, _WHITE, 6)
    cv2.drawContours(picture, contours, -1, color, 3)


def _number(picture: RGBImage, labels: Segments, weights: npt.NDArray[np.float64], leading: Sequence[int]) -> RGBImage:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    radius = max(10, round(picture.shape[0] / 32))
    for number, segment in enumerate(leading, start=1):
        inside = cv2.distanceTransform(np.pad((labels == segment).astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        row, column = np.unravel_index(int(np.argmax(inside)), inside.shape)  # the place farthest from its border
        towards_fake = bool(weights[segment] > 0)
        center = (
            float(np.clip(column, radius, picture.shape[1] - radius)),
            float(np.clip(row, radius, picture.shape[0] - radius)),
        )
        _badge(draw, center, str(number), _DARK, radius=radius, is_round=towards_fake)
    return np.asarray(image, dtype=np.uint8)


def _badge(
    draw: ImageDraw.ImageDraw, center: tuple[float, float], text: str, color: Color, *, radius: int, is_round: bool
) -> None:
    x, y = center
    place = (x - radius, y - radius, x + radius, y + radius)
    if is_round:
        draw.ellipse(place, fill=color, outline=_WHITE, width=2)
    else:
        draw.rectangle(place, fill=color, outline=_WHITE, width=2)
    font = ImageFont.load_default(size=radius * (1.3 if len(text) < 2 else 1.0))
    draw.text((x, y), text, fill=_WHITE, font=font, anchor="mm")
