"""Maps laid over each other, on faces whose place is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.agreement import Agreement
from deepfake.explain.average import average_maps, similarity
from deepfake.explain.base import Explanation, ExplanationSettings
from deepfake.media.faces import Point
from tests.explain.test_parts import FRONTAL

SIDE = 100
MOUTH = (slice(62, 74), slice(40, 60))  # rows and columns around (0.5, 0.68)


def map_of(area: Any, weight: float, *, signs: bool = True, side: int = SIDE) -> Explanation:
    """A face of which one area counts."""
    segments = np.zeros((side, side), np.int64)
    segments[area] = 1
    return Explanation(
        crop=np.full((side, side, 3), 90, np.uint8),
        segments=segments,
        weights=np.array([0.0, weight]),
        probability=0.9,
        fidelity=None,
        agreement=Agreement(rank_correlation=1.0, top_overlap=1.0, signs=np.array([True, signs]), chance=0.0),
        num_repeats=2,
        num_samples=400,
        is_final=True,
        settings=ExplanationSettings(),
    )


def shifted(points: tuple[Point, ...], x: float, y: float) -> tuple[Point, ...]:
    return tuple((px + x, py + y) for px, py in points)


def test_a_similarity_is_found_from_its_points() -> None:
    points = ((0.0, 0.0), (1.0, 0.0), (0.0, 2.0))
    target = tuple((3 - 2 * y, 1 + 2 * x) for x, y in points)  # a quarter turn, twice the size, shifted by (3, 1)
    a, b = similarity(points, target)
    assert (a, b) == (pytest.approx(2j), pytest.approx(3 + 1j))


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = tuple((1 - x, y) for x, y in FRONTAL)
    a, _ = similarity(mirrored, FRONTAL)
    assert abs(a) < 1  # no turn fits well


def test_one_frame_is_its_own_average() -> None:
    made = average_maps([(map_of(MOUTH, 0.2), FRONTAL)])
    assert made.num_frames == 1
    assert made.weights == pytest.approx(np.where(map_of(MOUTH, 0.2).segments == 1, 0.2, 0.0))


def test_a_face_that_moved_is_laid_over_where_it_was() -> None:
    down_right = (slice(67, 79), slice(50, 70))  # 5 px down and 10 px to the right
    made = average_maps([(map_of(MOUTH, 0.2), FRONTAL), (map_of(down_right, 0.4), shifted(FRONTAL, 0.1, 0.05))])
    assert made.weights[MOUTH] == pytest.approx(0.3)
    made.weights[MOUTH] = 0
    assert np.abs(made.weights).max() < 1e-9


def test_frames_of_another_size_are_brought_to_that_of_the_first() -> None:
    twice = (slice(124, 148), slice(80, 120))
    made = average_maps([(map_of(MOUTH, 0.2), FRONTAL), (map_of(twice, 0.2, side=2 * SIDE), FRONTAL)])
    assert made.weights.shape == (SIDE, SIDE)
    inner = made.weights[64:72, 42:58]
    assert inner == pytest.approx(0.2)


def test_a_tilted_face_is_turned_back() -> None:
    turned = tuple((1 - y, x) for x, y in FRONTAL)  # a quarter turn clockwise about the middle
    area = np.zeros((SIDE, SIDE), bool)
    area[MOUTH] = True
    made = average_maps([(map_of(MOUTH, 0.2), FRONTAL), (map_of(np.rot90(area, -1), 0.2), turned)])
    assert made.weights[MOUTH] == pytest.approx(0.2)


def test_frames_that_contradict_each_other_cancel() -> None:
    made = average_maps([(map_of(MOUTH, 0.2), FRONTAL), (map_of(MOUTH, -0.2), FRONTAL)])
    assert np.abs(made.weights).max() < 1e-12


def test_an_area_whose_sign_is_not_agreed_on_counts_for_nothing() -> None:
    made = average_maps([(map_of(MOUTH, 0.2), FRONTAL), (map_of(MOUTH, 0.2, signs=False), FRONTAL)])
    assert made.weights[MOUTH] == pytest.approx(0.1)


def test_where_less_than_half_of_the_frames_reach_nothing_is_said() -> None:
    everywhere = (slice(0, SIDE), slice(0, SIDE))
    far = shifted(FRONTAL, 0.5, 0.0)  # moved back by half a side, it leaves the right half of the target uncovered
    frames = [(map_of(everywhere, 0.2), FRONTAL), *[(map_of(everywhere, 0.2), far)] * 2]
    made = average_maps(frames)
    assert made.weights[:, :45] == pytest.approx(0.2)
    assert not made.weights[:, 55:].any()


def test_the_parts_are_ranked_and_say_in_how_many_frames_they_push_that_way() -> None:
    made = average_maps([(map_of(MOUTH, 0.4), FRONTAL), (map_of(MOUTH, 0.2), FRONTAL), (map_of(MOUTH, -0.1), FRONTAL)])
    assert made.parts[0].part == "mouth"
    assert made.parts[0].weight > 0
    assert made.parts[0].num_alike == 2


@pytest.mark.parametrize("landmarks", [(), FRONTAL[:4]])
def test_without_the_five_points_nothing_is_averaged(landmarks: tuple[Point, ...]) -> None:
    with pytest.raises(ExplanationSettingsError, match="five points"):
        average_maps([(map_of(MOUTH, 0.2), FRONTAL), (map_of(MOUTH, 0.2), landmarks)])
    with pytest.raises(ExplanationSettingsError, match="at least one frame"):
        average_maps([])
