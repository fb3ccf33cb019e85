"""From the scores of a person's frames to one score: logits are pooled, then calibrated on their own.

Calibrated frame probabilities, averaged, would be no probability of the clip: frames of one person err together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from deepfake.classifier.calibration import Values, logit

_TRIMMED = 0.2  # share left out at each end
_TOP = 1 / 3


def _trimmed_mean(logits: Values) -> float:
    cut = int(_TRIMMED * len(logits))
    return float(np.sort(logits)[cut : len(logits) - cut].mean())


def _top_mean(logits: Values) -> float:
    return float(np.sort(logits)[-max(1, round(_TOP * len(logits))) :].mean())


_RULES: dict[str, Callable[[Values], float]] = {
    "mean": lambda logits: float(logits.mean()),
    "trimmed_mean": _trimmed_mean,
    "top_third_mean": _top_mean,
}
POOLING_RULES = tuple(_RULES)  # the simplest first


def pool_scores(scores: npt.ArrayLike, rule: str) -> float:
    """One raw score of a person.

    Args:
        scores: Raw scores of the person's frames, shape (n,), n at least 1, 0..1.
        rule: "mean" of the logits; "trimmed_mean", without the highest and lowest fifth; "top_third_mean", of the most
            suspicious third.

    Returns:
        0..1, still to be calibrated at clip level.

    Raises:
        ValueError: Unknown rule, or no score.

    >>> round(pool_scores([0.5, 0.9, 0.1], "mean"), 6)
    0.5
    """
    if rule not in _RULES:
        raise ValueError(f"Unknown pooling rule {rule!r}. Expected one of {', '.join(POOLING_RULES)}.")
    logits = logit(scores)
    if logits.ndim != 1 or not len(logits):
        raise ValueError(f"Expected the scores of at least one frame, shape (n,). Received shape {logits.shape}.")
    return float(expit(_RULES[rule](logits)))
