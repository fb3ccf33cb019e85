"""False alarms of pictures with many real faces: does the limit for "any face" hold what it promises?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepfake.classifier.calibration import Values
from deepfake.classifier.card import JudgingRules
from deepfake.verdicts import fake_limit

GROUP_SIZES = (1, 5, 20)
_NUM_MONTAGES = 2000


def measure_montages(real_probabilities: Mapping[str, Values], rules: JudgingRules, *, seed: int) -> dict[str, Any]:
    """Draw groups of real faces of one set and count those in which any face is called fake.

    Args:
        real_probabilities: P(fake) of real faces by set.
        rules: Limits, and how they rise with the number of faces.
        seed: Of the draws.

    Returns:
        By set and group size: the share of groups with a false alarm, with the rule and without it.
    """
    rng = np.random.default_rng(seed)
    results: dict[str, Any] = {}
    for name, values in real_probabilities.items():
        by_size = {}
        for size in (size for size in GROUP_SIZES if size <= len(values)):
            worst = np.array([values[rng.choice(len(values), size, replace=False)].max() for _ in range(_NUM_MONTAGES)])
            by_size[str(size)] = {
                "false_alarm_rate": float((worst >= fake_limit(rules, size)).mean()),
                "without_correction": float((worst >= rules.band_high).mean()),
                "num_montages": _NUM_MONTAGES,
                "num_faces": len(values),
            }
        results[name] = by_size
    return results
