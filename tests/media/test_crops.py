from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.media.crops import (
    CropSettings,
    crop_face,
    points_in_crop,
    resize_matrix,
    resize_square,
    share_outside,
)
from deepfake.media.detectors import DetectorSettings
from deepfake.media.faces import Box


def numbered(height: int, width: int) -> np.ndarray:
    """A picture whose pixel at row r and column c is 10 r + c in each channel."""
    values = 10 * np.arange(height)[:, None] + np.arange(width)
    return np.stack([values] * 3, axis=2).astype(np.uint8)


def test_a_square_box_without_margin_is_cut_as_it_is() -> None:
    crop = crop_face(numbered(10, 10), Box.from_xywh(2, 3, 2, 2), margin=0.0)
    assert crop[..., 0].tolist() == [[32, 33], [42, 43]]


def test_a_tall_box_becomes_a_square_around_the_same_middle() -> None:
    # 2 x 4 at (4, 2): the middle is x = 5, the side 4, so columns 3..6 and rows 2..5
    crop = crop_face(numbered(10, 10), Box.from_xywh(4, 2, 2, 4), margin=0.0)
    assert crop[..., 0].tolist() == [[23, 24, 25, 26], [33, 34, 35, 36], [43, 44, 45, 46], [53, 54, 55, 56]]


def test_the_margin_is_added_on_each_side_as_a_fraction_of_the_longer_one() -> None:
    # side 2, half of it on each side: 4, so rows 2..5 and columns 3..6
    crop = crop_face(numbered(10, 10), Box.from_xywh(4, 3, 2, 2), margin=0.5)
    assert crop[:, 0, 0].tolist() == [23, 33, 43, 53]
    assert crop[0, :, 0].tolist() == [23, 24, 25, 26]


def test_a_negative_margin_cuts_into_the_box() -> None:
    crop = crop_face(numbered(10, 10), Box.from_xywh(2, 2, 4, 4), margin=-0.25)
    assert crop[..., 0].tolist() == [[33, 34], [43, 44]]


def test_past_the_picture_its_edge_repeats() -> None:
    crop = crop_face(numbered(3, 3), Box.from_xywh(-1, -1, 3, 3), margin=0.0)
    assert crop[..., 0].tolist() == [[0, 0, 1], [0, 0, 1], [10, 10, 11]]


def test_a_box_wholly_outside_gives_repeated_edge_and_no_crash() -> None:
    crop = crop_face(numbered(3, 3), Box.from_xywh(50, 50, 2, 2), margin=0.0)
    assert crop[..., 0].tolist() == [[22, 22], [22, 22]]


def test_a_crop_is_a_copy() -> None:
    image = numbered(10, 10)
    crop_face(image, Box.from_xywh(0, 0, 5, 5), margin=0.0)[:] = 255
    assert np.array_equal(image, numbered(10, 10))


def test_a_crop_keeps_its_channels_apart() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[..., 0] = 200
    assert crop_face(image, Box.from_xywh(1, 1, 4, 4), margin=0.1)[0, 0].tolist() == [200, 0, 0]


@pytest.mark.parametrize("margin", [-0.05, 0.0, 0.1, 0.3])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 90), (31, 30)])
def test_a_crop_is_always_square(width: int, height: int, margin: float) -> None:
    shape = crop_face(numbered(20, 25), Box.from_xywh(3, 5, width, height), margin=margin).shape
    assert shape[0] == shape[1] >= 1
    assert shape[0] == max(1, round(max(width, height) * (1 + 2 * margin)))


def test_a_crop_inside_the_picture_has_nothing_outside() -> None:
    assert share_outside((10, 10), Box.from_xywh(2, 2, 4, 4), margin=0.25) == 0.0


def test_the_share_outside_is_that_of_the_area() -> None:
    # 4 px at the corner with half a side around it: 8 x 8 from (-2, -2), of which 6 x 6 lie inside
    assert share_outside((10, 10), Box.from_xywh(0, 0, 4, 4), margin=0.5) == pytest.approx(1 - 36 / 64)


def test_the_share_outside_knows_height_from_width() -> None:
    # 4 x 4 at (8, 0) in a picture 10 wide and 20 high: half of it lies to the right
    assert share_outside((20, 10), Box.from_xywh(8, 0, 4, 4), margin=0.0) == pytest.approx(0.5)
    assert share_outside((10, 20), Box.from_xywh(8, 0, 4, 4), margin=0.0) == 0.0


def test_a_box_wholly_outside_lies_outside() -> None:
    assert share_outside((10, 10), Box.from_xywh(-20, -20, 4, 4), margin=0.0) == 1.0


def test_a_whole_file_as_its_box_has_invented_border_as_soon_as_there_is_a_margin() -> None:
    # 0.3 on each side: 160 px, of which 100 are in the file
    assert share_outside((100, 100), Box.from_xywh(0, 0, 100, 100), margin=0.3) == pytest.approx(1 - 100**2 / 160**2)


@pytest.mark.parametrize("side", [16, 40, 64, 100])
def test_resizing_is_linear_in_the_pixels(side: int) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0, 255, (2, 40, 40, 3)).astype(np.float32)
    together = resize_square(2 * a - 3 * b, side)
    assert np.abs(together - (2 * resize_square(a, side) - 3 * resize_square(b, side))).max() < 1e-2


def test_shrinking_averages_the_area() -> None:
    pixels = np.array([[0, 10, 100, 100], [20, 30, 100, 100], [1, 1, 0, 255], [1, 1, 0, 255]], np.uint8)
    assert resize_square(pixels, 2).tolist() == [[15.0, 100.0], [1.0, 127.5]]


def test_shrinking_fourfold_looks_at_every_pixel() -> None:
    pixels = np.zeros((4, 4), np.uint8)
    pixels[0, 3] = 160  # a sixteenth of the area, in a corner that bilinear sampling of the middle never sees
    assert resize_square(pixels, 1).tolist() == [[10.0]]


def test_resizing_does_not_round() -> None:
    assert resize_square(np.array([[0, 1], [0, 0]], np.uint8), 1).tolist() == [[0.25]]


def test_the_same_side_changes_nothing() -> None:
    assert np.array_equal(resize_square(numbered(5, 5), 5), numbered(5, 5).astype(np.float32))


@pytest.mark.parametrize("side", [1, 3, 64, 500])
def test_resizing_gives_float32_of_the_wanted_side_and_keeps_a_flat_picture_flat(side: int) -> None:
    resized = resize_square(np.full((37, 37, 3), 77, np.uint8), side)
    assert resized.shape == (side, side, 3)
    assert resized.dtype == np.float32
    assert np.abs(resized - 77).max() < 1e-3


def test_enlarging_stays_between_the_pixels() -> None:
    resized = resize_square(np.array([[0, 255], [255, 0]], np.uint8), 50)
    assert resized.min() >= 0
    assert resized.max() <= 255


def test_crop_settings_come_back_from_what_the_card_stores() -> None:
    settings = CropSettings(
        detector=DetectorSettings(name="haar", threshold=0.7, max_side_px=512), margin=0.1, side_px=96
    )
    assert CropSettings.from_dict(settings.to_dict()) == settings


@pytest.mark.parametrize("changes", [{"margin": -0.5}, {"margin": float("nan")}, {"side_px": 0}])
def test_settings_that_leave_nothing_to_see_are_refused(changes: dict[str, float]) -> None:
    values: dict[str, Any] = {"detector": DetectorSettings(), "margin": 0.0, "side_px": 64}
    with pytest.raises(ValueError, match=next(iter(changes))):
        CropSettings(**(values | changes))


@pytest.mark.parametrize(
    ("side_from", "side_to"), [(512, 64), (100, 64), (100, 33), (64, 64), (40, 64), (1, 8), (7, 1)]
)
def test_the_resize_matrix_does_what_resizing_does(side_from: int, side_to: int) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (side_from, side_from)).astype(np.float32)
    matrix = resize_matrix(side_from, side_to)
    assert matrix.shape == (side_to, side_from)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(side_to), abs=1e-5)
    assert np.abs(matrix @ crop @ matrix.T - resize_square(crop, side_to)).max() < 1e-3


def test_points_of_the_picture_are_shares_of_the_crop() -> None:
    box = Box.from_xywh(100, 50, 40, 40)  # with a margin of a quarter: 60 px from (90, 40)
    assert points_in_crop([(90, 40), (150, 100), (120, 55)], box, margin=0.25) == ((0, 0), (1, 1), (0.5, 0.25))


def test_a_point_keeps_its_pixel_in_the_crop() -> None:
    image = np.zeros((60, 80, 3), np.uint8)
    image[33, 21] = 255
    box = Box.from_xywh(10, 20, 24, 30)
    crop = crop_face(image, box, margin=0.1)
    ((x, y),) = points_in_crop([(21.5, 33.5)], box, margin=0.1)
    assert crop[int(y * len(crop)), int(x * len(crop))].tolist() == [255, 255, 255]
