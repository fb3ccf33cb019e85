"""Data sets in words for people."""

from __future__ import annotations

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
