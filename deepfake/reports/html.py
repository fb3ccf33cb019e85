"""A report as one HTML page that needs nothing beside it: no script, no font, no picture from elsewhere.

All text is escaped here, on its way into the page; a policy in the page forbids browsers to load or run anything.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from importlib.resources import files

from deepfake.reports.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Paragraph,
    Pictures,
    Scale,
    Table,
    VerdictBox,
)
from deepfake.reports.report import Picture, Report
from deepfake.reports.signs import sign_svg
from deepfake.reports.telling import tell
from deepfake.reports.wording import COLORS

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def to_html(report: Report) -> bytes:
    """The report as a page in UTF-8."""
    document = tell(report)
    style = files("deepfake.reports").joinpath("report.css").read_text(encoding="utf-8")
    title = escape(document.title)
    body = "\n".join(_block(block) for block in document.blocks)
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<meta name="generator" content="{escape(document.program)}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1><bdi>{title}</bdi></h1>
<p class="made"><time datetime="{document.made_at:%Y-%m-%dT%H:%M:%SZ}">{_made_at(document)}</time></p>
{body}
</main>
</body>
</html>
"""
    return page.encode("utf-8", "backslashreplace")


def _made_at(document: Document) -> str:
    return f"Made on {document.made_at:%Y-%m-%d} at {document.made_at:%H:%M} UTC by {escape(document.program)}"


def _block(block: Block) -> str:
    match block:
        case Heading():
            anchor = f' id="{escape(block.anchor)}"' if block.anchor else ""
            return f"<h{block.level}{anchor}><bdi>{escape(block.text)}</bdi></h{block.level}>"
        case Paragraph():
            text = escape(block.text)
            return f"<p><strong>{text}</strong></p>" if block.is_strong else f"<p>{text}</p>"
        case Bullets():
            kind = "ol" if block.is_numbered else "ul"
            return f"<{kind}>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</{kind}>"
        case VerdictBox():
            return _verdict(block)
        case Table():
            return _table(block)
        case Pictures():
            kind = "thumbnails" if block.are_small else "pictures"
            return f'<div class="{kind}">{"".join(_figure(one) for one in block.pictures)}</div>'
        case Scale():
            return (
                '<div class="scale"><div class="bar"></div>'
                f"<p><span>■ blue: up to {escape(block.low)}</span>"
                f"<span>● orange: up to {escape(block.high)}</span></p>"
                f"{f'<p>{escape(block.note)}</p>' if block.note else ''}</div>"
            )


def _verdict(box: VerdictBox) -> str:
    sure = f'<p class="sure">{escape(box.confidence)}</p>' if box.confidence else ""
    below = "".join(f"<p>{escape(sentence)}</p>" for sentence in box.sentences)
    return (
        f'<div class="verdict" role="group" aria-label="Verdict" style="border-color:{COLORS[box.kind]}">'
        f'<div class="answer">{sign_svg(box.kind)}<div><p class="title">{escape(box.title)}</p>{sure}</div></div>'
        f"{below}</div>"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    rows = []
    for position, (first, *rest) in enumerate(table.rows):
        name = f"<bdi>{escape(first)}</bdi>"
        if table.anchors:
            name = f'<a href="#{escape(table.anchors[position])}">{name}</a>'
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    caption = escape(table.caption)
    return (
        f'<div class="table" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _figure(picture: Picture) -> str:
    width, height = picture.size_wh
    source = f"data:{picture.media_type};base64,{b64encode(picture.data).decode('ascii')}"
    return (
        f'<figure><img src="{source}" alt="{escape(picture.alt)}" width="{width}" height="{height}">'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )
