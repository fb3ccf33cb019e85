"""The words of the page: those it shares with reports, and what is said on it alone. Pure functions."""

from __future__ import annotations

import re

from deepfake.reports.wording import (
    CLIP_CONFIDENCE_BASIS,
    COLORS,
    CONFIDENCE_BASIS,
    DIFFUSION,
    HEADLINES,
    NEW_METHODS,
    NOTHING_FIRM,
    REFUSED,
    confidence_of,
    confidence_words,
    explaining_sentences,
    headline,
    short_confidence,
)

__all__ = [
    "CLIP_CONFIDENCE_BASIS",
    "COLORS",
    "CONFIDENCE_BASIS",
    "DIFFUSION",
    "FAILED",
    "HEADLINES",
    "NEW_METHODS",
    "NOTHING_FIRM",
    "REFUSED",
    "confidence_of",
    "confidence_words",
    "explaining_sentences",
    "headline",
    "literal",
    "short_confidence",
]

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
