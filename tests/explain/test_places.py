"""Areas named in words, on a face laid out by hand: eyes at a third, mouth at two thirds of the crop's height."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.explain.parts import PARTS, find_parts, is_in_profile
from deepfake.explain.places import describe_part, describe_places
from deepfake.media.faces import Point
from tests.explain.test_parts import FRONTAL

SIDE = 200


def square_at(x: float, y: float) -> np.ndarray:
    """Segment 1 is a small square around a place, segment 0 all else."""
    segments = np.zeros((SIDE, SIDE), np.int64)
    segments[int((y - 0.03) * SIDE) : int((y + 0.03) * SIDE), int((x - 0.03) * SIDE) : int((x + 0.03) * SIDE)] = 1
    return segments


@pytest.mark.parametrize(
    ("place", "phrase"),
    [
        ((0.5, 0.68), "around the mouth"),
        ((0.35, 0.35), "around the left eye"),
        ((0.73, 0.6), "on the right cheek"),
        ((0.5, 0.16), "on the forehead"),
        ((0.5, 0.04), "at the hairline"),
        ((0.2, 0.75), "along the jawline on the left"),
        ((0.8, 0.75), "along the jawline on the right"),
        ((0.04, 0.96), "in the background at the bottom left"),
        ((0.96, 0.04), "in the background at the top right"),
    ],
)
def test_an_area_is_named_by_its_part_of_the_face_and_wide_parts_by_their_side(place: Point, phrase: str) -> None:
    assert describe_places(square_at(*place), FRONTAL)[1] == phrase


@pytest.mark.parametrize(
    ("place", "phrase"),
    [
        ((0.1, 0.1), "at the top left"),
        ((0.5, 0.9), "at the bottom"),
        ((0.9, 0.5), "on the right"),
        ((0.5, 0.5), "in the middle"),
    ],
)
def test_without_landmarks_the_place_in_the_picture_is_said_and_no_part_is_guessed(place: Point, phrase: str) -> None:
    assert describe_places(square_at(*place), ())[1] == phrase


def test_every_part_has_a_phrase_of_its_own() -> None:
    assert len({describe_part(part) for part in PARTS}) == len(PARTS)


def test_face_parts_as_segments_are_named_after_themselves_without_a_side() -> None:
    names = describe_places(find_parts(SIDE, FRONTAL), FRONTAL)
    assert names[PARTS.index("hairline")] == "at the hairline"
    assert names[PARTS.index("mouth")] == "around the mouth"


def test_a_face_is_in_profile_where_its_eyes_fall_together() -> None:
    assert not is_in_profile(FRONTAL)
    assert is_in_profile(((0.4, 0.35), (0.42, 0.35), (0.3, 0.5), (0.38, 0.68), (0.42, 0.68)))
    assert not is_in_profile(())  # not known
