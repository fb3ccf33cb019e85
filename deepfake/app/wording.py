"""Words that are said on the page alone; those it shares with reports are in `reports/wording.py`. Pure functions."""

from __future__ import annotations

import re

FAILED = "This file could not be judged"


def literal(text: str) -> str:
    """Text from outside as a Markdown code span, in which nothing is rendered.

    >>> literal(":red[**a**].png")
    '` :red[**a**].png `'
    """
    one_line = "".join(letter if letter.isprintable() else " " for letter in text) or " "
    longest = max((len(run) for run in re.findall("`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {one_line} {fence}"
