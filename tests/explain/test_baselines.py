from __future__ import annotations

import numpy as np
import pytest

from deepfake.explain.baselines import BASELINES, blur, gray, segment_mean
from deepfake.media.images import RGBImage

CROP = np.array([[[0, 0, 0], [100, 10, 20]], [[255, 40, 60], [50, 80, 1]]], np.uint8)
COLUMNS = np.array([[0, 1], [0, 1]])


def test_gray_is_the_middle_of_the_range_everywhere() -> None:
    assert np.unique(gray(CROP, COLUMNS)).tolist() == [127.5]


def test_the_segment_mean_is_each_segments_own_color() -> None:
    painted = segment_mean(CROP, COLUMNS)
    assert painted[:, 0].tolist() == [[127.5, 20.0, 30.0]] * 2
    assert painted[:, 1].tolist() == [[75.0, 45.0, 10.5]] * 2


def test_blur_keeps_the_mean_color_and_no_detail(astronaut_pixels: RGBImage) -> None:
    crop = astronaut_pixels[50:180, 150:280]
    blurred = blur(crop, np.zeros(crop.shape[:2], np.int64))
    assert np.abs(blurred.mean(axis=(0, 1)) - crop.mean(axis=(0, 1))).max() < 12
    step = np.abs(np.diff(crop.astype(np.float32), axis=1)).mean()
    assert np.abs(np.diff(blurred, axis=1)).mean() < step / 4


def test_a_picture_of_one_color_is_blurred_to_itself() -> None:
    crop = np.full((40, 40, 3), 77, np.uint8)
    assert blur(crop, np.zeros((40, 40), np.int64)) == pytest.approx(np.full((40, 40, 3), 77.0), abs=1e-3)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("side", [1, 2, 30])
def test_every_baseline_is_a_picture_of_the_crops_shape(name: str, side: int) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    painted = BASELINES[name](crop, np.zeros((side, side), np.int64))
    assert painted.shape == crop.shape
    assert painted.dtype == np.float32
    assert 0 <= painted.min() <= painted.max() <= 255
