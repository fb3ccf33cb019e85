"""Data sets in words for people."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TITLES = {
    "140k": "140k (StyleGAN faces)",
    "ciplab": "CIPLAB (edited by hand)",
    "dfdc-faces": "DFDC (face swaps in video)",
    "ffpp": "FaceForensics++ (face swaps in video)",
    "celeb-df-v2": "Celeb-DF (face swaps in video)",
    "lfw": "LFW (real faces alone)",
    "utkface": "UTKFace (real faces alone)",
}


def title_of(name: str) -> str:
    """What the page calls a data set; its own name where it is not one of the known."""
    return _TITLES.get(name, name)


def short_title_of(name: str) -> str:
    """The same without what is in brackets, for charts."""
    return title_of(name).split(" (")[0]


def with_titles(text: str, names: Iterable[str]) -> str:
    """A sentence for people in place of one that calls data sets by their names on disk.

    >>> with_titles("On ciplab it is weak.", ["ciplab", "140k"])
    'On CIPLAB it is weak.'
    """
    known = sorted((name for name in names if name in _TITLES), key=len, reverse=True)
    if not known:
        return text
    whole_word = rf"(?<![\w-])({'|'.join(map(re.escape, known))})(?![\w-])"
    return re.sub(whole_word, lambda found: short_title_of(found[1]), text)
