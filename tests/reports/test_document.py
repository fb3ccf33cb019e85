"""Texts from outside on their way into a document."""

from __future__ import annotations

import pytest

from deepfake.reports.document import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a b.png", "a b.png"),
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202egnp", "\\u202egnp"),
        ("\udcff", "\\udcff"),
        ("\u7167", "\u7167"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_is_very_long_is_cut_and_says_so() -> None:
    shown = visible("x" * 70_000)
    assert len(shown) < 700
    assert shown.endswith("(70,000 characters in all)")
