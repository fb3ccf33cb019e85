"""Numbers and lists in words."""

from __future__ import annotations

import pytest

from deepfake.phrases import count_of, counted, listed, percent, points


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "more than 99\xa0%"),
        (0.994, "more than 99\xa0%"),
        (0.99, "99\xa0%"),
        (0.5049, "50\xa0%"),
        (0.0, "less than 1\xa0%"),
    ],
)
def test_a_percentage_has_no_decimals_and_is_never_0_or_100(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (0.123, "12 percentage points"),
        (-0.123, "12 percentage points"),
        (0.014, "1 percentage point"),
        (0.0049, "less than 1 percentage point"),
    ],
)
def test_a_difference_is_said_in_points_whichever_way_it_goes(difference: float, words: str) -> None:
    assert points(difference) == words


def test_one_thing_is_not_plural() -> None:
    assert (count_of(1, "frame"), count_of(1200, "frame")) == ("1 frame", "1,200 frames")
    assert (counted(1, "area"), counted(2, "area"), counted(6, "area")) == ("one area", "two areas", "6 areas")


def test_names_are_listed_as_a_person_would() -> None:
    assert listed([]) == ""
    assert listed(["LFW"]) == "LFW"
    assert listed(["LFW", "UTKFace"]) == "LFW and UTKFace"
    assert listed(["LFW", "UTKFace", "mine"]) == "LFW, UTKFace and mine"
