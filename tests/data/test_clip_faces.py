"""Whose faces of a clip get its label."""

from __future__ import annotations

import pytest

from deepfake.data.clip_faces import ExtractSettings, tracks_with_a_label
from deepfake.media.clips import Sampling
from deepfake.media.detectors import DetectorSettings

REAL, FAKE = 0, 1


def test_of_a_fake_clip_only_the_longest_and_largest_track_has_a_label() -> None:
    assert tracks_with_a_label({0: [100] * 3, 1: [60] * 10, 2: [90] * 2}, FAKE) == [1]
    assert tracks_with_a_label({0: [100] * 8, 1: [60] * 10}, FAKE) == [0]


def test_of_a_real_clip_everybody_has() -> None:
    assert tracks_with_a_label({0: [100] * 3, 1: [60] * 10, 2: [90] * 2}, REAL) == [0, 1, 2]


def test_what_was_seen_in_one_frame_alone_is_left_out() -> None:
    assert tracks_with_a_label({0: [100] * 3, 1: [120]}, REAL) == [0]


def test_bystanders_are_left_out_since_fakes_have_none() -> None:
    """Regression: a blurred passer-by and a hand taken for a face stood among the reals alone."""
    assert tracks_with_a_label({0: [143] * 4, 1: [69] * 3, 2: [72] * 3}, REAL) == [0, 2]


def test_where_nobody_is_seen_twice_the_largest_stays() -> None:
    assert tracks_with_a_label({0: [50], 1: [90]}, REAL) == [1]
    assert tracks_with_a_label({4: [50]}, FAKE) == [4]


def test_where_nobody_is_seen_nobody_has_a_label() -> None:
    assert tracks_with_a_label({}, REAL) == tracks_with_a_label({}, FAKE) == []


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        ExtractSettings(sampling=Sampling(every=30), detector=DetectorSettings(), margin=-0.1)
    with pytest.raises(ValueError, match="per_second"):
        ExtractSettings(sampling=Sampling(per_second=3), detector=DetectorSettings())
