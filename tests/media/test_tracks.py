"""Who is who: faces linked through frames that the test draws."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.media.faces import Box, Face
from deepfake.media.images import RGBImage
from deepfake.media.tracks import Tracker

SIDE = 40
HEIGHT, WIDTH = 200, 400


def face(x: int, y: int, side: int = SIDE) -> Face:
    return Face(box=Box.from_xywh(x, y, side, side), detection_score=0.9)


def look(seed: int) -> RGBImage:
    """A pattern that no other seed resembles."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((8, 8, 1), np.uint8))


def scene(seed: int = 99) -> RGBImage:
    """A background: one large pattern a seed."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(60, 200, (4, 8, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((50, 50, 1), np.uint8))


def draw(background: RGBImage, people: dict[int, tuple[int, int]]) -> tuple[RGBImage, list[Face]]:
    """The frame with each person's pattern at a place, and the boxes in that order."""
    frame = background.copy()
    for seed, (x, y) in people.items():
        frame[y : y + SIDE, x : x + SIDE] = look(seed)
    return frame, [face(x, y) for x, y in people.values()]


def numbers_of(frames: list[dict[int, tuple[int, int]]], step_s: float = 1 / 3) -> list[list[int]]:
    tracker, background = Tracker(), scene()
    linked = []
    for index, people in enumerate(frames):
        pixels, faces = draw(background, people)
        linked.append(tracker.link(pixels, index * step_s, faces))
    return linked


def test_a_face_that_moves_keeps_its_number() -> None:
    assert numbers_of([{1: (10 + 15 * t, 50)} for t in range(8)]) == [[0]] * 8


def test_two_people_who_cross_do_not_swap() -> None:
    # they meet in the middle and pass; the detector lists them in the order of the dictionary
    frames = [{1: (20 + 30 * t, 50), 2: (260 - 30 * t, 60)} for t in range(9)]
    assert numbers_of(frames) == [[0, 1]] * 9


def test_two_people_who_meet_and_turn_back_do_not_swap() -> None:
    # place alone would say that they passed each other: only the look tells that they did not
    offsets = [0, 50, 100, 50, 0]
    frames = [{1: (20 + x, 50), 2: (250 - x, 50)} for x in offsets]
    assert numbers_of(frames) == [[0, 1]] * len(frames)


def test_the_order_of_detections_does_not_matter() -> None:
    frames = [{1: (20, 50), 2: (200, 50)}, {2: (205, 50), 1: (25, 50)}]
    assert numbers_of(frames) == [[0, 1], [1, 0]]


def test_a_face_that_is_missed_for_a_moment_keeps_its_number() -> None:
    assert numbers_of([{1: (50, 50)}, {}, {}, {1: (55, 50)}]) == [[0], [], [], [0]]


def test_after_long_away_a_face_is_known_by_its_look_at_its_old_place_alone() -> None:
    gone: list[dict[int, tuple[int, int]]] = [{}] * 5
    assert numbers_of([{1: (50, 50)}, *gone, {1: (52, 50)}])[-1] == [0]
    assert numbers_of([{1: (50, 50)}, *gone, {1: (90, 50)}])[-1] == [1]
    assert numbers_of([{1: (50, 50)}, *gone, {2: (50, 50)}])[-1] == [1]


def test_a_newcomer_gets_a_new_number() -> None:
    assert numbers_of([{1: (50, 50)}, {1: (50, 50), 2: (200, 60)}]) == [[0], [0, 1]]


def test_a_cut_to_another_person_at_the_same_place_starts_a_new_track() -> None:
    tracker = Tracker()
    first, faces = draw(scene(1), {1: (100, 60)})
    second, other = draw(scene(2), {2: (100, 60)})
    assert tracker.link(first, 0.0, faces) == [0]
    assert tracker.link(second, 1 / 3, other) == [1]


def test_a_cut_does_not_carry_a_person_to_another_place() -> None:
    tracker = Tracker()
    first, faces = draw(scene(1), {1: (100, 60)})
    second, moved = draw(scene(2), {1: (160, 60)})
    assert tracker.link(first, 0.0, faces) == [0]
    assert tracker.link(second, 1 / 3, moved) == [1]


def test_a_banner_that_slides_in_does_not_make_a_new_person() -> None:
    tracker, background = Tracker(), scene()
    pixels, faces = draw(background, {1: (100, 20)})
    covered = pixels.copy()
    covered[100:] = 255
    assert tracker.link(pixels, 0.0, faces) == [0]
    assert tracker.link(covered, 1 / 3, faces) == [0]


def test_a_face_cannot_become_twice_as_large_between_two_frames() -> None:
    tracker, background = Tracker(), scene()
    assert tracker.link(background, 0.0, [face(100, 50, 40)]) == [0]
    assert tracker.link(background, 1 / 3, [face(80, 30, 90)]) == [1]


@pytest.mark.parametrize("seed", range(5))
def test_looks_of_different_people_differ(seed: int) -> None:
    # the premise of the tests above
    one, other = look(seed).astype(float).ravel(), look(seed + 1).astype(float).ravel()
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.5
