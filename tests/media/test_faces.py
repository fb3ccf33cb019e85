from __future__ import annotations

import pytest

from deepfake.errors import DeepfakeError, InvalidBoxError
from deepfake.media.faces import Box, Face, central_face
from tests.fakes import face_at


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (-1, 5), (0, 0)])
def test_a_box_without_area_is_refused(width: int, height: int) -> None:
    with pytest.raises(InvalidBoxError, match="from_xywh"):
        Box.from_xywh(3, 4, width, height)


def test_the_refusal_is_both_ours_and_a_value_error() -> None:
    assert issubclass(InvalidBoxError, DeepfakeError)
    assert issubclass(InvalidBoxError, ValueError)


def test_a_box_from_corner_and_size_ends_one_past_its_last_pixel() -> None:
    assert Box.from_xywh(3, 4, 10, 20) == Box(x_min=3, y_min=4, x_max=13, y_max=24)


def test_a_box_may_reach_past_the_picture() -> None:
    assert Box.from_xywh(-5, -6, 10, 10).to_list() == [-5, -6, 5, 4]


@pytest.mark.parametrize(("width", "height"), [(10, 20), (20, 10)])
def test_the_side_of_a_box_is_the_longer_one(width: int, height: int) -> None:
    assert Box.from_xywh(0, 0, width, height).side == 20


def test_a_box_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Box.from_xywh(0, 0, 1, 1).x_min = 5  # type: ignore[misc]


def test_without_faces_none_is_central() -> None:
    assert central_face([], (100, 100)) is None


def test_a_single_face_is_central_wherever_it_is() -> None:
    assert central_face([face_at(0, 0, 5)], (100, 100)) == face_at(0, 0, 5)


def test_of_two_faces_in_the_same_place_the_larger_is_central() -> None:
    small, large = face_at(45, 45, 10), face_at(40, 40, 20)
    assert central_face([small, large], (100, 100)) == large


def test_of_two_faces_of_the_same_size_the_nearer_to_the_middle_is_central() -> None:
    aside, middle = face_at(0, 40, 20), face_at(35, 40, 20)
    assert central_face([aside, middle], (100, 100)) == middle


def central_beside(side: int) -> Face | None:
    """The choice between a face of 20 px in the middle, worth 400, and a larger one around (85, 85).

    That one lies sqrt(0.35^2 + 0.35^2) = 0.495 from the middle and so is worth 0.505 of its squared side.
    """
    return central_face([face_at(40, 40, 20), face_at(85 - side // 2, 85 - side // 2, side)], (100, 100))


def test_a_face_in_a_corner_must_be_well_larger_to_be_central() -> None:
    assert central_beside(26) == face_at(40, 40, 20)  # 676 * 0.505 = 341
    assert central_beside(30) == face_at(70, 70, 30)  # 900 * 0.505 = 455


def test_distance_is_measured_in_shares_of_the_pictures_own_sides() -> None:
    # in a wide picture 100 px to the side is a tenth, and the larger face wins
    middle, aside = face_at(490, 40, 20), face_at(588, 38, 24)
    assert central_face([middle, aside], (100, 1000)) == aside
    # in a square one of 200 px it is half the picture
    middle, aside = face_at(90, 90, 20), face_at(176, 88, 24)
    assert central_face([middle, aside], (200, 200)) == middle


def test_the_detection_score_does_not_choose() -> None:
    sure = Face(box=Box.from_xywh(0, 0, 20, 20), detection_score=1.0)
    unsure = Face(box=Box.from_xywh(40, 40, 20, 20), detection_score=0.6)
    assert central_face([sure, unsure], (100, 100)) == unsure
