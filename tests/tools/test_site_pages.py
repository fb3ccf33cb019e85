"""The docs as a site: built strictly, complete, and without anything from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="MkDocs is not installed: pip install -r requirements-dev.txt")

from tools.site_pages import relink

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=REPO, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Documentation built" in done.stderr  # where it says nothing (--quiet), it counts no warnings either
    return folder


class _Fetched(HTMLParser):
    """What a browser fetches by itself: scripts, styles, fonts, pictures; links are for people."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.without_words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("src") or (given.get("href") if tag == "link" else None)
        self.addresses += [address] if address else []
        if tag == "img" and not given.get("alt"):
            self.without_words.append(str(address))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_the_strict_build_has_a_page_for_every_text(site: Path) -> None:
    names = {path.relative_to(site).as_posix() for path in pages(site)}
    texts = {path.relative_to(REPO / "docs").with_suffix(".html").as_posix() for path in (REPO / "docs").rglob("*.md")}
    assert len(texts) > 15
    assert names >= texts | {"readme.html", "contributing.html", "changelog.html", "notice.html"}


def test_nothing_is_fetched_from_elsewhere_and_every_picture_has_words(site: Path) -> None:
    for path in pages(site):
        parser = _Fetched()
        parser.feed(path.read_text(encoding="utf-8"))
        assert parser.addresses
        assert [one for one in parser.addresses if re.match(r"(https?:)?//", one)] == [], path
        assert parser.without_words == [], path
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert not any(re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style) for style in styles)


@pytest.mark.parametrize(
    ("page", "link", "led"),
    [
        ("readme.md", "[x](docs/adr/0007-clips.md)", "[x](adr/0007-clips.md)"),
        ("readme.md", "[d](docs/adr)", "[d](adr/0001-headless-opencv-4.md)"),
        ("results/cnn64.md", "[r](../../README.md#train)", "[r](../readme.md#train)"),
        ("training.md", "[r](../README.md)", "[r](readme.md)"),
        ("readme.md", "[`left_out.json`](deepfake/evaluation/left_out.py)", "`left_out.json`"),
        ("readme.md", "[a](https://example.org/README.md), [b](#use)", "[a](https://example.org/README.md), [b](#use)"),
        ("readme.md", "[gone](docs/gone.md)", "[gone](gone.md)"),
        ("readme.md", "```\n[r](README.md)\n```", "```\n[r](README.md)\n```"),
        ("index.md", "![p](images/app.png)", "![p](images/app.png)"),
    ],
)
def test_links_are_led_to_where_their_target_is_on_the_site(page: str, link: str, led: str) -> None:
    assert relink(link, page) == led


def test_a_link_that_leads_nowhere_is_left_for_the_strict_build_to_find() -> None:
    assert relink("[x](nowhere/at/all.md)", "readme.md") == "[x](nowhere/at/all.md)"
