"""The timeline of a clip as a still figure: every judged frame of every judged person, over the zones of a verdict."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator, PercentFormatter

from deepfake.classifier.card import JudgingRules
from deepfake.people import Person
from deepfake.reports.clip_words import clock
from deepfake.reports.wording import COLORS, HEADLINES
from deepfake.verdicts import FAKE, REAL, UNCERTAIN

_INCH_PX = 140
_GAP_S = 1.2  # a line does not run over a longer time in which nobody was looked at
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_MOST_STEPS = 8
_TINY_S = 1e-6  # 0.3 as a sum of tenths is a little less
_LOOKS = (  # of persons; told apart by their shapes too
    ("#00664D", "o"), ("#8A2F6B", "s"), ("#7A5200", "^"), ("#3B3B98", "D"), ("#37474F", "P"), ("#6D3B1F", "v"),
)  # fmt: skip
_INK = "#1f2430"


def draw_clip_timeline(people: Sequence[Person], rules: JudgingRules, *, end_s: float) -> Figure:
    """Draw the probability of single frames over time; hollow points do not count for a verdict.

    Args:
        people: Those who were judged are drawn.
        rules: For single frames.
        end_s: The clip's length.
    """
    figure = Figure(figsize=(10, 4.3), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    _draw_zones(axes, rules)
    judged = [person for person in people if person.is_judged]
    for position, person in enumerate(judged):
        color, marker = _LOOKS[position % len(_LOOKS)]
        _draw_person(axes, person, color, marker)
    axes.set_xlim(0, max(end_s, 0.1))
    axes.set_ylim(0, 1)
    axes.set_xlabel("time in the clip", color=_INK, fontsize=12)
    axes.set_ylabel("signs of manipulation", color=_INK, fontsize=12)
    step_s = next((step for step in _STEPS_S if end_s <= _MOST_STEPS * step), end_s)
    axes.xaxis.set_major_locator(MultipleLocator(step_s))  # no time stands there twice
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda time_s, _: clock(max(0.0, time_s) + _TINY_S, tenths=step_s < 1))
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.tick_params(colors=_INK, labelsize=11)
    figure.legend(loc="outside upper left", ncols=6, frameon=False, labelcolor=_INK, fontsize=11)
    return figure


def to_png(figure: Figure, size_wh: tuple[int, int]) -> bytes:
    """A figure as PNG, of so many pixels; the same figure gives the same bytes."""
    figure.set_size_inches(size_wh[0] / _INCH_PX, size_wh[1] / _INCH_PX)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_INCH_PX)
    return buffer.getvalue()


def _draw_zones(axes: Axes, rules: JudgingRules) -> None:
    zones = {FAKE: (rules.band_high, 1.0), UNCERTAIN: (rules.band_low, rules.band_high), REAL: (0.0, rules.band_low)}
    for kind, (low, high) in zones.items():
        axes.axhspan(low, high, color=COLORS[kind], alpha=0.16, linewidth=0)
        if high - low > 0.05:  # else there is no room for the word
            axes.text(
                0.995, (low + high) / 2, HEADLINES[kind], transform=axes.get_yaxis_transform(), ha="right", va="center",
                fontsize=10, color=_INK,
            )  # fmt: skip
    axes.axhline(rules.threshold, color=_INK, linewidth=1, linestyle="--", label="turning point")


def _draw_person(axes: Axes, person: Person, color: str, marker: str) -> None:
    times, values, last_s = [], [], person.first_s
    for one in person.sightings:
        if one.time_s - last_s > _GAP_S:  # break the line
            times.append(math.nan)
            values.append(math.nan)
        times.append(one.time_s)
        values.append(one.probability)
        last_s = one.time_s
    axes.plot(times, values, color=color, linewidth=1.3, alpha=0.7)
    for counts in (True, False):
        points = [(one.time_s, one.probability) for one in person.sightings if bool(one.obstacles) != counts]
        axes.plot(
            [x for x, _ in points], [y for _, y in points], marker, color=color, linestyle="", markersize=7,
            markerfacecolor=color if counts else "white", clip_on=False,
            label=f"person {person.number}" if counts else None,
        )  # fmt: skip
