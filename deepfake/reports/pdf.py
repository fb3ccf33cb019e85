"""A report as a PDF: the same blocks as the HTML page, on A4, in a font that is in the file.

Headings, sentences, rows and pictures are tagged in the order of reading, pictures with their alternative texts. The
rows of a table are tagged as sentences, not as cells: whoever reads by ear is better served by the HTML page.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont
from fpdf.pattern import LinearGradient
from fpdf.prefs import ViewerPreferences

from deepfake.reports.document import Block, Bullets, Document, Heading, Paragraph, Pictures, Scale, Table, VerdictBox
from deepfake.reports.pdf_text import BOLD_FILE, FONT, PLAIN_FILE, printable
from deepfake.reports.report import Picture, Report
from deepfake.reports.signs import sign_svg
from deepfake.reports.telling import tell
from deepfake.reports.wording import COLORS

_INK, _FAINT, _RULE, _BOX, _LINK = "#1b1f27", "#4b5261", "#c9ced8", "#f1f3f6", "#005a8c"
_SIZES_PT = {1: 20.0, 2: 15.0, 3: 12.0}  # of headings
_TEXT_PT, _SMALL_PT = 10.0, 9.0
_LEADING = 1.4  # height of a line for one of its letters
_GAP_MM = 2.5
_PICTURE_MM, _THUMBNAIL_MM = 68.0, 24.0  # heights at most
_KEPT_WITH_HEADING_MM = 24.0
_ROWS_TOGETHER = 6  # a table of no more is not torn apart, and of a longer one so many stay with its head
_SIGN_MM = 11.0
_CELL_MM = 2.0  # between columns
_BETWEEN_MM = 4.0  # pictures side by side


def to_pdf(report: Report) -> bytes:
    """The report as a PDF; the same report gives the same bytes."""
    document = tell(report)
    paper = _Paper(document)
    for block, following in pairwise((*document.blocks, None)):
        paper.draw(block, following)
    return bytes(paper.output())


class _Paper(FPDF):
    """Draws blocks from top to bottom; breaks pages between them, between rows, and nowhere else."""

    def __init__(self, document: Document) -> None:
        super().__init__(unit="mm", format="A4")
        self.add_font(FONT, "", PLAIN_FILE)
        self.add_font(FONT, "B", BOLD_FILE)
        self._letters = {code for font in self.fonts.values() if isinstance(font, TTFFont) for code in font.cmap}
        self._title = self._clean(document.title)
        self._links: dict[str, int] = {}
        self.set_title(self._title)
        self.set_lang("en")
        self.set_creator(document.program)
        self.set_creation_date(document.made_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_margins(18, 16)
        self.c_margin = 0.0
        self.set_auto_page_break(True, margin=18)
        self.add_page()
        self._heading(Heading(text=document.title, level=1), None)
        made = f"Made on {document.made_at:%Y-%m-%d} at {document.made_at:%H:%M} UTC by {document.program}"
        self._sentence(made, size_pt=_SMALL_PT, color=_FAINT)

    def footer(self) -> None:
        """Say on every page what it belongs to."""
        self.set_y(-13)
        self._type(size_pt=8, color=_FAINT)
        name = self._title if len(self._title) <= 80 else f"{self._title[:80]}…"
        self.cell(self.epw, 5, f"{name} · page {self.page_no()} of {{nb}}", align="R")

    def draw(self, block: Block | None, following: Block | None) -> None:
        """Draw one block below the last one; a heading stays on the page of what follows it."""
        match block:
            case Heading():
                self._heading(block, following)
            case Paragraph():
                self._sentence(block.text, style="B" if block.is_strong else "")
            case Bullets():
                for number, item in enumerate(block.items, start=1):
                    self._sentence(f"{number}." if block.is_numbered else "•", beside=item)
            case VerdictBox():
                self._verdict(block)
            case Table():
                self._table(block)
            case Pictures():
                self._pictures(block)
            case Scale():
                self._scale(block)

    def _heading(self, heading: Heading, following: Block | None) -> None:
        size_pt = _SIZES_PT[heading.level]
        self.ln(2 * _GAP_MM if heading.level > 1 else 0)
        self._need(_KEPT_WITH_HEADING_MM + self._least_height(following))
        text = self._clean(heading.text)
        if heading.anchor:
            self.set_link(self._link(heading.anchor), y=self.y, page=self.page)
        self.start_section(text, level=heading.level - 1)
        self._sentence(text, size_pt=size_pt, style="B", tag=f"/H{heading.level}")

    def _least_height(self, block: Block | None) -> float:
        """What a heading must not be parted from, mm."""
        if isinstance(block, Pictures):
            return max((height for _, height in self._sizes(block)), default=0.0)
        return self._beginning(block) if isinstance(block, Table) else 0.0

    def _beginning(self, table: Table) -> float:
        """Height of a table's caption, head and first rows, mm."""
        rows = [[self._clean(cell) for cell in row] for row in (table.header, *table.rows)]
        widths = self._widths(rows)
        height = sum(self._row_height(row, widths) for row in rows[: 1 + _ROWS_TOGETHER])
        self._type(size_pt=_SMALL_PT)
        return height + self._height(self._clean(table.caption), self.epw) + _GAP_MM

    def _sentence(
        self,
        text: str,
        *,
        size_pt: float = _TEXT_PT,
        style: str = "",
        color: str = _INK,
        tag: str = "/P",
        beside: str = "",
        indent_mm: float = 0.0,
    ) -> None:
        """Draw text over the whole width; where there is text beside it, it is that one's bullet."""
        self._type(size_pt=size_pt, style=style, color=color)
        shift = indent_mm + (6.0 if beside else 0.0)
        main = self._clean(beside or text)
        width = self.epw - shift
        self._need(self._height(main, width))
        with self._tagged(tag):
            if beside:
                self.set_x(self.l_margin + indent_mm + 1)
                self.cell(5, self._line, text)
            self.set_x(self.l_margin + shift)
            self.multi_cell(width, self._line, main, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.y += 0.6 * _GAP_MM

    def _verdict(self, box: VerdictBox) -> None:
        inside = self.epw - _SIGN_MM - 14
        lines = [(box.title, 14.0, "B"), *([(box.confidence, 11.0, "B")] if box.confidence else [])]
        lines += [(sentence, _TEXT_PT, "") for sentence in box.sentences]
        heights = []
        for text, size_pt, style in lines:
            self._type(size_pt=size_pt, style=style)
            heights.append(self._height(self._clean(text), inside) + 1)
        height = max(sum(heights), _SIGN_MM) + 8
        self._need(height + _GAP_MM)
        top = self.y
        self.set_fill_color(_BOX)
        self.rect(self.l_margin, top, self.epw, height, style="F")
        self.set_fill_color(COLORS[box.kind])
        self.rect(self.l_margin, top, 1.6, height, style="F")
        self.image(io.BytesIO(sign_svg(box.kind).encode()), self.l_margin + 5, top + 4, _SIGN_MM, _SIGN_MM)
        self.set_y(top + 4)
        for text, size_pt, style in lines:
            self._type(size_pt=size_pt, style=style)
            self.set_x(self.l_margin + _SIGN_MM + 9)
            with self._tagged("/P"):
                self.multi_cell(inside, self._line, self._clean(text), align="L", new_y=YPos.NEXT)
            self.y += 1
        self.set_y(top + height + _GAP_MM)

    def _table(self, table: Table) -> None:
        self._need(self._beginning(table))
        self._sentence(table.caption, size_pt=_SMALL_PT, color=_FAINT)
        header = [self._clean(cell) for cell in table.header]
        rows = [[self._clean(cell) for cell in row] for row in table.rows]
        widths = self._widths([header, *rows])
        self._row(header, widths, bold=range(len(header)))
        for position, row in enumerate(rows):
            link = self._link(table.anchors[position]) if table.anchors else None
            if self._row_height(row, widths) > self._room:
                self.add_page()
                self._row(header, widths, bold=range(len(header)))
            self._row(row, widths, bold=(0,), link=link)
        self.ln(_GAP_MM)

    def _row(
        self, cells: Sequence[str], widths: Sequence[float], *, bold: Sequence[int], link: int | None = None
    ) -> None:
        height = self._row_height(cells, widths)
        top, left = self.y, self.l_margin
        with self._tagged("/P"):
            for position, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                is_link = link is not None and position == 0
                self._type(size_pt=_SMALL_PT, style="B" if position in bold else "", color=_LINK if is_link else _INK)
                self.set_xy(left, top + 1)
                self.multi_cell(width - _CELL_MM, self._line, cell, align="L", link=link if is_link else "")
                left += width
        self.set_draw_color(_RULE)
        self.line(self.l_margin, top + height, self.l_margin + self.epw, top + height)
        self.set_y(top + height)

    def _row_height(self, cells: Sequence[str], widths: Sequence[float]) -> float:
        heights = []
        for position, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            self._type(size_pt=_SMALL_PT, style="" if position else "B")
            heights.append(self._height(cell, width - _CELL_MM))
        return 2 + max(heights)

    def _widths(self, rows: Sequence[Sequence[str]]) -> list[float]:
        """What each column wants, or a fair share of what the narrower ones leave; the last one takes the rest."""
        self._type(size_pt=_SMALL_PT, style="B")
        wanted = [max(map(self.get_string_width, column)) + 2 * _CELL_MM + 1 for column in zip(*rows, strict=True)]
        widths = [0.0] * len(wanted)
        left = float(self.epw)
        for done, column in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
            widths[column] = min(wanted[column], left / (len(wanted) - done))
            left -= widths[column]
        widths[-1] += left
        return widths

    def _pictures(self, block: Pictures) -> None:
        across = self._across(block)
        sizes = self._sizes(block)
        for start in range(0, len(block.pictures), across):
            row = slice(start, start + across)
            self._side_by_side(block.pictures[row], sizes[row], self._room_of(block))

    def _across(self, block: Pictures) -> int:
        return min(len(block.pictures), 6 if block.are_small else 2)

    def _room_of(self, block: Pictures) -> float:
        """Width that each picture of a row may have, mm."""
        across = self._across(block)
        return (self.epw - (across - 1) * _BETWEEN_MM) / across

    def _sizes(self, block: Pictures) -> list[tuple[float, float]]:
        """Width and height of each picture on paper, mm."""
        tallest = _THUMBNAIL_MM if block.are_small else _PICTURE_MM
        room = self._room_of(block)
        factors = [min(room / picture.size_wh[0], tallest / picture.size_wh[1]) for picture in block.pictures]
        return [
            (one.size_wh[0] * factor, one.size_wh[1] * factor)
            for one, factor in zip(block.pictures, factors, strict=True)
        ]

    def _side_by_side(self, pictures: Sequence[Picture], sizes: Sequence[tuple[float, float]], room: float) -> None:
        self._type(size_pt=8, color=_FAINT)
        captions = [self._clean(picture.caption) for picture in pictures]
        tall = max(height for _, height in sizes)
        below = max(self._height(caption, room) for caption in captions)
        self._need(tall + below + _GAP_MM + 1)
        top = self.y
        for position, (picture, (width, height), caption) in enumerate(zip(pictures, sizes, captions, strict=True)):
            left = self.l_margin + position * (room + _BETWEEN_MM)
            self.image(io.BytesIO(picture.data), left, top, width, height, alt_text=self._clean(picture.alt))
            self.set_xy(left, top + tall + 1)
            with self._tagged("/P"):
                self.multi_cell(room, self._line, caption, align="L")
        self.set_y(top + tall + below + _GAP_MM)

    def _scale(self, scale: Scale) -> None:
        width = 0.6 * self.epw
        self._need(14)
        left, top = self.l_margin, self.y
        with self.use_pattern(LinearGradient(left, 0, left + width, 0, colors=["#0072b2", "#c8ccd4", "#e67e14"])):
            self.rect(left, top, width, 3, style="F")
        self.set_y(top + 4)
        self._sentence(
            f"■ blue: up to {scale.low}. ● orange: up to {scale.high}. {scale.note}", size_pt=_SMALL_PT, color=_FAINT
        )

    @property
    def _line(self) -> float:
        """Height of a line of the font in use, mm."""
        return self.font_size * _LEADING

    @property
    def _room(self) -> float:
        """Height left on the page, mm."""
        return self.page_break_trigger - self.y

    def _need(self, height: float) -> None:
        """Go on on the next page where this one has less room, and the next one has more."""
        if min(height, self.eph) > self._room:
            style = (self.font_style, self.font_size_pt, self.text_color)
            self.add_page()
            self.set_font(FONT, style[0], style[1])
            self.text_color = style[2]

    def _height(self, text: str, width: float) -> float:
        """Of text in the font in use, mm."""
        height = self.multi_cell(width, self._line, text, align="L", dry_run=True, output=MethodReturnValue.HEIGHT)
        assert isinstance(height, float | int)
        return float(height)

    def _type(self, *, size_pt: float, style: str = "", color: str = _INK) -> None:
        self.set_font(FONT, style, size_pt)
        self.set_text_color(color)

    def _link(self, anchor: str) -> int:
        if anchor not in self._links:
            self._links[anchor] = self.add_link()
        return self._links[anchor]

    def _clean(self, text: str) -> str:
        return printable(text, self._letters)

    @contextmanager
    def _tagged(self, kind: str) -> Iterator[None]:
        """Mark what is drawn as a heading or a sentence; the page must not end within it."""
        mcid = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=kind, mcid=mcid)
        self._out(f"{kind} <</MCID {mcid}>> BDC")
        yield
        self._out("EMC")
