"""What stands on a page that people read: headings, sentences, tables and pictures. HTML and PDF draw the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deepfake.reports.report import Picture

_LONGEST = 600  # characters of a text from outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The title of a part.

    Attributes:
        text: Of it.
        level: 2 under the document's own title, and so on; no level is skipped.
        anchor: Where links lead; empty where none does.
    """

    text: str
    level: int
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Sentences.

    Attributes:
        text: Of them.
        is_strong: Whether a reader must not miss them.
    """

    text: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """Sentences in a list; numbered where their order matters."""

    items: tuple[str, ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictBox:
    """The answer, to be seen first.

    Attributes:
        kind: A verdict, or `REFUSED`; it chooses color and sign.
        title: The headline.
        confidence: How sure it is; may be empty.
        sentences: What stands below.
    """

    kind: str
    title: str
    confidence: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; the first cell of a row says what the row is about.

    Attributes:
        caption: What it is a table of.
        header: One word or two for each column.
        rows: Of as many cells.
        anchors: Where the first cell of each row leads; empty where nowhere.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Pictures side by side.

    Attributes:
        pictures: At least one.
        are_small: Whether they are thumbnails.
    """

    pictures: tuple[Picture, ...]
    are_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What the colors of an overlay mean.

    Attributes:
        low, high: What full blue and full orange stand for.
        note: What else the picture shows; may be empty.
    """

    low: str
    high: str
    note: str = ""


Block = Heading | Paragraph | Bullets | VerdictBox | Table | Pictures | Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All that stands on the page.

    Attributes:
        title: Of it.
        made_at: When.
        program: That made it.
        blocks: From top to bottom.
    """

    title: str
    made_at: datetime
    program: str
    blocks: tuple[Block, ...]


def visible(text: str) -> str:
    r"""A text from outside on one line: what cannot be seen is written out, and what is very long is cut, visibly.

    >>> visible("a\u202eb.png"), len(visible("x" * 9000)) < 700
    ('a\\u202eb.png', True)
    """
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters in all)"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in cut)
