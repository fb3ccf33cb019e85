"""The font of a PDF, and what becomes of letters that it lacks.

DejaVu Sans comes with matplotlib, may be put into any document (Bitstream Vera licence), and covers Latin, Greek,
Cyrillic and many signs. Chinese, for one, it lacks; and what runs from right to left would be drawn in the wrong order.
Such letters are written out by their numbers: a reader sees that something was there, and what.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from pathlib import Path

import matplotlib

FONT = "DejaVuSans"
_FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
PLAIN_FILE, BOLD_FILE = _FOLDER / "DejaVuSans.ttf", _FOLDER / "DejaVuSans-Bold.ttf"
_RIGHT_TO_LEFT = {"R", "AL", "AN"}


def printable(text: str, letters: Container[int]) -> str:
    """A text with the letters that cannot be drawn written out.

    Args:
        text: Any.
        letters: Numbers (code points) of those that the font has.

    >>> printable("a\u7167.png", {ord(letter) for letter in "a.png"})
    'a[U+7167].png'
    """
    return "".join(letter if _is_drawn(letter, letters) else f"[U+{ord(letter):04X}]" for letter in text)


def _is_drawn(letter: str, letters: Container[int]) -> bool:
    return ord(letter) in letters and unicodedata.bidirectional(letter) not in _RIGHT_TO_LEFT
