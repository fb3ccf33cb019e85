"""Charts hold the numbers they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from deepfake.evaluation.estimates import Estimate
from deepfake.explain.checks import HidingCurve
from deepfake.reports.figures import (
    DARK,
    LIGHT,
    Palette,
    draw_confusion,
    draw_hiding,
    draw_intervals,
    draw_precision_recall,
    draw_reliability,
    draw_roc,
    draw_training_curve,
    to_svg,
)


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_confusion_matrix_shows_counts_and_the_share_of_each_truth() -> None:
    shown = words(draw_confusion([[110, 12], [26, 100]], palette=LIGHT))
    assert shown == ["110", "90 % of these, right", "12", "10 % of these, wrong", "26", "21 % of these, wrong", "100",
                     "79 % of these, right"]  # fmt: skip


def test_a_confusion_matrix_names_what_was_counted() -> None:
    axes = draw_confusion([[1, 2], [3, 4]], noun="clips", palette=LIGHT).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["real clips", "manipulated\nclips"]


def test_a_class_that_is_missing_has_no_row() -> None:
    assert len(words(draw_confusion([[9, 1], [0, 0]], palette=LIGHT))) == 4


def test_the_kept_epoch_is_marked_at_its_value() -> None:
    figure = draw_training_curve([1, 2, 3], [1, 2, 3], [4, 5, 6], label="x", kept_epoch=2, palette=DARK)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in marks] == [(2, 5)]


def test_the_border_between_the_phases_lies_after_the_last_epoch_of_the_head() -> None:
    figure = draw_training_curve([1, 2, 3], [1, 2, 3], [4, 5, 6], label="x", kept_epoch=3, head_epochs=2, palette=LIGHT)
    assert [word.strip() for word in words(figure)] == ["head", "fine-tuning"]
    assert [2.5, 2.5] in [list(line.get_xdata()) for line in figure.axes[0].lines]


@pytest.mark.parametrize("head_epochs", [0, 3, 4])
def test_a_run_of_one_phase_has_no_border(head_epochs: int) -> None:
    figure = draw_training_curve(
        [1, 2, 3], [1, 2, 3], [4, 5, 6], label="x", kept_epoch=3, head_epochs=head_epochs, palette=LIGHT
    )
    assert words(figure) == []


def estimate(value: float, half: float | None = 0.1) -> Estimate:
    low, high = (None, None) if half is None else (value - half, value + half)
    return Estimate(value=value, low=low, high=high, n=9)


def test_an_interval_spans_low_to_high() -> None:
    axes = draw_intervals({"seen": {"a": estimate(0.8)}, "new": {}}, label="AUC", chance=0.5, palette=LIGHT).axes[0]
    assert list(axes.lines[0].get_xdata()) == pytest.approx([0.7, 0.9])
    assert list(axes.lines[1].get_xdata()) == [0.8]


def test_a_value_without_an_interval_is_a_mark_alone() -> None:
    series = {"seen": {"a": estimate(0.8, None)}, "new": {}}
    axes = draw_intervals(series, label="AUC", chance=None, palette=LIGHT).axes[0]
    assert [list(line.get_xdata()) for line in axes.lines if len(line.get_xdata())] == [[0.8]]


def test_a_set_in_both_series_has_both_in_its_row_and_the_others_have_theirs_in_the_middle() -> None:
    series = {"seen": {"a": estimate(0.8), "b": estimate(0.7)}, "new": {"a": estimate(0.6), "c": estimate(0.5)}}
    axes = draw_intervals(series, label="AUC", chance=None, palette=LIGHT).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b", "c"]
    marks = {line.get_label(): list(line.get_ydata()) for line in axes.lines if line.get_label() in series}
    assert marks["seen"] == pytest.approx([-0.15, 1])
    assert marks["new"] == pytest.approx([0.15, 2])


def test_what_never_learned_from_a_set_looks_the_same_with_and_without_the_other_series() -> None:
    colors = []
    for seen in ({}, {"b": estimate(0.8)}):
        axes = draw_intervals({"seen": seen, "new": {"a": estimate(0.6)}}, label="", chance=None, palette=LIGHT).axes[0]
        colors.append(next(line.get_color() for line in axes.lines if line.get_label() == "new"))
    assert colors == [LIGHT.second, LIGHT.second]


def test_the_threshold_is_marked_on_both_curves_where_it_lies() -> None:
    figures = [
        draw_roc([0, 0.5, 1], [0, 0.9, 1], at_threshold=(0.1, 0.4), palette=LIGHT),
        draw_precision_recall([0, 1], [1, 0.5], share_fake=0.5, at_threshold=(0.4, 0.8), palette=LIGHT),
    ]
    marked = [next(line for line in one.axes[0].lines if line.get_marker() == "D") for one in figures]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in marked] == [(10, 40), (40, 80)]


def test_guessing_is_as_precise_as_fakes_are_frequent() -> None:
    axes = draw_precision_recall([0, 1], [1, 0.3], share_fake=0.3, at_threshold=None, palette=LIGHT).axes[0]
    assert next(list(line.get_ydata()) for line in axes.lines if line.get_label() == "guessing") == [30, 30]
    assert not [line for line in axes.lines if line.get_marker() == "D"]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_chart_becomes_svg_without_pyplot(palette: Palette) -> None:
    figures = [
        draw_roc([0, 0.5, 1], [0, 0.9, 1], at_threshold=(0.1, 0.4), palette=palette),
        draw_precision_recall([0, 1], [1, 0.5], share_fake=0.5, at_threshold=None, palette=palette),
        draw_reliability([0.1, 0.9], [0.2, 0.8], [3, 9], palette=palette),
    ]
    assert all(to_svg(figure).lstrip().startswith("<?xml") for figure in figures)


def contrast(first: str, second: str) -> float:
    """Of two colors (WCAG 2.1)."""

    def luminance(color: str) -> float:
        channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("palette", "page"), [(LIGHT, "#ffffff"), (DARK, "#191919")])
def test_text_and_lines_stand_out_from_the_page(palette: Palette, page: str) -> None:
    assert contrast(palette.ink, page) >= 4.5
    assert contrast(palette.first, page) >= 4.5
    assert contrast(palette.second, page) >= 4.5


def test_the_curve_of_hiding_is_drawn_against_the_mean_and_the_range_of_random_orders() -> None:
    def curve(*probabilities: float) -> HidingCurve:
        steps = len(probabilities)
        return HidingCurve(
            counts=np.arange(steps), shares=np.linspace(0, 1, steps), probabilities=np.array(probabilities)
        )

    figure = draw_hiding(curve(0.9, 0.2, 0.1), [curve(0.9, 0.8, 0.1), curve(0.9, 0.1)], palette=LIGHT)
    axes = figure.axes[0]
    lines = {line.get_label(): line for line in axes.lines}
    marked, random = lines["the marked areas first"], lines["in a random order"]
    assert marked.get_xdata() == pytest.approx([0, 50, 100])
    assert marked.get_ydata() == pytest.approx([90, 20, 10])
    assert np.interp(50, random.get_xdata(), random.get_ydata()) == pytest.approx((80 + 50) / 2)
    (band,) = axes.collections
    assert band.get_paths()[0].contains_point((50, 79))
    assert not band.get_paths()[0].contains_point((50, 45))
    assert "hidden" in axes.get_xlabel() and "probability of manipulation" in axes.get_ylabel()
