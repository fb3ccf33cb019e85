"""Parts of a face laid out by hand: eyes at a third, mouth at two thirds of the crop's height."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.parts import PARTS, find_parts, name_places
from deepfake.media.crops import crop_face, points_in_crop
from deepfake.media.detectors import Detector
from deepfake.media.faces import Point
from deepfake.media.images import RGBImage

SIDE = 200
# Eyes 0.3 apart; the mouth 1.1 times that below them, as in the layout that parts.py assumes.
EYES, NOSE, MOUTH = ((0.35, 0.35), (0.65, 0.35)), ((0.5, 0.53),), ((0.4, 0.68), (0.6, 0.68))
FRONTAL = (*EYES, *NOSE, *MOUTH)


def part_at(parts: np.ndarray, x: float, y: float) -> str:
    return PARTS[parts[int(y * len(parts)), int(x * len(parts))]]


@pytest.mark.parametrize(
    ("place", "part"),
    [
        (EYES[0], "left eye"),
        (EYES[1], "right eye"),
        (NOSE[0], "nose"),
        ((0.5, 0.68), "mouth"),
        (MOUTH[0], "mouth"),
        ((0.27, 0.6), "left cheek"),
        ((0.73, 0.6), "right cheek"),
        ((0.5, 0.16), "forehead"),
        ((0.5, 0.82), "chin"),
        ((0.5, 0.0), "hairline"),
        ((0.2, 0.75), "jawline"),
        ((0.0, 0.99), "background"),
    ],
)
def test_each_place_of_a_frontal_face_has_its_part(place: Point, part: str) -> None:
    assert part_at(find_parts(SIDE, FRONTAL), *place) == part


def test_a_frontal_face_is_symmetric() -> None:
    parts = find_parts(SIDE, FRONTAL)
    mirror = {"left eye": "right eye", "left cheek": "right cheek"}
    mirror |= {right: left for left, right in mirror.items()}
    turned = np.array([PARTS.index(mirror.get(name, name)) for name in PARTS])[parts[:, ::-1]]
    assert (parts == turned).mean() > 0.98


def test_the_order_of_the_eyes_does_not_matter() -> None:
    assert np.array_equal(find_parts(SIDE, FRONTAL), find_parts(SIDE, (*EYES[::-1], *NOSE, *MOUTH)))


def test_a_tilted_face_has_tilted_parts() -> None:
    angle = np.radians(30)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def tilted(point: Point) -> Point:
        x, y = turn @ (np.array(point) - 0.5) + 0.5
        return float(x), float(y)

    parts = find_parts(SIDE, tuple(tilted(point) for point in FRONTAL))
    for place, part in ((EYES[0], "left eye"), (NOSE[0], "nose"), ((0.5, 0.68), "mouth"), ((0.5, 0.2), "forehead")):
        assert part_at(parts, *tilted(place)) == part


def test_the_side_of_the_crop_does_not_move_the_parts() -> None:
    small, large = find_parts(50, FRONTAL), find_parts(SIDE, FRONTAL)
    assert (np.repeat(np.repeat(small, 4, axis=0), 4, axis=1) == large).mean() > 0.93


def test_a_profile_whose_eyes_fall_together_still_has_eyes_above_mouth() -> None:
    parts = find_parts(SIDE, ((0.4, 0.35), (0.42, 0.35), (0.3, 0.5), (0.38, 0.68), (0.42, 0.68)))
    assert part_at(parts, 0.41, 0.72) in ("mouth", "chin")
    assert part_at(parts, 0.41, 0.15) == "forehead"
    assert part_at(parts, 0.48, 0.34).endswith("eye")
    assert part_at(parts, 0.3, 0.5) == "nose"


def test_points_of_no_face_give_some_map_and_no_error() -> None:
    collinear = tuple((0.1 * number, 0.1 * number) for number in range(5))
    upside_down = (*((x, 1 - y) for x, y in FRONTAL),)
    for points in (collinear, upside_down):
        parts = find_parts(SIDE, points)
        assert parts.shape == (SIDE, SIDE)
        assert parts.min() >= 0
        assert parts.max() < len(PARTS)


@pytest.mark.parametrize("points", [(), FRONTAL[:4], ((0.5, 0.5),) * 5], ids=["none", "four", "one place"])
def test_without_five_points_nothing_is_guessed(points: tuple[Point, ...]) -> None:
    with pytest.raises(ExplanationSettingsError, match="five points"):
        find_parts(SIDE, points)


def test_the_detectors_landmarks_of_a_real_face_lie_in_their_own_parts(
    astronaut_pixels: RGBImage, yunet: Detector
) -> None:
    face = yunet.find(astronaut_pixels)[0]
    crop = crop_face(astronaut_pixels, face.box, margin=0.3)
    landmarks = points_in_crop(face.landmarks, face.box, margin=0.3)
    parts = find_parts(len(crop), landmarks)
    assert [part_at(parts, *point) for point in landmarks] == ["left eye", "right eye", "nose", "mouth", "mouth"]


def test_a_segment_is_named_by_the_part_that_it_lies_in_most() -> None:
    parts = np.array([[0, 0, 1], [0, 6, 6], [6, 6, 6]])
    segments = np.array([[0, 0, 0], [0, 1, 1], [1, 1, 0]])
    assert name_places(segments, parts) == ("forehead", "mouth")
