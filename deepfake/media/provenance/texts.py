"""Texts from strangers' files, made harmless to show: one short line, nothing in it that cannot be seen."""

from __future__ import annotations

import unicodedata

LONGEST = 120  # characters of one text
_MAX_MARKS = 2  # accents on one letter; more are piled up to hide what is around them
_SPACES = ("Zs", "Zl", "Zp", "Cc")
_ACCENTS = ("Mn", "Me")


def clean(text: str | bytes, *, longest: int = LONGEST) -> str:
    """What can be seen of a text, on one line; empty where nothing can.

    Control characters, and those that turn the direction of writing, join or hide letters (categories Cc and Cf of
    Unicode), surrogates, private and unassigned characters are dropped, line breaks and all kinds of spaces become
    one space.

    Args:
        text: As it stands in the file; bytes are read as UTF-8, others replaced.
        longest: Cut after so many characters, with an ellipsis.

    >>> clean("A\\u202egnp.exe\\x00\\r\\n  B")
    'Agnp.exe B'
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    kept: list[str] = []
    num_marks = 0
    for letter in text[: 8 * longest]:
        category = unicodedata.category(letter)
        num_marks = num_marks + 1 if category in _ACCENTS else 0
        if category in _SPACES:
            kept.append(" ")
        elif not category.startswith("C") and num_marks <= _MAX_MARKS:
            kept.append(letter)
    line = " ".join("".join(kept).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def is_clean(text: object, *, longest: int = LONGEST) -> bool:
    """Whether a text is what `clean` would leave of it, and there is one."""
    return isinstance(text, str) and text != "" and clean(text, longest=longest) == text
