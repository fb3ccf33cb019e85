"""Texts from strangers' files: what is left of them."""

from __future__ import annotations

import pytest

from deepfake.media.provenance.texts import LONGEST, clean, is_clean


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Canon EOS R5", "Canon EOS R5"),
        ("  two\r\n\tlines\u2028and\u00a0more ", "two lines and more"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("\u2066isolated\u2069 \u200fmarks\u200e", "isolated marks"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("nul\x00, escape \x1b[31mred", "nul , escape [31mred"),
        ("a\u0301 stays, a" + "\u0301" * 50 + " does not pile up", "a\u0301 stays, a\u0301\u0301 does not pile up"),
        ("\ud800half a pair\ue000private", "half a pairprivate"),
        ("שלום 你好 ünï", "שלום 你好 ünï"),
        ("\u202e\x00 \n", ""),
        ("", ""),
        (b"bytes \xff\xfe", "bytes \ufffd\ufffd"),
    ],
)
def test_only_what_can_be_seen_is_left(text: str | bytes, left: str) -> None:
    assert clean(text) == left


def test_long_texts_are_cut() -> None:
    assert clean("x" * LONGEST) == "x" * LONGEST
    assert clean("x" * 10**7) == "x" * (LONGEST - 1) + "…"
    assert clean("abc def", longest=5) == "abc…"


@pytest.mark.parametrize("text", ["x" * 1000, "a\u202eb", "tab\there", "a" + "\u0301" * 9, "abc " * 99])
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert is_clean(once)
    assert not is_clean(text)


def test_nothing_and_other_kinds_of_values_are_not_clean_texts() -> None:
    assert not is_clean("")
    assert not is_clean(7)
