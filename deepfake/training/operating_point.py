"""What turns scores into verdicts, chosen on validation splits alone: calibration, threshold, uncertain band.

Every set has the same say, and in a set every class.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.calibration import Calibration, Values, fit_calibration, logit, weighted_log_loss

MAX_FALSE_ALARMS = 0.10
MIN_CORRECTNESS = 0.90
_MIN_FIRM = 20  # fewer firm verdicts on a set prove nothing about it
_GRID = 80
_GROUP_SIZES = (5, 20)
_SMALLEST_LIMIT, _LARGEST_LIMIT = 1e-4, 1 - 1e-4
_EVEN = 0.5  # no verdict is given against the odds, however well that would separate the validation files


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationScores:
    """A set's validation split, judged.

    Attributes:
        scores: Raw, shape (n,), 0..1.
        labels: Shape (n,), 0 real, 1 fake.
    """

    scores: Values
    labels: npt.NDArray[np.int64]

    @property
    def has_both_classes(self) -> bool:
        return bool(0 < self.labels.sum() < len(self.labels))


def choose_calibration(sets: Mapping[str, ValidationScores]) -> tuple[Calibration, dict[str, Any]]:
    """Choose temperature, or slope and offset: the kind with the lower log loss on sets it was not fitted on.

    Args:
        sets: By name. Sets of one class cannot calibrate and are left out.

    Returns:
        The chosen kind, fitted on all sets, and the log loss of each kind on left-out sets.
    """
    both = {name: one for name, one in sets.items() if one.has_both_classes}
    if len(both) == 1:
        return _fit(both, "temperature"), {"reason": "one set alone: nothing to leave out, so the fewest parameters"}
    losses = {}
    for kind in ("temperature", "slope_offset"):
        losses[kind] = float(
            np.mean(
                [
                    weighted_log_loss(
                        _fit({other: both[other] for other in both if other != name}, kind).apply(one.scores),
                        one.labels,
                        _class_weights(one.labels),
                    )
                    for name, one in both.items()
                ]
            )
        )
    kind = min(losses, key=lambda name: losses[name])
    return _fit(both, kind), {"log_loss_on_left_out_sets": {name: round(loss, 4) for name, loss in losses.items()}}


def _fit(sets: Mapping[str, ValidationScores], kind: str) -> Calibration:
    return fit_calibration(
        np.concatenate([one.scores for one in sets.values()]),
        np.concatenate([one.labels for one in sets.values()]),
        np.concatenate([_class_weights(one.labels) / len(one.labels) for one in sets.values()]),
        kind=kind,
    )


def _class_weights(labels: npt.NDArray[np.int64]) -> Values:
    """Mean 1, the same sum for both classes."""
    counts = np.bincount(labels, minlength=2)
    return np.asarray(len(labels) / (2 * counts[labels]), dtype=np.float64)


def choose_threshold(real_probabilities: Mapping[str, Values]) -> float:
    """The least threshold with false alarms of at most `MAX_FALSE_ALARMS` on each set, and never below even odds.

    Args:
        real_probabilities: P(fake) of real faces by set: all-real sets where there are any.
    """
    limits = [
        float(np.quantile(values, 1 - MAX_FALSE_ALARMS, method="higher")) for values in real_probabilities.values()
    ]
    # from the threshold on means fake: the next number after the largest one allowed
    return float(np.clip(np.nextafter(max(limits), 1.0), _EVEN, _LARGEST_LIMIT))


def choose_group_shift(real_probabilities: Mapping[str, Values]) -> float:
    """How far limits rise with the number of faces, in logits times ln(n), so that groups alarm no more often.

    Of n real faces, each may alarm with 1 - (1 - a)^(1/n) if any of them shall with a. Where a set's tail puts
    that quantile gives the shift; the largest over sets and group sizes is taken.
    """
    shifts = [0.0]
    for values in real_probabilities.values():
        single = _upper_quantile(values, 1)
        shifts += [(logit(_upper_quantile(values, n)) - logit(single)).item() / math.log(n) for n in _GROUP_SIZES]
    return round(max(shifts), 4)


def _upper_quantile(values: Values, num_faces: int) -> float:
    return float(np.quantile(values, (1 - MAX_FALSE_ALARMS) ** (1 / num_faces)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where verdicts are `uncertain`.

    Attributes:
        low, high: Probabilities between which no firm verdict is given.
        unmet: Sets on which firm verdicts outside this band are right less often than `MIN_CORRECTNESS`.
        coverage: Share of firm verdicts by set.
        correctness: Share of firm verdicts that are right by set.
    """

    low: float
    high: float
    unmet: tuple[str, ...]
    coverage: dict[str, float]
    correctness: dict[str, float]


def choose_band(
    probabilities: Mapping[str, Values], labels: Mapping[str, npt.NDArray[np.int64]], threshold: float
) -> Band:
    """The narrowest band around the threshold outside which verdicts are right on the worst set.

    Narrowest: the greatest mean coverage. No verdict is `real` above even odds. Where no band reaches
    `MIN_CORRECTNESS` on every set, the set with the least reachable correctness is named as unmet, and so on; the
    mean over all sets must then reach it still. Where even that cannot be, the band with the best worst set is
    taken, however wide.

    Args:
        probabilities: P(fake) of validation faces, by set.
        labels: 0 real, 1 fake, by set.
        threshold: Inside the band or on its border.
    """
    # the ends are limits themselves; rounding must not carry the grid past them
    highest_low = min(threshold, _EVEN)
    lows = np.unique(np.append(np.minimum(_grid(_SMALLEST_LIMIT, highest_low), highest_low), highest_low))
    highs = np.unique(np.append(np.maximum(_grid(threshold, _LARGEST_LIMIT), threshold), threshold))
    tables = {name: _table(values, labels[name], lows, highs) for name, values in probabilities.items()}
    large = {name: table for name, table in tables.items() if len(probabilities[name]) >= _MIN_FIRM} or tables
    correctness = np.stack([np.where(table.num_firm >= _MIN_FIRM, table.correctness, 0) for table in large.values()])
    coverage = np.mean([table.coverage for table in tables.values()], axis=0)
    names = list(large)  # a set too small to prove anything must not decide, and is named as unmet
    wanted = sorted(range(len(names)), key=lambda i: float(correctness[i].max()), reverse=True)
    while True:
        right = np.all(correctness[wanted] >= MIN_CORRECTNESS, axis=0) & (correctness.mean(axis=0) >= MIN_CORRECTNESS)
        if right.any() or not wanted:
            break
        wanted.pop()  # the least reachable of those left
    if right.any():
        best = np.argmax(np.where(right, coverage, -1))
    else:
        best = np.lexsort((-coverage.ravel(), correctness.min(axis=0).ravel()))[-1]  # in doubt the wider band
    low, high = np.unravel_index(best, coverage.shape)
    return Band(
        low=float(lows[low]),
        high=float(highs[high]),
        unmet=tuple(
            name for name in tables if name not in large or correctness[names.index(name), low, high] < MIN_CORRECTNESS
        ),
        coverage={name: round(float(table.coverage[low, high]), 4) for name, table in tables.items()},
        correctness={name: round(float(table.correctness[low, high]), 4) for name, table in tables.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """For each (low, high): how many verdicts are firm, which share, and which share of those is right."""

    num_firm: npt.NDArray[np.int64]
    coverage: Values
    correctness: Values


def _grid(low: float, high: float) -> Values:
    """Limits evenly spaced in logits."""
    steps = np.linspace(logit(low).item(), logit(high).item(), _GRID)
    return np.asarray(1 / (1 + np.exp(-steps)), dtype=np.float64)


def _table(probabilities: Values, labels: npt.NDArray[np.int64], lows: Values, highs: Values) -> _Table:
    reals, fakes = np.sort(probabilities[labels == 0]), np.sort(probabilities[labels == 1])
    real_right, fake_wrong = (np.searchsorted(values, lows, side="right")[:, None] for values in (reals, fakes))
    real_wrong, fake_right = (
        (len(values) - np.searchsorted(values, highs, side="left"))[None, :] for values in (reals, fakes)
    )
    num_firm = real_right + real_wrong + fake_right + fake_wrong
    return _Table(
        num_firm=num_firm,
        coverage=num_firm / len(probabilities),
        correctness=(real_right + fake_right) / np.maximum(num_firm, 1),
    )
