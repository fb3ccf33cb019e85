"""Markdown tables hold the numbers they were given."""

from __future__ import annotations

from deepfake.evaluation.estimates import Estimate
from deepfake.reports.tables import left_out_table
from tests.fakes import make_left_out, make_left_out_row


def test_a_set_left_out_has_a_row_with_its_intervals_and_where_it_was_measured() -> None:
    row = left_out_table(make_left_out(make_left_out_row())).splitlines()[-1]
    assert row == (
        "| ciplab | 261 images, test | 6,000 | 0.550 [0.500, 0.600] | 140k 0.800 [0.700, 0.900] "
        "| lfw 0.070 [0.050, 0.090] |"
    )


def test_what_was_not_measured_is_a_dash_and_few_sources_have_no_interval() -> None:
    few = make_left_out_row(auc=Estimate(value=0.6, low=None, high=None, n=6), in_set={}, false_alarm_rate={})
    assert left_out_table(make_left_out(few)).splitlines()[-1].endswith("| 0.600 | - | - |")
