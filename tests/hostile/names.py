"""Names and texts that a stranger may give a file: each must come out as plain text, if it comes out at all."""

from __future__ import annotations

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</span></div><h1>hello</h1>",
    "**bold** _slanted_ ~~struck~~",
    "[click](javascript:alert(1))",
    "![x](http://example.com/x.png)",
    ":red[red] :material/home: :smile:",
    "`code` ``more`` ```fence```",
    "$\\frac{1}{2}$ \\(x\\)",
    "# heading",
    "| a | b |\n|---|---|",
    "&lt;b&gt; &amp; &#x3c;",
    "{{7*7}} ${7*7} %s%n%x {0.__class__}",
)
_LONG_BYTES = 255
_STEMS = (
    *MARKUP,
    "two\nlines",
    "return\rand\ttab",
    "photo\u202egpj",  # shown from right to left, a name can hide its ending
    "\u200f\u2067right to left\u2069",
    "\N{GRINNING FACE}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
    "Z\u0351\u036b\u0343\u036aa\u0302\u0321l\u0489g\u0315o",
    "\N{ZERO WIDTH SPACE}\N{BYTE ORDER MARK}",
    "-rf --json",
    ".hidden",
    "CON",
    "bell\x07 escape\x1b[31m",
    "no utf-8 \udcff\udc80",
    "   ",
    "a" * _LONG_BYTES,
    "\N{GRINNING FACE}" * _LONG_BYTES,
)
PATHS = ("../../etc/", "/etc/", "..\\..\\", "C:\\Windows\\", "a/../b/", "//host/share/", "file:///", "./././")


def fit_for_disk(name: str) -> str:
    """The name as a file system takes it: no slash, no more than 255 bytes, none of them cut through."""
    stem, dot, ending = name.replace("/", "\N{DIVISION SLASH}").rpartition(".")
    room = _LONG_BYTES - len(f"{dot}{ending}".encode("utf-8", "surrogateescape"))
    while len(stem.encode("utf-8", "surrogateescape")) > room:
        stem = stem[:-1]
    return f"{stem}{dot}{ending}"


def hostile_name(number: int, ending: str) -> str:
    """One name of many; every seventh has the parts of a path in it.

    Args:
        number: Which one.
        ending: Such as ".jpg".
    """
    stem = _STEMS[number % len(_STEMS)]
    if number % 7 == 0:
        stem = PATHS[number // 7 % len(PATHS)] + stem
    return stem + ending
