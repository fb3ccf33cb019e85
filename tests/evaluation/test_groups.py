from __future__ import annotations

import numpy as np
import pytest

from deepfake.classifier.card import JudgingRules
from deepfake.evaluation.groups import false_alarms_by_group

RULES = JudgingRules(
    threshold=0.6, band_low=0.2, band_high=0.8, logit_shift_per_log_face=0.0, min_face_px=1, min_brightness=0.0,
    min_sharpness=0.0,
)  # fmt: skip
NAMES = ("12_0_0_x.jpg", "13_0_1_x.jpg", "24_1_1_x.jpg", "60_1_4_x.jpg", "116_1_4_x.jpg", "portrait.jpg")
ALARMS = np.array([0.7, 0.1, 0.6, 0.2, 0.9, 0.99])  # of those with a name that tells: 1, 0, 1, 0, 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("age", {"0 to 12": (1.0, 1), "13 to 24": (0.5, 2), "60 and more": (0.5, 2)}),
        ("gender", {"male": (0.5, 2), "female": (2 / 3, 3)}),
        ("race", {"White": (1.0, 1), "Black": (0.5, 2), "other": (0.5, 2)}),
    ],
)
def test_each_group_has_its_share_of_false_alarms(kind: str, expected: dict[str, tuple[float, int]]) -> None:
    groups = false_alarms_by_group(ALARMS, NAMES, [str(number) for number in range(6)], RULES, seed=0)[kind]
    assert {name: (pytest.approx(one["value"]), one["n"]) for name, one in groups.items()} == expected


def test_names_that_tell_nothing_make_no_group() -> None:
    assert false_alarms_by_group(np.array([0.5]), ["portrait.jpg"], ["a"], RULES, seed=0) == {}
