"""The PDF: the same words as the page, in a font of its own."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from deepfake.reports.document import Document, Heading, Paragraph, Table
from deepfake.reports.pdf import _Paper, to_pdf
from deepfake.reports.pdf_text import BOLD_FILE, PLAIN_FILE, printable
from deepfake.reports.report import Report
from tests.reports.made_reports import NASTY, renamed

LATIN = {ord(letter) for letter in "abc .png\u05d0"}


@pytest.fixture(scope="module")
def data(batch: Report) -> bytes:
    return to_pdf(renamed(batch, NASTY))


def structure(data: bytes, kind: str) -> int:
    return len(re.findall(rb"/S /" + kind.encode() + rb"\b", data))


def test_it_is_a_tagged_pdf_that_says_language_and_time(data: bytes) -> None:
    assert data.startswith(b"%PDF-1.")
    assert b"/MarkInfo" in data and b"/Marked true" in data
    assert b"/Lang (en)" in data
    assert b"/CreationDate (D:20261121143005" in data


def test_headings_and_pictures_are_tagged(data: bytes, batch: Report) -> None:
    assert structure(data, "H1") == 1
    assert structure(data, "H2") >= 4 + 4  # the files, and what stands around them
    assert structure(data, "Figure") >= 6
    assert data.count(b"/Alt ") == structure(data, "Figure")


def test_the_fonts_travel_with_the_file(data: bytes) -> None:
    assert data.count(b"/FontFile2") >= 2
    assert PLAIN_FILE.is_file() and BOLD_FILE.is_file()


def test_what_is_drawn_is_always_within_a_tag_of_its_own(data: bytes) -> None:
    pages = [
        zlib.decompress(one) for one in re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL) if one[:1] == b"x"
    ]
    contents = [page for page in pages if b" BDC" in page]
    assert contents
    assert all(page.count(b" BDC") == page.count(b"EMC") for page in contents)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("a b.png", "a b.png"),
        ("\u7167.png", "[U+7167].png"),
        ("\u05d0.png", "[U+05D0].png"),  # the font has it, but it runs from right to left
        ("\U0001f600", "[U+1F600]"),
        ("", ""),
    ],
)
def test_letters_that_cannot_be_drawn_are_written_out(text: str, drawn: str) -> None:
    assert printable(text, LATIN) == drawn


def test_a_very_long_name_breaks_nothing(batch: Report) -> None:
    assert to_pdf(renamed(batch, "x" * 30_000 + ".png")).startswith(b"%PDF")


class Watched(_Paper):
    """Remembers on which page each row was drawn."""

    rows_on: list[int]

    def _row(self, *given: Any, **options: Any) -> None:
        self.rows_on = [*getattr(self, "rows_on", []), self.page]
        super()._row(*given, **options)


@pytest.mark.parametrize("num_before", range(24, 40))
def test_a_heading_stays_with_the_table_below_it(num_before: int) -> None:
    paper = Watched(Document(title="t", program="p", made_at=datetime(2026, 1, 1, tzinfo=UTC), blocks=()))
    for _ in range(num_before):
        paper.draw(Paragraph(text="A line."), None)
    table = Table(caption="c", header=("a", "b"), rows=(("1", "2"),) * 5)
    paper.draw(Heading(text="All files", level=2), table)
    page = paper.page
    paper.draw(table, None)
    assert set(paper.rows_on) == {page}


@pytest.mark.parametrize("num_before", range(0, 60, 3))
def test_a_small_table_is_not_torn_apart(num_before: int) -> None:
    paper = Watched(Document(title="t", program="p", made_at=datetime(2026, 1, 1, tzinfo=UTC), blocks=()))
    for _ in range(num_before):
        paper.draw(Paragraph(text="A line."), None)
    paper.draw(Table(caption="c", header=("a", "b"), rows=(("1", "2"),) * 5), None)
    assert len(paper.rows_on) == 6 and len(set(paper.rows_on)) == 1
    assert paper.page == paper.rows_on[0]


def test_a_table_longer_than_a_page_goes_on_below_its_head() -> None:
    paper = Watched(Document(title="t", program="p", made_at=datetime(2026, 1, 1, tzinfo=UTC), blocks=()))
    paper.draw(Table(caption="c", header=("a", "b"), rows=(("1", "2"),) * 100), None)
    assert paper.rows_on == sorted(paper.rows_on) and set(paper.rows_on) == {1, 2, 3}
    assert len(paper.rows_on) == 100 + 3
