"""The page for people: whole in itself, escaped, and readable by those who cannot see it."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from deepfake.reports.html import to_html
from deepfake.reports.report import Report
from tests.reports.made_reports import MARKUP, NASTY, renamed


class Page(HTMLParser):
    """Tags with their attributes, and headings with their texts."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.text = ""
        self.feed(page.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
            self._in_heading = True

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if getattr(self, "_in_heading", False):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(batch: Report) -> None:
    page = Page(to_html(batch))
    used = [value or "" for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert used and all(value.startswith(("data:image/", "#")) for value in used)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    [policy] = [tag["content"] for tag in page.named("meta") if tag.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None and policy.startswith("default-src 'none'")


def test_names_and_texts_from_files_are_escaped(batch: Report) -> None:
    raw = to_html(renamed(batch, NASTY)).decode("utf-8")
    assert "<script" not in raw
    assert "\u202e" not in raw  # it would turn the rest of the line around
    page = Page(raw.encode())
    assert page.text.count(f"{MARKUP} \\u202egnp.exe") >= 2  # table, title
    assert page.text.count(MARKUP) >= 3  # and camera


def test_links_lead_to_the_files(batch: Report) -> None:
    page = Page(to_html(batch))
    anchors = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert [tag["href"] for tag in page.named("a")] == [f"#file-{number}" for number in (1, 2, 3, 4)]
    assert {f"file-{number}" for number in (1, 2, 3, 4)} <= anchors


def test_the_page_says_its_language_and_title(single: Report) -> None:
    page = Page(to_html(single))
    assert page.named("html") == [{"lang": "en"}]
    assert "<title>Report on astronaut.png</title>" in to_html(single).decode()


@pytest.mark.parametrize("which", ["single", "batch"])
def test_headings_follow_each_other_without_a_gap(which: str, request: pytest.FixtureRequest) -> None:
    levels = [level for level, _ in Page(to_html(request.getfixturevalue(which))).headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_picture_has_an_alternative_text_and_a_size(batch: Report) -> None:
    pictures = Page(to_html(batch)).named("img")
    assert len(pictures) > 6
    assert all(picture["alt"] and picture["width"] and picture["height"] for picture in pictures)


def test_every_cell_of_a_table_has_a_header(batch: Report) -> None:
    page = Page(to_html(batch))
    assert {tag["scope"] for tag in page.named("th")} == {"col", "row"}
    assert len(page.named("caption")) == len(page.named("table"))


def luminance(color: str) -> float:
    """Relative, as WCAG 2 defines it."""
    full = "".join(2 * digit for digit in color[1:]) if len(color) == 4 else color[1:]
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_all_text_has_a_contrast_of_at_least_4_5(single: Report) -> None:
    style = re.search(r"<style>(.*?)</style>", to_html(single).decode(), re.DOTALL)
    assert style is not None
    inks = set(re.findall(r"[{; ]color: (#[0-9a-f]{3,6})", style[1]))
    papers = ("#fff", "#f1f3f6")
    assert len(inks) >= 3 and all(paper in style[1] for paper in papers)
    for ink in inks:
        for paper in papers:
            assert (luminance(paper) + 0.05) / (luminance(ink) + 0.05) >= 4.5, (ink, paper)


def test_the_verdict_comes_first_then_why_then_the_numbers(single: Report) -> None:
    page = Page(to_html(single))
    titles = [text for _, text in page.headings]
    order = [
        "The answer",
        "Why",
        "Does the result hold",
        "What the file says",
        "Numbers for experts",
        "What to do next",
    ]
    found = [next(at for at, title in enumerate(titles) if title.startswith(start)) for start in order]
    assert found == sorted(found)


def test_what_a_report_must_say_is_on_the_page(single: Report) -> None:
    text = unescape(Page(to_html(single)).text)
    [file] = single.files
    assert file.sha256 is not None and file.sha256 in text
    for needed in ("0" * 64, "seed 0", "It has learned nothing.", "2026-11-21 14:30:05 UTC", "not proof of tampering"):
        assert needed in text
    assert "Says that AI made it" in text and "The signature does not fit" in text
    assert "25\xa0% and 50\xa0%" in text  # the stress test's reach
    assert "authentic" not in text.replace("does not prove that the picture is authentic", "")


def test_a_refused_file_and_one_without_a_face_say_so(batch: Report) -> None:
    text = Page(to_html(batch)).text
    assert "Could not read this file" in text and "The file has 0 bytes. Expected a picture." in text
    assert "No face found" in text
    assert "Nothing: no camera" in text  # the rocket's file is silent


def test_what_was_not_looked_into_is_said(batch: Report) -> None:
    from dataclasses import replace

    [face] = batch.files[0].faces
    bare = replace(batch.files[0], faces=(replace(face, explanation=None, stress=None),), provenance=None)
    text = Page(to_html(replace(batch, files=(bare,)))).text
    assert "was not looked into for this report" in text
    assert "What the file says about itself" not in text and "changed a little" not in text
