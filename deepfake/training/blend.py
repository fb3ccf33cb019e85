"""Pseudo-fakes made from real faces: a face blended into a slightly changed copy of itself.

What all face swaps share is a border where one picture becomes another: light, color, sharpness or place change
there. A model that learns to see it, from faces of no generator, holds on generators that it never met. Shiohara and
Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022. Two things differ from the paper: the outline is
an ellipse in the face's box, bent at random, since crops are kept without landmarks; and only the face is changed,
never what is around it, so that no cast over the whole crop tells the classes apart.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.media.images import RGBImage, recompress

_BLENDING_RATIOS = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0)  # as in the paper
_MAX_SHIFT = 0.03  # of the side
_MAX_SCALE = 0.05
_COLOR_SHIFT = 12.0
_SATURATION = 0.3
_CONTRAST = 0.15
_MASK_CELLS = 4  # of the grid of random displacements that bends the outline
_MASK_BEND = 0.10  # of the side
Mask = npt.NDArray[np.float32]  # (side, side), 0..1
Floats = npt.NDArray[np.float32]


def self_blend(crop: RGBImage, rng: np.random.Generator) -> RGBImage:
    """A pseudo-fake of a real face.

    Args:
        crop: A real face, its box the whole crop or the middle of it, shape (s, s, 3), uint8.
        rng: Decides all.

    Returns:
        Same shape, uint8: the face from a changed copy, all around it as it was.
    """
    original = crop.astype(np.float32)
    mask = blending_mask(len(crop), rng)[..., None]
    blended = _moved(_changed(original, rng), rng) * mask + original * (1 - mask)
    return np.asarray(np.clip(np.rint(blended), 0, 255), dtype=np.uint8)


def blending_mask(side: int, rng: np.random.Generator) -> Mask:
    """How much of each pixel comes from the face: a bent ellipse, or a part of it, with a soft border.

    Args:
        side: Of the crop, pixels.
        rng: Decides place, size, bend, softness and strength.
    """
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32) / max(1, side - 1)
    bend = [
        cv2.resize(
            rng.uniform(-_MASK_BEND, _MASK_BEND, (_MASK_CELLS, _MASK_CELLS)).astype(np.float32),
            (side, side),
            interpolation=cv2.INTER_CUBIC,
        )
        for _ in range(2)
    ]
    middle_y, middle_x = 0.5 + rng.uniform(-0.05, 0.08), 0.5 + rng.uniform(-0.05, 0.05)
    height, width = rng.uniform(0.30, 0.48), rng.uniform(0.26, 0.44)
    inside = ((rows + bend[0] - middle_y) / height) ** 2 + ((columns + bend[1] - middle_x) / width) ** 2 < 1
    part = rng.random()
    if part < 0.15:
        inside &= rows > middle_y  # mouth and chin alone, as reenactment changes them
    elif part < 0.3:
        inside &= rows < middle_y + 0.1  # eyes and nose alone
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), side * float(rng.uniform(0.01, 0.06)))
    return np.asarray(np.minimum(soft, 1) * rng.choice(_BLENDING_RATIOS), dtype=np.float32)


def _changed(image: Floats, rng: np.random.Generator) -> Floats:
    """Other light, color and sharpness, as if it came from another camera."""
    changed = image + rng.uniform(-_COLOR_SHIFT, _COLOR_SHIFT, 3).astype(np.float32)
    gray = changed.mean(axis=2, keepdims=True)
    changed = gray + (changed - gray) * np.float32(1 + rng.uniform(-_SATURATION, _SATURATION))
    changed = (changed - 128) * np.float32(1 + rng.uniform(-_CONTRAST, _CONTRAST)) + 128
    side, kind = len(image), rng.random()
    if kind < 0.4:
        small = max(2, round(side * rng.uniform(0.4, 0.8)))
        changed = cv2.resize(cv2.resize(changed, (small, small), interpolation=cv2.INTER_AREA), (side, side))
    elif kind < 0.6:
        changed = changed + np.float32(rng.uniform(0.3, 1.0)) * (changed - cv2.GaussianBlur(changed, (0, 0), 1.0))
    clipped = np.clip(changed, 0, 255)
    if rng.random() < 0.3:
        clipped = recompress(np.rint(clipped).astype(np.uint8), int(rng.integers(30, 90))).astype(np.float32)
    return np.asarray(clipped, dtype=np.float32)


def _moved(image: Floats, rng: np.random.Generator) -> Floats:
    side = len(image)
    shift = rng.uniform(-_MAX_SHIFT, _MAX_SHIFT, 2) * side
    scale_x, scale_y = 1 + rng.uniform(-_MAX_SCALE, _MAX_SCALE, 2)
    middle = (side - 1) / 2
    matrix = np.array(
        [[scale_x, 0, middle * (1 - scale_x) + shift[0]], [0, scale_y, middle * (1 - scale_y) + shift[1]]]
    )
    moved = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)
