"""Whose faces of a clip get its label."""

from __future__ import annotations

import pytest

from deepfake.data.clip_faces import ExtractSettings, Sighting, tracks_with_a_label
from deepfake.media.clips import Sampling
from deepfake.media.detectors import DetectorSettings
from deepfake.media.faces import Box, Face

REAL, FAKE = 0, 1


def seen(side: int, *, times: int, detection_score: float = 0.9) -> list[Sighting]:
    """A face of this side in so many frames."""
    face = Face(box=Box.from_xywh(0, 0, side, side), detection_score=detection_score)
    return [Sighting(frame=frame, time_s=float(frame), face=face, outside=0.0) for frame in range(times)]


def test_of_a_fake_clip_only_the_longest_and_largest_track_has_a_label() -> None:
    assert tracks_with_a_label({0: seen(100, times=3), 1: seen(60, times=10), 2: seen(90, times=2)}, FAKE) == [1]
    assert tracks_with_a_label({0: seen(100, times=8), 1: seen(60, times=10)}, FAKE) == [0]


def test_of_a_real_clip_everybody_has() -> None:
    tracks = {0: seen(100, times=3), 1: seen(60, times=10), 2: seen(90, times=2)}
    assert tracks_with_a_label(tracks, REAL) == [0, 1, 2]


def test_what_was_seen_in_one_frame_alone_is_left_out() -> None:
    assert tracks_with_a_label({0: seen(100, times=3), 1: seen(120, times=1)}, REAL) == [0]


def test_bystanders_are_left_out_since_fakes_have_none() -> None:
    """Regression: a blurred passer-by stood among the reals alone."""
    assert tracks_with_a_label({0: seen(143, times=4), 1: seen(69, times=3), 2: seen(72, times=3)}, REAL) == [0, 2]


def test_what_is_hardly_a_face_is_left_out_unless_it_is_all_there_is() -> None:
    """Regression: a hand and a curtain, both found twice and more, stood among the reals alone."""
    unsure = seen(190, times=2, detection_score=0.62)
    assert tracks_with_a_label({0: seen(174, times=7), 1: unsure}, REAL) == [0]
    assert tracks_with_a_label({1: unsure}, REAL) == [1]


def test_where_no_score_tells_faces_the_main_person_alone_has_a_label() -> None:
    """Regression: with Haar, 19 of 215 crops of reals were patches of walls, and none of the fakes."""
    assert tracks_with_a_label({0: seen(100, times=3), 1: seen(90, times=3)}, REAL, main_alone=True) == [0]


def test_where_nobody_is_seen_twice_the_largest_stays() -> None:
    assert tracks_with_a_label({0: seen(50, times=1), 1: seen(90, times=1)}, REAL) == [1]
    assert tracks_with_a_label({4: seen(50, times=1)}, FAKE) == [4]


def test_where_nobody_is_seen_nobody_has_a_label() -> None:
    assert tracks_with_a_label({}, REAL) == tracks_with_a_label({}, FAKE) == []


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        ExtractSettings(sampling=Sampling(every=30), detector=DetectorSettings(), margin=-0.1)
    with pytest.raises(ValueError, match="per_second"):
        ExtractSettings(sampling=Sampling(per_second=3), detector=DetectorSettings())
