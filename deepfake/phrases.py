"""Numbers and lists as a person would write them. Pure functions that every room may use."""

from __future__ import annotations

from collections.abc import Sequence

PERCENT = "\N{NO-BREAK SPACE}%"
_SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five")


def percent(share: float) -> str:
    """A share (0..1) without decimals, and never 0 or 100: nothing here is certain."""
    if share > 0.99:
        return f"more than 99{PERCENT}"
    return f"less than 1{PERCENT}" if share < 0.01 else f"{100 * share:.0f}{PERCENT}"


def points(difference: float) -> str:
    """A difference of two shares, whichever way, in whole percentage points.

    >>> points(-0.123), points(0.01), points(0.004)
    ('12 percentage points', '1 percentage point', 'less than 1 percentage point')
    """
    value = round(100 * abs(difference))
    return "less than 1 percentage point" if value < 1 else f"{value} percentage point{'' if value == 1 else 's'}"


def count_of(number: int, noun: str) -> str:
    """A count with its noun: "1 face", "3 faces"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def counted(number: int, noun: str) -> str:
    """The same with small numbers as words: "two areas"."""
    if number >= len(_SMALL_NUMBERS):
        return count_of(number, noun)
    return f"{_SMALL_NUMBERS[number]} {noun}" + ("" if number == 1 else "s")


def listed(names: Sequence[str]) -> str:
    """Names as a person would list them.

    >>> listed(["LFW", "UTKFace", "mine"])
    'LFW, UTKFace and mine'
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
