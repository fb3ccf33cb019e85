"""Measured values in words."""

from __future__ import annotations

import pytest

from deepfake.app.estimates import count_among, percent_exactly, plain, rate, times_in_100
from deepfake.evaluation.estimates import Estimate
from deepfake.reports.wording import NOTHING_FIRM

MEASURED = Estimate(value=0.716, low=0.648, high=0.777, n=248)
OF_FEW = Estimate(value=0.6, low=None, high=None, n=6)


def test_an_interval_is_never_torn_apart_at_the_end_of_a_line() -> None:
    assert plain(MEASURED) == "0.72 [0.65,\xa00.78]"
    assert plain(MEASURED, digits=3) == "0.716 [0.648,\xa00.777]"
    assert rate(MEASURED) == "72\xa0% [65,\xa078]"


def test_few_sources_have_no_interval() -> None:
    assert (plain(OF_FEW), rate(OF_FEW)) == ("0.60", "60\xa0%")


def test_what_was_not_measured_is_a_dash() -> None:
    assert plain(None) == rate(None) == percent_exactly(None) == NOTHING_FIRM


@pytest.mark.parametrize(("share", "words"), [(0.0, "0\xa0%"), (1.0, "100\xa0%"), (0.126, "13\xa0%")])
def test_a_counted_share_may_be_none_or_all(share: float, words: str) -> None:
    assert percent_exactly(share) == words


def test_counts_keep_their_share_and_large_ones_their_commas() -> None:
    assert count_among(14, 1902) == "14 of 1,902 (1\xa0%)"
    assert times_in_100(0.824) == "82 times in 100"
