"""From a raw score to a probability that means what it says.

Platt, "Probabilistic outputs for support vector machines", 1999 (slope and offset); Guo et al., "On
calibration of modern neural networks", ICML 2017 (temperature: a slope alone).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, xlogy

from deepfake.errors import InvalidCardError

Values = npt.NDArray[np.float64]  # (n,)
_SMALLEST = 1e-6  # float32 sigmoids reach 0 and 1; their logits must stay finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """probability = sigmoid(slope * logit(score) + offset).

    Attributes:
        kind: "temperature" (offset 0), "slope_offset", or "none".
        slope: 1 / temperature; positive, so that the order of scores is kept.
        offset: Added to the scaled logit.
    """

    kind: str = "none"
    slope: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.slope < np.inf and np.isfinite(self.offset)):
            raise InvalidCardError(
                f"A calibration needs a positive slope and a finite offset. Received: {self.slope}, {self.offset}. "
                "A negative slope would call every real face fake. Train the model again, or restore its card."
            )

    def apply(self, scores: npt.ArrayLike) -> Values:
        """Probabilities of fake, 0..1, for raw scores, 0..1, of any shape."""
        return np.asarray(expit(self.slope * logit(scores) + self.offset), dtype=np.float64)

    def to_dict(self) -> dict[str, Any]:
        """As the card stores it."""
        return asdict(self)


def lower_for_number(probabilities: npt.ArrayLike, numbers: npt.ArrayLike, shift_per_log: float) -> Values:
    """What the most suspicious of several faces must be compared with the limits of a single one as.

    Of many real faces the most suspicious one looks more suspicious. Nothing is lowered below even odds, where it
    would turn into a verdict of its own.

    Args:
        probabilities: Of the most suspicious, shape (n,), 0..1.
        numbers: Of how many, shape (n,), at least 1.
        shift_per_log: Logits by which the limits rise with the logarithm of the number.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    lowered = expit(logit(values) - shift_per_log * np.log(np.asarray(numbers, dtype=np.float64)))
    return np.asarray(np.where(values > 0.5, np.maximum(0.5, lowered), values), dtype=np.float64)


def logit(scores: npt.ArrayLike) -> Values:
    """log(s / (1 - s)), finite also for scores of 0 and 1."""
    clipped = np.clip(np.asarray(scores, dtype=np.float64), _SMALLEST, 1 - _SMALLEST)
    return np.asarray(np.log(clipped) - np.log1p(-clipped), dtype=np.float64)


def fit_calibration(scores: Values, labels: npt.NDArray[np.int64], weights: Values, *, kind: str) -> Calibration:
    """Find the slope (and offset) of least log loss.

    Args:
        scores: Raw, shape (n,), 0..1.
        labels: 0 real, 1 fake, shape (n,).
        weights: Shape (n,): say of each sample, so that sets and classes count alike.
        kind: "temperature" or "slope_offset".

    Raises:
        ValueError: Unknown kind.
    """
    if kind not in ("temperature", "slope_offset"):
        raise ValueError(f"Unknown kind of calibration {kind!r}. Expected 'temperature' or 'slope_offset'.")
    logits = logit(scores)

    def loss(parameters: Values) -> float:
        offset = parameters[1] if kind == "slope_offset" else 0.0
        probabilities = expit(np.exp(parameters[0]) * logits + offset)
        return weighted_log_loss(probabilities, labels, weights)

    start = np.zeros(2 if kind == "slope_offset" else 1)
    best = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-9, "maxiter": 2000}).x
    return Calibration(
        kind=kind, slope=float(np.exp(best[0])), offset=float(best[1]) if kind == "slope_offset" else 0.0
    )


def weighted_log_loss(probabilities: Values, labels: npt.NDArray[np.int64], weights: Values) -> float:
    """Mean of -log(probability of the true class), in nats."""
    clipped = np.clip(probabilities, 1e-12, 1 - 1e-12)
    losses = -(xlogy(labels, clipped) + xlogy(1 - labels, 1 - clipped))
    return float(np.average(losses, weights=weights))
