"""Marks on pictures, on arrays small enough to know what must come out."""

from __future__ import annotations

import numpy as np

from deepfake.media.faces import Box
from deepfake.reports.overlay import TOWARDS_FAKE, TOWARDS_REAL, draw_numbered_boxes, draw_overlay, shrink_to, upscaled

GRAY = np.full((480, 480, 3), 128, np.uint8)
HALVES = np.repeat(np.repeat([[0, 1]], 480, axis=0), 240, axis=1)


def is_warm(color: np.ndarray) -> bool:
    return bool(color[0] > color[2])


def test_towards_fake_is_orange_and_towards_real_is_blue() -> None:
    overlay = draw_overlay(GRAY, HALVES, np.array([0.2, -0.2]), [])
    assert is_warm(overlay[100, 100])
    assert not is_warm(overlay[100, 400])


def test_the_scale_is_symmetric_and_the_weaker_side_is_paler() -> None:
    overlay = draw_overlay(GRAY, HALVES, np.array([0.2, -0.05]), []).astype(int)
    assert np.ptp(overlay[100, 100]) > 2 * np.ptp(overlay[100, 400])


def test_without_influence_there_is_no_color() -> None:
    overlay = draw_overlay(GRAY, HALVES, np.zeros(2), [])
    assert np.ptp(overlay, axis=2).max() == 0


def test_leading_areas_are_outlined_and_numbered_and_others_are_not() -> None:
    weights = np.array([0.2, -0.2])
    plain, marked = draw_overlay(GRAY, HALVES, weights, []), draw_overlay(GRAY, HALVES, weights, [1])
    changed = (plain != marked).any(axis=2)
    assert changed[:, 240:].any()
    assert not changed[:, :230].any()
    assert (marked[:, 240:] == TOWARDS_REAL).all(axis=2).any()
    assert not (marked == TOWARDS_FAKE).all(axis=2).any()


def test_a_small_crop_is_enlarged_with_its_overlay() -> None:
    crop = np.full((30, 30, 3), 128, np.uint8)
    assert draw_overlay(crop, np.zeros((30, 30), int), np.ones(1), [0]).shape == (480, 480, 3)
    assert upscaled(crop).shape == (480, 480, 3)


def test_boxes_are_drawn_on_a_copy_also_where_they_reach_past_the_picture() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    marked = draw_numbered_boxes(picture, [Box(x_min=-10, y_min=20, x_max=60, y_max=120)], [(213, 94, 0)])
    assert not picture.any()
    assert (marked == (213, 94, 0)).all(axis=2).any()
    assert draw_numbered_boxes(picture, [], []).shape == picture.shape


def test_shrinking_keeps_the_shape_and_never_enlarges() -> None:
    small, factor = shrink_to(np.zeros((1000, 500, 3), np.uint8), 100)
    assert small.shape == (100, 50, 3)
    assert factor == 0.1
    assert shrink_to(np.zeros((10, 10, 3), np.uint8), 100)[1] == 1.0
