"""The few pieces that no widget of Streamlit serves, as HTML. All text from outside is escaped here."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from deepfake.phrases import percent, points
from deepfake.reports.signs import sign_svg
from deepfake.reports.wording import COLORS, HEADLINES
from deepfake.verdicts import FAKE, REAL, UNCERTAIN

_SWATCH = (
    "display:inline-block;width:1rem;height:.8rem;margin-right:.35rem;vertical-align:-.08rem;"
    "border:1px solid rgba(128,132,149,.6)"
)


_LINE = "1px solid rgba(128,132,149,.35)"


def verdict_card(
    kind: str, title: str, *, confidence: str = "", hint: str = "", sentences: Sequence[str] = (), judged_by: str = ""
) -> str:
    """A verdict with icon, headline, confidence and reasons.

    Args:
        kind: A verdict, or `REFUSED`.
        title: The headline.
        confidence: How sure it is, in words.
        hint: What a person sees when resting the pointer on the confidence.
        sentences: What stands below.
        judged_by: The title of the model that spoke; empty where none did.
    """
    color = COLORS[kind]
    sure = (
        f'<p title="{escape(hint)}" style="margin:.15rem 0 0;font-weight:600;font-size:1.05rem">'
        f"{escape(confidence)}</p>"
        if confidence
        else ""
    )
    below = "".join(f'<p style="margin:.5rem 0 0">{escape(sentence)}</p>' for sentence in sentences)
    speaker = (
        f'<p style="margin:.7rem 0 0;font-size:.85rem;opacity:.8">Judged by: {escape(judged_by)}</p>'
        if judged_by
        else ""
    )
    return (
        f'<div role="group" aria-label="Verdict" style="border-left:6px solid {color};border-radius:.5rem;'
        'background:rgba(128,132,149,.13);padding:.9rem 1rem;overflow-wrap:anywhere;line-height:1.45">'
        '<div style="display:flex;gap:.75rem;align-items:center">'
        f"{_icon(kind, 40)}"
        '<div><p style="margin:0;font-weight:700;font-size:1.35rem;line-height:1.2">'
        f"{escape(title)}</p>{sure}</div></div>"
        f"{below}{speaker}</div>"
    )


def face_line(kind: str, who: str, title: str, below: Sequence[str], *, thumbnail: bytes) -> str:
    """The verdict on one of several faces or people, in small.

    Args:
        kind: A verdict.
        who: "Face 2", with the number on the picture, or "Person 2".
        title: The headline.
        below: How sure it is, or why it was not judged; a line each.
        thumbnail: The crop, a JPEG.
    """
    source = "data:image/jpeg;base64," + b64encode(thumbnail).decode()
    lines = "".join(f'<p style="margin:.1rem 0 0;font-size:.9rem">{escape(line)}</p>' for line in below if line)
    return (
        '<div style="display:flex;gap:.6rem;align-items:center;line-height:1.3;overflow-wrap:anywhere">'
        f'<img src="{source}" alt="{escape(who)}, cut out" width="72" height="72" '
        'style="flex:none;border-radius:.4rem">'
        f'{_icon(kind, 24)}<div><p style="margin:0;font-weight:600">{escape(who)}: {escape(title)}</p>'
        f"{lines}</div></div>"
    )


def people_row(people: Sequence[tuple[int, bytes]]) -> str:
    """Small pictures of people side by side.

    Args:
        people: Each one's number and crop, a JPEG.
    """
    cells = "".join(
        '<figure style="margin:0"><img src="data:image/jpeg;base64,'
        f'{b64encode(thumbnail).decode()}" alt="Person {number}, cut out" width="64" height="64" '
        'style="border-radius:.4rem;display:block">'
        f'<figcaption style="font-size:.8rem;text-align:center">Person {number}</figcaption></figure>'
        for number, thumbnail in people
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.6rem;margin-top:.7rem">{cells}</div>'


def people_key(people: Sequence[tuple[str, str, str]]) -> str:
    """Which points of a timeline are whose.

    Args:
        people: Each one's name, color and sign.
    """
    cells = "".join(
        f'<span style="white-space:nowrap"><span style="color:{color};margin-right:.3rem">{sign}</span>{escape(name)}'
        "</span>"
        for name, color, sign in people
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.9rem">{cells}</div>'


def zone_key(band_low: float, band_high: float) -> str:
    """What the zones and lines of a timeline mean, from top to bottom.

    Args:
        band_low: Up to here a single picture shows no sign, 0..1.
        band_high: From here on it is called manipulated, 0..1.
    """
    ranges = (
        (FAKE, f"top, from {percent(band_high)}"),
        (UNCERTAIN, "middle"),
        (REAL, f"bottom, up to {percent(band_low)}"),
    )
    zones = "".join(
        f'<span style="white-space:nowrap"><span style="{_SWATCH};background:{COLORS[kind]}59"></span>'
        f"{HEADLINES[kind]} ({where})</span>"
        for kind, where in ranges
    )
    lines = "".join(
        f'<span style="white-space:nowrap"><span style="{_SWATCH};height:0;border:0;vertical-align:middle;'
        f'border-top:2px {style} currentColor"></span>{said}</span>'
        for style, said in (("dashed", "The model's turning point"), ("solid", "The moment shown below (upright)"))
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.85rem;line-height:1.5">'
        f"{zones}{lines}</div>"
    )


def weight_scale(strongest: float, *, any_hatched: bool = False) -> str:
    """The legend of an overlay, the same on both sides of its middle.

    Args:
        strongest: The greatest weight either way, as a probability 0..1.
        any_hatched: Whether areas are hatched out.
    """
    most = points(strongest)
    hatch = "repeating-linear-gradient(135deg,#555 0 2px,#c8ccd4 2px 7px)"
    hatched = (
        f'<p style="margin:.5rem 0 0;font-size:.9rem"><span style="{_SWATCH};background:{hatch}"></span>'
        "hatched: repeats do not agree which way it pushes</p>"
        if any_hatched
        else ""
    )
    return (
        '<div style="max-width:34rem;font-size:.9rem;line-height:1.35">'
        '<div role="img" aria-label="Scale from blue, towards no sign of manipulation, over gray to orange, towards '
        f'manipulated. Full color means {most} either way.">'
        '<div style="height:.9rem;border-radius:.25rem;border:1px solid rgba(128,132,149,.6);'
        'background:linear-gradient(90deg,#0072B2,#c8ccd4,#E67E14)"></div>'
        '<div style="display:flex;justify-content:space-between;gap:1rem;margin-top:.25rem">'
        f"<span>■ blue: {most} towards<br>“no sign found”</span>"
        '<span style="text-align:center">no<br>influence</span>'
        f'<span style="text-align:right">● orange: {most} towards<br>“manipulated”</span></div></div>{hatched}</div>'
    )


def facts_table(title: str, facts: Sequence[tuple[str, str]]) -> str:
    """Names and values; a value in another direction of writing turns nothing around it.

    Args:
        title: What the table shows.
        facts: A row each.
    """
    rows = "".join(
        f'<tr style="border-top:{_LINE}"><th scope="row" style="text-align:left;vertical-align:top;font-weight:600;'
        f'padding:.35rem .8rem .35rem 0;width:32%"><bdi>{escape(name)}</bdi></th>'
        f'<td style="padding:.35rem 0;overflow-wrap:anywhere"><bdi>{escape(value)}</bdi></td></tr>'
        for name, value in facts
    )
    return (
        f'<table aria-label="{escape(title)}" style="width:100%;border-collapse:collapse;font-size:.92rem;'
        f'line-height:1.4">{rows}</table>'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StressRow:
    """One change of a face.

    Attributes:
        name: What was done.
        probability: P(fake) then, 0..1.
        kind: The verdict that goes with it.
    """

    name: str
    probability: float
    kind: str


def stress_table(title: str, rows: Sequence[StressRow], band: tuple[float, float]) -> str:
    """How a probability moves from change to change: words, a point on a track, and the number.

    Args:
        title: What the table shows.
        rows: First the face as it is.
        band: Up to where it is called real, and from where on fake, 0..1.
    """
    low, high = (f"{100 * end:.1f}%" for end in band)
    track = (
        f"linear-gradient(90deg,{COLORS[REAL]}40 0 {low},{COLORS[UNCERTAIN]}2e {low} {high},{COLORS[FAKE]}40 {high})"
    )
    lines = "".join(
        f'<tr style="border-top:{_LINE}"><th scope="row" style="text-align:left;padding:.3rem .6rem .3rem 0;'
        f'font-weight:{400 if number else 600}">{escape(row.name)}{_otherwise(row, rows[0])}</th>'
        f'<td aria-hidden="true" style="width:45%"><div style="position:relative;height:.8rem;border-radius:.4rem;'
        f'background:{track}"><span style="position:absolute;left:{100 * row.probability:.1f}%;top:-.05rem;width:.9rem;'
        f"height:.9rem;margin-left:-.45rem;border-radius:50%;border:2px solid #fff;box-sizing:border-box;"
        f'background:{COLORS[row.kind]}"></span></div></td>'
        f'<td style="text-align:right;padding-left:.6rem;white-space:nowrap">{percent(row.probability)}</td></tr>'
        for number, row in enumerate(rows)
    )
    ends = '<div style="display:flex;justify-content:space-between"><span>no sign</span><span>manipulated</span></div>'
    plain = "font-weight:400;text-align:left"
    return (
        f'<table aria-label="{escape(title)}" style="width:100%;max-width:44rem;border-collapse:collapse;'
        'font-size:.92rem;line-height:1.35"><tr style="font-size:.8rem;opacity:.85">'
        f'<th scope="col" style="{plain}">Change</th><th scope="col" style="{plain}">{ends}</th><th></th></tr>'
        f"{lines}</table>"
    )


def _otherwise(row: StressRow, as_it_is: StressRow) -> str:
    """Which answer goes with it, where that is another one."""
    if row.kind == as_it_is.kind:
        return ""
    return f'<br><span style="font-size:.82rem;opacity:.85">then: {HEADLINES[row.kind]}</span>'


def _icon(kind: str, size_px: int) -> str:
    """A white sign on a disc; it repeats what the headline says, so its alternative text is empty."""
    source = "data:image/svg+xml;base64," + b64encode(sign_svg(kind).encode()).decode()
    return f'<img src="{source}" alt="" width="{size_px}" height="{size_px}" style="flex:none">'
