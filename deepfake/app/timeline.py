"""The timeline of a clip: every judged frame of every judged person, over the zones in which a frame may lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepfake.reports.clip_words import clock, frame_words
from deepfake.reports.suspicion import Moment
from deepfake.reports.wording import COLORS
from deepfake.verdicts import FAKE, REAL, UNCERTAIN

if TYPE_CHECKING:
    from deepfake.classifier.card import JudgingRules
    from deepfake.people import Person

SELECTION = "moment"
_HEIGHT_PX = 300
_GAP_S = 1.2  # a line does not run over a longer time in which nobody was looked at
_LIGHT = ("#00664D", "#8A2F6B", "#7A5200", "#3B3B98", "#37474F", "#6D3B1F")  # persons; contrast of 4.5 on each theme
_DARK = ("#2FD3A5", "#F29BD0", "#F2C14E", "#B3B3FF", "#CFD8DC", "#E0A987")
_SHAPES = {"circle": "●", "square": "■", "triangle-up": "▲", "diamond": "◆", "cross": "✚", "triangle-down": "▼"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLook:
    """How a person's points are told apart from others'.

    Attributes:
        name: Of the person.
        color: Of points and line.
        shape: As Vega calls it.
        sign: The same shape as a letter, for a key.
    """

    name: str
    color: str
    shape: str
    sign: str


def person_looks(names: Sequence[str], *, is_dark: bool) -> list[PersonLook]:
    """A color and a shape for each person; beyond six they come again."""
    colors = _DARK if is_dark else _LIGHT
    shapes = list(_SHAPES.items())
    return [
        PersonLook(
            name=name, color=colors[i % len(colors)], shape=shapes[i % len(shapes)][0], sign=shapes[i % len(shapes)][1]
        )
        for i, name in enumerate(names)
    ]


def timeline_rows(people: Sequence[Person], rules: JudgingRules) -> list[dict[str, Any]]:
    """One row for each frame of each judged person, by person and time; `run` changes where a line breaks."""
    rows = []
    for person in people:
        if not person.is_judged:
            continue
        run, last_s = 0, person.first_s
        for one in person.sightings:
            run += one.time_s - last_s > _GAP_S
            last_s = one.time_s
            rows.append(
                {
                    "frame": one.frame,
                    "person": person.number,
                    "name": f"Person {person.number}",
                    "run": f"{person.number}-{run}",
                    "time_s": round(one.time_s, 3),
                    "probability": round(one.probability, 4),
                    "counts": "counts" if not one.obstacles else "does not count",
                    "Time": clock(one.time_s, tenths=True),
                    "Frame": frame_words(one, rules),
                }
            )
    return rows


def picked(selection: Any) -> Moment | None:
    """Which point was clicked; None where none was.

    Args:
        selection: The chart's, as Streamlit hands it over.
    """
    points = selection.get(SELECTION) if hasattr(selection, "get") else None
    if not isinstance(points, list) or not points:
        return None
    point = points[-1]
    try:
        return Moment(frame=int(point["frame"]), person=int(point["person"]))
    except (KeyError, TypeError, ValueError):
        return None


def explain_timeline(*, any_hollow: bool) -> str:
    """What the timeline means, in words."""
    hollow = " Hollow points do not count: in that frame the face is too small, dark or blurred." if any_hollow else ""
    return (
        "Each point is one frame of one person; the higher, the more signs of manipulation the model found in it. "
        "The colored zones say what the frame would be called if it were a single picture. **Single frames stray; the "
        f"verdict rests on all frames of a person together.**{hollow}"
    )


def draw_timeline(
    rows: Sequence[dict[str, Any]], rules: JudgingRules, *, end_s: float, now_s: float, is_dark: bool
) -> Any:
    """The chart, to be clicked.

    Args:
        rows: From `timeline_rows`.
        rules: For single frames.
        end_s: The clip's length.
        now_s: The moment that is shown below.
        is_dark: The page's theme.

    Returns:
        An Altair chart with the selection `SELECTION`.
    """
    import altair as alt

    names = list(dict.fromkeys(row["name"] for row in rows))
    x = alt.X(
        "time_s:Q",
        title="Time in the clip",
        scale=alt.Scale(domain=[0, max(end_s, 0.1)], nice=False),
        axis=alt.Axis(labelExpr=_clock_expression(end_s), grid=False, tickCount=8, tickMinStep=1 if end_s >= 4 else 0),
    )
    y = alt.Y(
        "probability:Q",
        title="Signs of manipulation",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], labelExpr="round(100 * datum.value) + ' %'", grid=False),
    )
    looks = person_looks(names, is_dark=is_dark)
    person_color = alt.Color("name:N", legend=None, scale=alt.Scale(domain=names, range=[look.color for look in looks]))
    person_shape = alt.Shape("name:N", legend=None, scale=alt.Scale(domain=names, range=[look.shape for look in looks]))
    chart = alt.Chart(alt.Data(values=list(rows)))
    lines = chart.mark_line(strokeWidth=1.5, opacity=0.7).encode(x=x, y=y, color=person_color, detail="run:N")
    encoding = {"x": x, "y": y, "color": person_color, "shape": person_shape}
    counted = chart.mark_point(size=70, filled=True, opacity=1).encode(**encoding)
    counted = counted.transform_filter("datum.counts === 'counts'")
    hollow = chart.mark_point(size=60, filled=False, opacity=1, strokeWidth=1.5).encode(**encoding)
    hollow = hollow.transform_filter("datum.counts !== 'counts'")
    moment = alt.selection_point(
        name=SELECTION, fields=["frame", "person"], on="click", nearest=True, toggle=False, clear=False
    )
    hits = (  # invisible and larger than the points, for fingers
        chart.mark_circle(size=250, opacity=0, cursor="pointer")
        .encode(x=x, y=y, tooltip=[alt.Tooltip("name:N", title="Who"), "Time:N", "Frame:N"])
        .add_params(moment)
    )
    return (
        alt.layer(
            *_zones(alt, rules, is_dark=is_dark), _marker(alt, now_s, is_dark=is_dark), lines, counted, hollow, hits
        )
        .properties(height=_HEIGHT_PX)
        .configure_view(strokeWidth=0)
    )


def _zones(alt: Any, rules: JudgingRules, *, is_dark: bool) -> list[Any]:
    """The three zones and the threshold."""
    ranges = {FAKE: (rules.band_high, 1.0), UNCERTAIN: (rules.band_low, rules.band_high), REAL: (0.0, rules.band_low)}
    rows = [
        {
            "low": low,
            "high": high,
            "color": COLORS[kind],
        }
        for kind, (low, high) in ranges.items()
    ]
    data = alt.Data(values=rows)
    ink = "#E5E7EB" if is_dark else "#374151"
    color = alt.Color("color:N", scale=None)
    low = alt.Y("low:Q")
    bands = (
        alt.Chart(data)
        .mark_rect(opacity=0.28 if is_dark else 0.16)
        .encode(x=alt.value(0), x2=alt.value("width"), y=low, y2="high:Q", color=color)
    )
    threshold = (
        alt.Chart(alt.Data(values=[{"threshold": rules.threshold}]))
        .mark_rule(strokeDash=[5, 4], color=ink, opacity=0.8)
        .encode(y=alt.Y("threshold:Q"))
    )
    return [bands, threshold]


def _marker(alt: Any, now_s: float, *, is_dark: bool) -> Any:
    """A line at the moment that is shown."""
    return (
        alt.Chart(alt.Data(values=[{"time_s": round(now_s, 3)}]))
        .mark_rule(strokeWidth=2, color="#FFFFFF" if is_dark else "#111827")
        .encode(x=alt.X("time_s:Q"))
    )


def _clock_expression(end_s: float) -> str:
    if end_s < 4:
        return "format(datum.value, '.1f') + ' s'"
    minutes_seconds = "floor((datum.value % 3600) / 60) + ':' + format(floor(datum.value % 60), '02')"
    if end_s < 3600:
        return minutes_seconds
    return (
        "floor(datum.value / 3600) + ':' + format(floor((datum.value % 3600) / 60), '02') + ':' + "
        "format(floor(datum.value % 60), '02')"
    )
