from __future__ import annotations

import cv2
import numpy as np
import pytest

from deepfake.media.crops import crop_face, resize_square
from deepfake.media.faces import Box
from deepfake.media.images import RGBImage
from deepfake.media.quality import measure_quality

BOX = Box.from_xywh(10, 10, 30, 50)
FACE = Box(x_min=178, y_min=63, x_max=268, y_max=176)


def flat(value: float) -> np.ndarray:
    return np.full((8, 8, 3), value, np.float32)


def test_the_side_is_the_boxs_and_not_the_crops() -> None:
    assert measure_quality(flat(0), BOX).side_px == 50


@pytest.mark.parametrize("value", [0.0, 100.0, 255.0])
def test_a_flat_crop_has_its_own_brightness_and_no_sharpness(value: float) -> None:
    quality = measure_quality(flat(value), BOX)
    assert quality.brightness == pytest.approx(value, abs=1e-3)
    assert quality.sharpness == pytest.approx(0, abs=1e-3)


def test_brightness_weighs_green_most_as_the_eye_does() -> None:
    colors = [measure_quality(np.tile(np.array(rgb, np.float32), (8, 8, 1)), BOX).brightness for rgb in np.eye(3) * 100]
    assert colors == pytest.approx([29.9, 58.7, 11.4], abs=0.1)


def test_the_sharpness_of_a_single_bright_pixel_is_known() -> None:
    # Laplacian: -4 v once, v four times, sum 0; so the variance is (16 + 4) v^2 / 64 = 31.25 for v = 10
    crop = flat(0)
    crop[4, 4] = 10
    assert measure_quality(crop, BOX).sharpness == pytest.approx(31.25, rel=1e-3)


def test_blur_lowers_the_sharpness_of_a_face(astronaut_pixels: RGBImage) -> None:
    crop = resize_square(crop_face(astronaut_pixels, FACE, margin=0.0), 64)
    sharpness = [
        measure_quality(np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma)), FACE).sharpness for sigma in (0.5, 1, 2, 4)
    ]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 20 * sharpness[-1]


def test_the_numbers_can_be_written_to_json() -> None:
    assert measure_quality(flat(0), BOX).to_dict() == {
        "side_px": 50,
        "brightness": 0.0,
        "sharpness": 0.0,
    }
    assert measure_quality(flat(0), BOX, jpeg_quality=75).to_dict()["jpeg_quality"] == 75
