"""Marks on pictures, on arrays small enough to know what must come out."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.media.faces import Box
from deepfake.reports.overlay import (
    TOWARDS_FAKE,
    TOWARDS_REAL,
    draw_map,
    draw_numbered_boxes,
    draw_overlay,
    shrink_to,
    upscaled,
)

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


def test_an_area_of_no_agreed_sign_is_hatched_and_the_other_is_not() -> None:
    plain = draw_overlay(GRAY, HALVES, np.array([0.2, 0.0]), [])
    hatched = draw_overlay(GRAY, HALVES, np.array([0.2, 0.0]), [], disputed=np.array([False, True]))
    changed = (plain != hatched).any(axis=2)
    assert not changed[:, :240].any()
    assert changed[:, 240:].mean() == pytest.approx(0.25, abs=0.01)  # a quarter of each stripe
    assert np.ptp(hatched[:, 240:].astype(int), axis=2).max() <= 5  # gray: no color, since no direction is known


def test_the_strength_of_the_colors_goes_down_to_the_face_itself() -> None:
    crop = np.full((480, 480, 3), (200, 120, 90), np.uint8)
    weights = np.array([0.2, -0.2])
    assert (draw_overlay(crop, HALVES, weights, [], strength=0.0) == crop).all()
    half, full = (draw_overlay(crop, HALVES, weights, [], strength=one).astype(int) for one in (0.5, 1.0))
    assert half[100, 400, 2] - half[100, 400, 0] < full[100, 400, 2] - full[100, 400, 0]
    outlined = draw_overlay(crop, HALVES, weights, [1], strength=0.0)
    assert (outlined == TOWARDS_REAL).all(axis=2).any()  # outlines stay


def test_a_map_of_pixels_has_the_colors_of_an_overlay() -> None:
    weights = np.where(np.arange(480) < 240, 0.2, -0.1) * np.ones((480, 1))
    painted = draw_map(GRAY, weights)
    assert is_warm(painted[100, 100])
    assert not is_warm(painted[100, 400])
    assert (draw_map(GRAY, np.zeros((480, 480))) == draw_overlay(GRAY, HALVES, np.zeros(2), [])).all()
