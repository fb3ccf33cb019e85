from __future__ import annotations

import pytest

from deepfake.reports.timeline_figure import draw_clip_timeline
from tests.fakes import make_rules


@pytest.mark.parametrize("end_s", [0.05, 0.3, 0.5, 2.0, 3.99, 4.0, 5.0, 8.0, 61.0, 600.0, 7200.0])
def test_no_time_stands_twice_below_the_timeline(end_s: float) -> None:
    figure = draw_clip_timeline([], make_rules(), end_s=end_s)
    figure.canvas.draw()
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    said = [label.get_text() for label in axes.get_xticklabels() if low <= label.get_position()[0] <= high]
    assert 1 <= len(said) <= 9
    assert len(set(said)) == len(said)
