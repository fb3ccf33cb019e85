"""A hook of MkDocs: pages that lie outside docs/, results and decisions as sections, and links that lead out of docs/.

README, CONTRIBUTING, CHANGELOG and NOTICE stay where people look for them in a repository, and are pages of the site as
well; what a verdict means is said in the words of the app. A link to a page is led to it; a link to code keeps its
words and loses its target, since a site has no code.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deepfake.app import guide

PAGES = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "NOTICE": "notice.md",
    "LICENSE": "notice.md",
}
_VERDICTS = "verdicts.md"
_DECISIONS, _RESULTS = "docs/adr", "docs/results"
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
_FENCED = re.compile(r"(^```.*?^```$)", re.M | re.S)


def on_config(config: Any) -> Any:
    """Complete the navigation: every page of results, the most wanted first, and every decision by its number."""
    default = ROOT / "models" / "default.txt"
    wanted = ["comparison", default.read_text(encoding="utf-8").strip() if default.is_file() else ""]
    results = sorted((ROOT / _RESULTS).glob("*.md"), key=lambda path: ([path.stem != name for name in wanted], path))
    config.nav.insert(-1, {"How good the models are": [_entry(path) for path in results]})
    config.nav.append({"Decisions": [_entry(path) for path in sorted((ROOT / _DECISIONS).glob("[0-9]*.md"))]})
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie outside docs/."""
    for name, page in PAGES.items():
        if name != "LICENSE":
            files.append(File.generated(config, page, content=_page_text(name)))
    files.append(File.generated(config, _VERDICTS, content=_verdicts()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Lead every link to where its target is on the site; pages of results give the room of the contents to tables."""
    if page.file.src_uri.startswith("results/"):
        page.meta["hide"] = ["toc"]
    return relink(markdown, page.file.src_uri)


def relink(markdown: str, page: str) -> str:
    """A page's text with links that the site can follow; blocks of code are left as they are.

    Args:
        markdown: The text.
        page: Where the page lies on the site, such as "adr/0001-x.md".
    """
    parts = _FENCED.split(markdown)
    return "".join(part if number % 2 else _LINK.sub(_led(page), part) for number, part in enumerate(parts))


def _led(page: str) -> Any:
    home = next((name for name, place in PAGES.items() if place == page), posixpath.join("docs", page))

    def replace(match: re.Match[str]) -> str:
        text, address = match.groups()
        if re.match(r"[a-z]+:|#", address):
            return match.group()
        path, hash_mark, anchor = address.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(home), path))
        if target == _DECISIONS:
            target = sorted((ROOT / _DECISIONS).glob("[0-9]*.md"))[0].relative_to(ROOT).as_posix()
        if target in PAGES:
            place = PAGES[target]
        elif target.startswith("docs/"):
            place = target.removeprefix("docs/")
        elif (ROOT / target).exists():
            return text if text.startswith("`") else f"`{target}`" if text == target else text
        else:
            return match.group()  # leads nowhere: the strict build says so
        return f"[{text}]({posixpath.relpath(place, posixpath.dirname(page) or '.')}{hash_mark}{anchor})"

    return replace


def _entry(path: Path) -> dict[str, str]:
    title = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
    return {title: path.relative_to(ROOT / "docs").as_posix()}


def _verdicts() -> str:
    """The tab "How to read this" as a page, without what it says of the model that was chosen."""
    fails = "\n".join(f"- {line}" for line in guide.FAILS)
    parts = (guide.WHAT, guide.MEANING, f"#### Where it fails\n\n{fails}", guide.NEXT, "#### Words", guide.GLOSSARY)
    return "# What a verdict means\n\n" + "\n\n".join(parts).replace("#### ", "## ")


def _page_text(name: str) -> str:
    text = (ROOT / name).read_text(encoding="utf-8")
    if name == "README.md":  # the site has a page of its own to begin with
        return "# Start, use, train\n\n" + text[text.index("## Start\n") :]
    if name != "NOTICE":
        return text
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    with_headings = re.sub(
        r"^([A-Z]{2}[A-Z ]+)(.*)$", lambda match: f"## {match[1].capitalize()}{match[2]}\n", text, flags=re.M
    )
    return f"# Licences and terms\n\n{with_headings}\n## MIT licence of the code\n\n```text\n{licence}```\n"
