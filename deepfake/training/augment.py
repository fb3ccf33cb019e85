"""Training crops made a little different each time, alike for both classes.

What uploads do to a picture (recompression, resizing, blur, noise, light, framing) must not decide its class.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.media.images import recompress

_ROTATION_DEG = 10.0
_SCALE = 0.10
_SHIFT = 0.06
_CONTRAST = 0.20
_BRIGHTNESS = 25.0
_BLUR_SIGMA_PX = 1.0
_NOISE_SIGMA = 8.0
_SMALLEST_SCALE = 0.5
_JPEG_QUALITY = (40, 95)


def augment(
    crops: npt.NDArray[np.uint8], rng: np.random.Generator, *, strength: float, kind: str = "uploads"
) -> npt.NDArray[np.float32]:
    """Change crops as a camera, an editor and a network might.

    Args:
        crops: Shape (n, side, side, 3), RGB.
        rng: Decides all.
        strength: 0 changes nothing, 1 uses the full ranges.
        kind: "uploads" for all that may happen to a picture; "light_and_place" for flips, rotations, shifts and
            brightness alone, each crop getting all of them, as is common in the literature.

    Returns:
        Same shape, float32, 0..255.
    """
    if strength == 0:
        return crops.astype(np.float32)
    change = {"uploads": _augment_one, "light_and_place": _light_and_place}[kind]
    return np.stack([change(crop, rng, strength) for crop in crops])


def _augment_one(crop: npt.NDArray[np.uint8], rng: np.random.Generator, strength: float) -> npt.NDArray[np.float32]:
    image: npt.NDArray[np.float32] = crop.astype(np.float32)
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    if rng.random() < 0.35:  # seldom: resampling softens the fine detail that a forgery may show in
        image = _reframe(image, rng, strength, scale=_SCALE)
    if rng.random() < 0.5:
        contrast = 1 + strength * rng.uniform(-_CONTRAST, _CONTRAST)
        image = (image - 128) * contrast + 128 + strength * rng.uniform(-_BRIGHTNESS, _BRIGHTNESS)
    if rng.random() < 0.25 * strength:
        image = _shrink_and_enlarge(image, rng)
    elif rng.random() < 0.15 * strength:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.2, _BLUR_SIGMA_PX))).astype(np.float32)
    if rng.random() < 0.25 * strength:
        image = image + np.float32(rng.uniform(0, _NOISE_SIGMA)) * rng.standard_normal(image.shape, dtype=np.float32)
    image = np.clip(image, 0, 255).astype(np.float32)
    if rng.random() < 0.4 * strength:
        image = recompress(np.rint(image).astype(np.uint8), int(rng.integers(*_JPEG_QUALITY))).astype(np.float32)
    return image


def _light_and_place(crop: npt.NDArray[np.uint8], rng: np.random.Generator, strength: float) -> npt.NDArray[np.float32]:
    image: npt.NDArray[np.float32] = crop.astype(np.float32)
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    image = _reframe(image, rng, strength, scale=0.0)
    image = image + np.float32(strength * rng.uniform(-_BRIGHTNESS, _BRIGHTNESS))
    return np.clip(image, 0, 255).astype(np.float32)


def _reframe(
    image: npt.NDArray[np.float32], rng: np.random.Generator, strength: float, *, scale: float
) -> npt.NDArray[np.float32]:
    side = image.shape[0]
    middle = (side - 1) / 2
    angle = strength * rng.uniform(-_ROTATION_DEG, _ROTATION_DEG)
    matrix = cv2.getRotationMatrix2D((middle, middle), angle, 1 + strength * rng.uniform(-scale, scale))
    matrix[:, 2] += strength * side * rng.uniform(-_SHIFT, _SHIFT, 2)
    warped = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.float32)


def _shrink_and_enlarge(image: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    side = image.shape[0]
    small_side = max(2, round(side * rng.uniform(_SMALLEST_SCALE, 1.0)))
    small = cv2.resize(image, (small_side, small_side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
