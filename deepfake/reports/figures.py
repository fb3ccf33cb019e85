"""Charts of a model: numbers in, figure out.

Figures are drawn without pyplot, whose hidden global state is not safe between threads. The words in them
are the words of the page.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from deepfake.evaluation.estimates import Estimate

if TYPE_CHECKING:
    from deepfake.explain.checks import HidingCurve

FAKE_COLOR = "#D55E00"
REAL_COLOR = "#0072B2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colors of a chart on a light or a dark page.

    Attributes:
        ink: Text and axes.
        faint: Grid and helping lines.
        first, second: Lines; told apart by their dashes too.
    """

    ink: str
    faint: str
    first: str
    second: str


_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_SERIES_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6B7280", "#A6761D")
LIGHT = Palette(ink="#1f2430", faint="#c9ced8", first="#0072B2", second="#B84A00")
DARK = Palette(ink="#f0f2f6", faint="#4b5160", first="#56B4E9", second="#F5A15B")


def draw_training_curve(
    epochs: Sequence[int],
    training: Sequence[float],
    validation: Sequence[float],
    *,
    label: str,
    kept_epoch: int,
    head_epochs: int = 0,
    palette: Palette,
) -> Figure:
    """Draw one quantity over training, with the kept epoch marked.

    Args:
        epochs: Numbers for the x axis, counted from 1.
        training: On training data, one an epoch.
        validation: On validation data, one an epoch.
        label: What is drawn.
        kept_epoch: Counted like `epochs`.
        head_epochs: In so many first epochs the head alone learned; 0 where there was one phase only.
        palette: Colors.
    """
    figure, axes = _new(palette, width=4.0, height=3.4)
    axes.plot(epochs, training, color=palette.first, linewidth=2, label="training")
    axes.plot(epochs, validation, color=palette.second, linewidth=2, linestyle="--", label="validation")
    if kept_epoch in epochs:
        axes.axvline(kept_epoch, color=palette.ink, linewidth=1, linestyle=":")
        value = validation[list(epochs).index(kept_epoch)]
        axes.plot([kept_epoch], [value], "o", color=palette.second, markeredgecolor=palette.ink, markersize=8)
        axes.plot([], [], "o:", color=palette.ink, label=f"kept: epoch {kept_epoch}")
    if epochs and epochs[0] <= head_epochs < epochs[-1]:
        _mark_border(axes, head_epochs + 0.5, palette)
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(
        loc="outside lower center", ncols=3, frameon=False, labelcolor=palette.ink, fontsize=9.5, columnspacing=1.2
    )
    return figure


def draw_confusion(counts: Sequence[Sequence[int]], *, noun: str = "faces", palette: Palette) -> Figure:
    """Draw how often real and manipulated faces were called what, in counts and rates.

    Args:
        counts: Rows truly real and truly fake, columns called real and called fake. A row of zeros is left out.
        noun: What was counted, in the plural.
        palette: Colors.
    """
    names = (f"real {noun}", f"manipulated\n{noun}")
    rows = [(name, row) for name, row in zip(names, counts, strict=True) if sum(row)]
    figure, axes = _new(palette, width=4.8, height=1.1 + 1.15 * max(1, len(rows)))
    axes.set_xlim(0, 2)
    axes.set_ylim(max(1, len(rows)), 0)
    for y, (name, row) in enumerate(rows):
        for x, count in enumerate(row):
            share = count / sum(row)
            is_right = (x == 1) == name.startswith("manipulated")
            color = palette.first if is_right else palette.second
            opacity = 0.12 + 0.4 * share
            axes.fill_between([x + 0.02, x + 0.98], y + 0.03, y + 0.97, color=color, alpha=opacity, linewidth=0)
            axes.text(x + 0.5, y + 0.4, f"{count:,}", ha="center", va="center", fontsize=17, color=palette.ink)
            verb = "right" if is_right else "wrong"
            text = f"{share:.0%} of these, {verb}".replace("%", " %")
            axes.text(x + 0.5, y + 0.74, text, ha="center", va="center", fontsize=9, color=palette.ink)
    axes.set_xticks([0.5, 1.5], ["not called\nmanipulated", "called\nmanipulated"])
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [name for name, _ in rows])
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=10)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def draw_reliability(
    said: Sequence[float], found: Sequence[float], counts: Sequence[int], *, noun: str = "faces", palette: Palette
) -> Figure:
    """Draw what the model said against what was so, range by range of probability.

    Args:
        said: Mean P(fake) of each range, 0..1, ascending.
        found: Share of fakes in each range, 0..1.
        counts: Samples in each range.
        noun: What was counted, in the plural.
        palette: Colors.
    """
    figure, axes = _new(palette, width=4.8, height=4.2)
    axes.plot([0, 100], [0, 100], color=palette.ink, linewidth=1, linestyle=":", label="exactly right")
    axes.plot(_percent(said), _percent(found), color=palette.first, linewidth=1.5)
    axes.scatter(
        _percent(said),
        _percent(found),
        s=[25 + 110 * count / max(counts) for count in counts],
        color=palette.first,
        edgecolor=palette.ink,
        label=f"this model (larger: more {noun})",
        zorder=3,
    )
    axes.set_xlabel("the model's probability of manipulation (%)")
    axes.set_ylabel("really manipulated (%)")
    _percent_square(axes)
    _legend(axes, palette)
    return figure


def draw_roc(
    false_alarm_rate: Sequence[float],
    detection_rate: Sequence[float],
    *,
    at_threshold: tuple[float, float],
    palette: Palette,
) -> Figure:
    """Draw detections against false alarms over all thresholds.

    Args:
        false_alarm_rate: 0..1, one a threshold.
        detection_rate: 0..1, one a threshold.
        at_threshold: Both at the threshold that the model uses.
        palette: Colors.
    """
    figure, axes = _new(palette, width=4.8, height=4.2)
    axes.plot([0, 100], [0, 100], color=palette.ink, linewidth=1, linestyle=":", label="guessing")
    found = _percent(detection_rate)
    axes.plot(_percent(false_alarm_rate), found, color=palette.first, linewidth=2, label="this model")
    _mark_threshold(axes, at_threshold, palette)
    axes.set_xlabel("real called manipulated (%)")
    axes.set_ylabel("manipulated found (%)")
    _percent_square(axes)
    _legend(axes, palette)
    return figure


def draw_precision_recall(
    recall: Sequence[float],
    precision: Sequence[float],
    *,
    share_fake: float,
    at_threshold: tuple[float, float] | None,
    palette: Palette,
) -> Figure:
    """Draw how often a call of "manipulated" is right, against how many are found.

    Args:
        recall: 0..1, one a threshold.
        precision: 0..1, one a threshold.
        share_fake: Of all samples, which is the precision of guessing, 0..1.
        at_threshold: Recall and precision at the threshold that the model uses; None where nothing was called fake.
        palette: Colors.
    """
    figure, axes = _new(palette, width=4.8, height=4.2)
    axes.axhline(100 * share_fake, color=palette.ink, linewidth=1, linestyle=":", label="guessing")
    axes.plot(_percent(recall), _percent(precision), color=palette.first, linewidth=2, label="this model")
    if at_threshold is not None:
        _mark_threshold(axes, at_threshold, palette)
    axes.set_xlabel("manipulated found: recall (%)")
    axes.set_ylabel("of those called manipulated,\nright: precision (%)")
    _percent_square(axes)
    _legend(axes, palette)
    return figure


def draw_intervals(
    series: Mapping[str, Mapping[str, Estimate]], *, label: str, chance: float | None, palette: Palette
) -> Figure:
    """Draw values with their 95 % intervals, a row for each data set.

    Args:
        series: Two, by the words of the legend: what was measured, by the words for the data set. A set that is in both
            has both in its row; a series that is empty has no place in the legend.
        label: What is drawn.
        chance: Where guessing lies, or None.
        palette: Colors.
    """
    names = list({name: None for values in series.values() for name in values})
    figure, axes = _new(palette, width=4.8, height=1.65 + 0.5 * max(1, len(names)))
    looks = zip(series.items(), (palette.first, palette.second), _MARKERS[:2], strict=True)
    for number, ((words, values), color, marker) in enumerate(looks):
        rows = []
        for name, one in values.items():
            is_shared = sum(name in other for other in series.values()) > 1
            rows.append(names.index(name) + (0.3 * number - 0.15 if is_shared else 0.0))
            if one.low is not None and one.high is not None:
                axes.plot([one.low, one.high], [rows[-1]] * 2, color=color, linewidth=2.5, solid_capstyle="butt")
        middles = [one.value for one in values.values()]
        axes.plot(
            middles,
            rows,
            marker,
            color=color,
            markeredgecolor=palette.ink,
            markersize=8,
            linestyle="",
            label=words if rows else None,
        )
    if chance is not None:
        axes.axvline(chance, color=palette.ink, linewidth=1, linestyle=":", label="guessing")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(label)
    figure.legend(loc="outside upper left", frameon=False, labelcolor=palette.ink, fontsize=9.5)
    return figure


def draw_dots(
    names: Sequence[str],
    series: Mapping[str, Sequence[tuple[float, float | None, float | None] | None]],
    *,
    label: str,
    palette: Palette,
) -> Figure:
    """Draw values with their intervals, a group of marks for each name and a mark for each series.

    Args:
        names: What was measured on, one a group.
        series: By the name of who was measured: value, low and high (None without an interval) for each group, or None.
        label: What is drawn.
        palette: Colors.
    """
    figure, axes = _new(palette, width=1.6 + 1.5 * len(names), height=3.6)
    for number, (name, values) in enumerate(series.items()):
        shift = 0.12 * (number - (len(series) - 1) / 2)
        there = [(place + shift, *value) for place, value in enumerate(values) if value is not None]
        places, middles, lows, highs = (list(column) for column in zip(*there, strict=True)) if there else ([],) * 4
        spread = [
            [0.0 if low is None else middle - low for middle, low in zip(middles, lows, strict=True)],
            [0.0 if high is None else high - middle for middle, high in zip(middles, highs, strict=True)],
        ]
        axes.errorbar(
            places, middles, yerr=spread, fmt=_MARKERS[number % len(_MARKERS)], capsize=3, label=name,
            color=_SERIES_COLORS[number % len(_SERIES_COLORS)],
        )  # fmt: skip
    axes.axhline(0.5, color=palette.ink, linewidth=1, linestyle=":")
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel(label)
    _legend(axes, palette)
    return figure


def draw_hiding(curve: HidingCurve, random_curves: Sequence[HidingCurve], *, palette: Palette) -> Figure:
    """Draw what hiding more and more of a face does to its probability.

    Args:
        curve: The areas that push most to the side of the result are hidden first.
        random_curves: The same in random orders; their mean and range are drawn.
        palette: Colors.
    """
    figure, axes = _new(palette, width=5.2, height=3.8)
    shares = np.linspace(0, 1, 41)
    random = 100 * np.stack([np.interp(shares, one.shares, one.probabilities) for one in random_curves])
    axes.fill_between(
        100 * shares, random.min(axis=0), random.max(axis=0), color=palette.second, alpha=0.18, linewidth=0
    )
    axes.plot(
        100 * shares, random.mean(axis=0), color=palette.second, linewidth=2, linestyle="--", label="in a random order"
    )
    axes.plot(
        _percent(curve.shares.tolist()),
        _percent(curve.probabilities.tolist()),
        color=palette.first,
        linewidth=2,
        marker="o",
        markersize=4,
        label="the marked areas first",
    )
    _percent_square(axes)
    axes.set_xlabel("how much of the face is hidden (%)")
    axes.set_ylabel("probability of manipulation (%)")
    figure.legend(loc="outside upper left", ncols=2, frameon=False, labelcolor=palette.ink, fontsize=9.5)
    return figure


def to_svg(figure: Figure) -> str:
    """A figure as SVG text, with its letters as shapes, so that it looks alike everywhere."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue().decode("utf-8")


def _new(palette: Palette, *, width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="none")
    axes = figure.add_subplot()
    axes.set_facecolor("none")
    axes.grid(visible=True, color=palette.faint, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=palette.ink, labelsize=10)
    axes.xaxis.label.set(color=palette.ink, fontsize=10.5)
    axes.yaxis.label.set(color=palette.ink, fontsize=10.5)
    for side, spine in axes.spines.items():
        spine.set_color(palette.faint)
        spine.set_visible(side in ("left", "bottom"))
    return figure, axes


def _mark_border(axes: Axes, epoch: float, palette: Palette) -> None:
    """The border between learning with the head alone and with the whole network."""
    axes.axvline(epoch, color=palette.ink, linewidth=1.2)
    above = axes.get_xaxis_transform()
    for text, side in (("head ", "right"), (" fine-tuning", "left")):
        axes.text(epoch, 1.02, text, transform=above, ha=side, va="bottom", fontsize=9.5, color=palette.ink)


def _mark_threshold(axes: Axes, rates: tuple[float, float], palette: Palette) -> None:
    x, y = _percent(rates)
    axes.plot([x], [y], "D", color=palette.second, markeredgecolor=palette.ink, markersize=8, label="at its threshold")


def _legend(axes: Axes, palette: Palette) -> None:
    axes.legend(frameon=False, labelcolor=palette.ink, fontsize=9.5, loc="best")


def _percent_square(axes: Axes) -> None:
    axes.set_xlim(-3, 103)
    axes.set_ylim(-3, 103)


def _percent(rates: Sequence[float]) -> list[float]:
    return [100 * rate for rate in rates]
