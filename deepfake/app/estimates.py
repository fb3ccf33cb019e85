"""Measured values in words, with their 95 % intervals. Pure functions."""

from __future__ import annotations

from deepfake.evaluation.estimates import Estimate
from deepfake.phrases import PERCENT
from deepfake.reports.wording import NOTHING_FIRM

NOUNS = {"image": "faces", "frame": "frames", "clip": "clips"}  # what a sample of each unit is called


def plain(one: Estimate | None, digits: int = 2) -> str:
    """A value as it is, or a dash."""
    if one is None:
        return NOTHING_FIRM
    value = f"{one.value:.{digits}f}"
    if one.low is None or one.high is None:
        return value
    return _with_interval(value, f"{one.low:.{digits}f}", f"{one.high:.{digits}f}")


def rate(one: Estimate | None) -> str:
    """A share (0..1) in percent, or a dash."""
    if one is None:
        return NOTHING_FIRM
    value = percent_exactly(one.value)
    if one.low is None or one.high is None:
        return value
    return _with_interval(value, f"{100 * one.low:.0f}", f"{100 * one.high:.0f}")


def percent_exactly(share: float | None) -> str:
    """A counted share, which may be exactly none or all; a dash where there was nothing to count."""
    return NOTHING_FIRM if share is None else f"{100 * share:.0f}{PERCENT}"


def count_among(count: int, total: int) -> str:
    """A count with its share: "12 of 122 (10 %)"."""
    return f"{count:,} of {total:,} ({percent_exactly(count / total)})"


def times_in_100(auc: float) -> str:
    """An AUC as how often the manipulated one of two faces is found."""
    return f"{100 * auc:.0f} times in 100"


def _with_interval(value: str, low: str, high: str) -> str:
    """Broken over two lines, if at all, between the value and its interval."""
    return f"{value} [{low},\N{NO-BREAK SPACE}{high}]"
