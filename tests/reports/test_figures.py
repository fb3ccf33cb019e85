"""Charts hold the numbers they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from deepfake.reports.figures import (
    DARK,
    LIGHT,
    Palette,
    draw_confusion,
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


def test_a_class_that_is_missing_has_no_row() -> None:
    assert len(words(draw_confusion([[9, 1], [0, 0]], palette=LIGHT))) == 4


def test_the_kept_epoch_is_marked_at_its_value() -> None:
    figure = draw_training_curve([1, 2, 3], [1, 2, 3], [4, 5, 6], label="x", kept_epoch=2, palette=DARK)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in marks] == [(2, 5)]


def test_an_interval_spans_low_to_high() -> None:
    axes = draw_intervals({"a": (0.7, 0.8, 0.9)}, label="AUC", chance=0.5, palette=LIGHT).axes[0]
    assert list(axes.lines[0].get_xdata()) == [0.7, 0.9]
    assert list(axes.lines[1].get_xdata()) == [0.8]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_chart_becomes_svg_without_pyplot(palette: Palette) -> None:
    figures = [
        draw_roc([0, 0.5, 1], [0, 0.9, 1], palette=palette),
        draw_precision_recall([0, 1], [1, 0.5], palette=palette),
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
