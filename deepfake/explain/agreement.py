"""How alike maps are that were drawn apart: does an explanation say the same when chance had another try?

Compared are halves of the draws, in every way to halve them: the more draws, the firmer each half, and the more
alike they become where there is something to find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

Weights = npt.NDArray[np.float64]  # (n,): what each segment adds to P(fake)
NUM_LEADING = 5
FLAT = 1e-6  # weights below this are rounding, not influence
_MINOR = 0.05  # of the largest: the rank order of weights below this is chance, and says nothing of stability
_STABLE = 0.6
_HOLDS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How alike two halves of the draws are, on average over the ways to halve them.

    Attributes:
        rank_correlation: Of their weights (Spearman), -1..1, those under 5 % of the largest taken as 0; 1 where
            nothing has any influence.
        top_overlap: Share of their five leading segments that both have, 0..1.
        signs: Shape (n,): whether all halves give a segment the same sign.
    """

    rank_correlation: float
    top_overlap: float
    signs: npt.NDArray[np.bool_]

    @property
    def is_stable(self) -> bool:
        """Whether the map means something and may be drawn."""
        return self.rank_correlation >= _STABLE

    @property
    def holds(self) -> bool:
        """Whether the ranking of the leading segments is settled, so that sampling may stop."""
        return self.rank_correlation >= _HOLDS and self.top_overlap >= _HOLDS


def measure_agreement(draws: npt.NDArray[np.float64]) -> Agreement:
    """Compare draws of the same map.

    Args:
        draws: Weights, shape (r, n), r at least 2.
    """
    halves = list(_halves(draws))
    signs = np.sign([half for pair in halves for half in pair])
    return Agreement(
        rank_correlation=float(np.mean([rank_correlation(*pair) for pair in halves])),
        top_overlap=float(np.mean([top_overlap(*pair) for pair in halves])),
        signs=np.asarray(np.abs(signs.sum(axis=0)) == len(signs)),
    )


def rank_correlation(first: Weights, second: Weights) -> float:
    """Spearman's correlation of two maps, minor weights taken as 0; 1 where both are flat, 0 where one is."""
    if is_flat(first) or is_flat(second):
        return float(is_flat(first) and is_flat(second))
    return float(np.nan_to_num(spearmanr(_without_minor(first), _without_minor(second)).statistic))


def top_overlap(first: Weights, second: Weights) -> float:
    """Share of the five leading segments that two maps have in common; 1 where neither has any."""
    tops = [set(leading(weights, NUM_LEADING)) for weights in (first, second)]
    return len(tops[0] & tops[1]) / max(map(len, tops)) if any(tops) else 1.0


def leading(weights: Weights, count: int) -> list[int]:
    """The segments of greatest influence either way, strongest first; minor ones never lead."""
    kept = _without_minor(weights)
    return [int(segment) for segment in np.argsort(-np.abs(kept), kind="stable")[:count] if kept[segment]]


def is_flat(weights: Weights) -> bool:
    """Whether no segment has any influence."""
    return bool(np.abs(weights).max(initial=0.0) < FLAT)


def _without_minor(weights: Weights) -> Weights:
    strength = np.abs(weights)
    return np.where(strength < max(FLAT, _MINOR * strength.max(initial=0.0)), 0.0, weights)


def _halves(draws: npt.NDArray[np.float64]) -> Iterator[tuple[Weights, Weights]]:
    """Means of every way to part the draws in two; of an odd number, one part has one more."""
    everyone = frozenset(range(len(draws)))
    for half in combinations(range(len(draws)), len(draws) // 2):
        if len(draws) % 2 or 0 in half:  # of an even number, the other half comes as a half itself
            yield draws[list(half)].mean(axis=0), draws[list(everyone - set(half))].mean(axis=0)
