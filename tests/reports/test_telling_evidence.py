"""What stands behind a verdict, in words that fit its numbers."""

from __future__ import annotations

import pytest

from deepfake.explain.stress import CHANGES, StressTest, StressTrial
from deepfake.reports.document import Table
from deepfake.reports.telling_evidence import tell_stress


def rows_of(before: float, after: float) -> tuple[tuple[str, ...], ...]:
    trials = tuple(StressTrial(change=change, probability=after) for change in CHANGES)
    _, table = tell_stress(StressTest(probability=before, trials=trials, seed=0))
    assert isinstance(table, Table)
    return table.rows


def test_every_change_has_a_row_below_the_face_as_it_is() -> None:
    first, *others = rows_of(0.5, 0.5)
    assert first == ("As it is", "50\N{NO-BREAK SPACE}%", "")
    assert [row[0] for row in others] == list(CHANGES.values())


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        (0.107, 0.264, "15 percentage points up"),  # 11 % and 26 % are shown
        (0.106, 0.114, "no change"),
        (0.5, 0.49, "1 percentage point down"),
        (0.114, 0.116, "1 percentage point up"),  # 11 % and 12 %
        (0.004, 0.006, "no change"),  # both less than 1 %
        (0.993, 0.997, "no change"),
        (0.006, 0.0101, "less than 1 percentage point up"),
    ],
)
def test_a_difference_is_that_of_the_numbers_beside_it(before: float, after: float, difference: str) -> None:
    assert rows_of(before, after)[1][2] == difference
