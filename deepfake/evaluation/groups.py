"""False alarms by age, gender and race, of a set whose file names say them (UTKFace).

The names give what its makers estimated by a model and by hand: "gender" and "race" are their words and their classes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from deepfake.classifier.calibration import Values
from deepfake.classifier.card import JudgingRules
from deepfake.evaluation.metrics import evaluate_set

_NAME = re.compile(r"(\d+)_([01])_([0-4])_")
_GENDERS = ("male", "female")
_RACES = ("White", "Black", "Asian", "Indian", "other")
_AGES = ((0, "0 to 12"), (13, "13 to 24"), (25, "25 to 39"), (40, "40 to 59"), (60, "60 and more"))

_KINDS = {"age": tuple(name for _, name in _AGES), "gender": _GENDERS, "race": _RACES}


def false_alarms_by_group(
    probabilities: Values, names: Sequence[str], sources: Sequence[str], rules: JudgingRules, *, seed: int
) -> dict[str, dict[str, Any]]:
    """Share of real faces called fake, for each group of people.

    Args:
        probabilities: P(fake) of real faces, shape (n,).
        names: Their file names, `[age]_[gender]_[race]_...`; others are left out.
        sources: The person each shows.
        rules: The threshold from which on a face counts as fake.
        seed: Of the intervals' resampling.

    Returns:
        By "age", "gender" and "race", then by group: value, low, high and n.
    """
    groups = [_groups_of(name) for name in names]
    result: dict[str, dict[str, Any]] = {}
    for place, (kind, labels) in enumerate(_KINDS.items()):
        for label in labels:
            rows = np.flatnonzero([group is not None and group[place] == label for group in groups])
            if len(rows):
                measured = evaluate_set(
                    probabilities[rows],
                    np.zeros(len(rows), np.int64),
                    [sources[int(row)] for row in rows],
                    rules,
                    seed=seed,
                )
                result.setdefault(kind, {})[label] = measured["metrics"]["false_alarm_rate"]
    return result


def _groups_of(name: str) -> tuple[str, str, str] | None:
    found = _NAME.match(name)
    if found is None:
        return None
    age, gender, race = map(int, found.groups())
    return max(one for one in _AGES if one[0] <= age)[1], _GENDERS[gender], _RACES[race]
