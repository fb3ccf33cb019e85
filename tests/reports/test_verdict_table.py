from __future__ import annotations

from deepfake.reports.tables import verdict_table


def measured(real: dict[str, int], fake: dict[str, int]) -> dict[str, object]:
    return {"firm": {"verdicts": {"real": real, "fake": fake}}}


def test_every_verdict_is_counted_among_the_faces_of_its_truth() -> None:
    some = {"real": 1, "uncertain": 2, "fake": 3000}
    none = {"real": 0, "uncertain": 0, "fake": 0}
    head, _, both, alone = verdict_table({"sets": {"a": measured(some, some), "b": measured(some, none)}}).splitlines()
    assert head.startswith("| test set | fake: likely manipulated | fake: inconclusive | fake: no sign")
    assert both == "| a | 3,000 of 3,003 | 2 of 3,003 | 1 of 3,003 | 3,000 of 3,003 | 2 of 3,003 | 1 of 3,003 |"
    assert alone.startswith("| b | - | - | - | 3,000 of 3,003 |")
