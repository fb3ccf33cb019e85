from __future__ import annotations

import numpy as np
import pytest

from deepfake.media.images import RGBImage
from deepfake.training.augment import augment


@pytest.fixture(scope="module")
def crops(astronaut_pixels: RGBImage) -> np.ndarray:
    """Eight crops of 64 px around the face."""
    return np.stack([astronaut_pixels[60 + 6 * i : 124 + 6 * i, 180 + 3 * i : 244 + 3 * i] for i in range(8)])


def changed(crops: np.ndarray, strength: float, seed: int = 0) -> np.ndarray:
    return augment(crops, np.random.default_rng(seed), strength=strength)


def distance(crops: np.ndarray, augmented: np.ndarray) -> np.ndarray:
    """Mean difference of each crop from the original or its mirror image, whichever is nearer, in gray levels."""
    plain, mirrored = (
        np.abs(augmented - one).mean(axis=(1, 2, 3)) for one in (crops.astype(float), crops[:, :, ::-1].astype(float))
    )
    return np.minimum(plain, mirrored)


def test_a_strength_of_zero_changes_nothing(crops: np.ndarray) -> None:
    assert np.array_equal(changed(crops, 0), crops.astype(np.float32))


@pytest.mark.parametrize("strength", [0, 0.5, 1])
def test_crops_stay_float_pixels_of_0_to_255(crops: np.ndarray, strength: float) -> None:
    extremes = np.concatenate([np.zeros_like(crops), np.full_like(crops, 255), crops])
    augmented = changed(extremes, strength)
    assert augmented.shape == extremes.shape
    assert augmented.dtype == np.float32
    assert augmented.min() >= 0
    assert augmented.max() <= 255


def test_full_strength_changes_nearly_every_crop_and_leaves_it_recognizable(crops: np.ndarray) -> None:
    differences = distance(crops, changed(np.asarray(crops), 1))
    assert (differences > 0.5).sum() >= 6
    assert differences.max() < 70


def test_more_strength_changes_more(crops: np.ndarray) -> None:
    many = np.concatenate([crops] * 8)
    means = [distance(many, changed(many, strength)).mean() for strength in (0.01, 0.3, 1.0)]
    assert means == sorted(means)
    assert means[0] < 2


def test_the_same_seed_gives_the_same_crops_and_another_seed_others(crops: np.ndarray) -> None:
    assert np.array_equal(changed(crops, 1, seed=5), changed(crops, 1, seed=5))
    assert not np.array_equal(changed(crops, 1, seed=5), changed(crops, 1, seed=6))


def test_the_same_crop_twice_in_a_batch_is_changed_twice(crops: np.ndarray) -> None:
    first, second = changed(np.stack([crops[0], crops[0]]), 1)
    assert not np.array_equal(first, second)


def test_half_of_the_crops_are_mirrored(crops: np.ndarray) -> None:
    many = np.stack([crops[0]] * 200)
    augmented = changed(many, 0.01)
    mirrored = np.abs(augmented - many[:, :, ::-1]).mean(axis=(1, 2, 3)) < np.abs(augmented - many).mean(axis=(1, 2, 3))
    assert 70 <= mirrored.sum() <= 130  # 100, give or take four standard deviations of 7


def test_the_crops_that_went_in_are_left_as_they_were(crops: np.ndarray) -> None:
    before = crops.copy()
    changed(crops, 1)
    assert np.array_equal(crops, before)


def test_colors_stay_in_their_channels() -> None:
    red = np.zeros((20, 32, 32, 3), np.uint8)
    red[..., 0] = 200
    means = changed(red, 1).mean(axis=(1, 2))
    assert np.all(means[:, 0] > means[:, 1:].max(axis=1) + 80)


def test_light_is_changed_both_ways_and_keeps_its_mean() -> None:
    gray = np.full((400, 16, 16, 3), 128, np.uint8)
    means = changed(gray, 1).mean(axis=(1, 2, 3))
    assert means.min() < 115
    assert means.max() > 141
    assert abs(means.mean() - 128) < 3


def test_no_crops_at_all_are_no_error_without_augmentation() -> None:
    assert changed(np.zeros((0, 16, 16, 3), np.uint8), 0).shape == (0, 16, 16, 3)


def test_light_and_place_moves_turns_mirrors_and_lights_and_does_nothing_else(crops: np.ndarray) -> None:
    """A gray picture shows its light alone; one without noise or JPEG gains no new detail."""
    gray = np.full((200, 16, 16, 3), 128, np.uint8)
    changed_gray = augment(gray, np.random.default_rng(0), strength=1.0, kind="light_and_place")
    assert np.ptp(changed_gray, axis=(1, 2, 3)).max() < 1e-3
    means = changed_gray.mean(axis=(1, 2, 3))
    assert means.min() < 108 and means.max() > 148  # brightness moves by up to 25
    assert abs(means.mean() - 128) < 3
    moved = augment(np.asarray(crops), np.random.default_rng(0), strength=1.0, kind="light_and_place")
    assert moved.shape == crops.shape and moved.dtype == np.float32
    assert (distance(crops, moved) > 1).all()  # every crop gets all of it


def test_light_and_place_of_no_strength_changes_nothing_and_a_half_of_the_crops_are_mirrored(crops: np.ndarray) -> None:
    assert np.array_equal(augment(crops, np.random.default_rng(0), strength=0, kind="light_and_place"), crops)
    many = np.stack([crops[0]] * 200)
    moved = augment(many, np.random.default_rng(0), strength=0.01, kind="light_and_place")
    mirrored = np.abs(moved - many[:, :, ::-1]).mean(axis=(1, 2, 3)) < np.abs(moved - many).mean(axis=(1, 2, 3))
    assert 70 <= mirrored.sum() <= 130  # 100, give or take four standard deviations of 7
