"""How alike maps are that were drawn apart: does an explanation say the same when chance had another try?

Compared are halves of the draws, in every way to halve them: the more draws, the firmer each half, and the more
alike they become where there is something to find. What chance alone can do is read off the spread between draws, and
weights no larger than that count as nothing: their order would say nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Weights = npt.NDArray[np.float64]  # (n,): what each segment adds to P(fake)
NUM_LEADING = 5
FLAT = 1e-6  # weights below this are rounding, not influence
_MINOR = 0.05  # of the largest: weights below this do not count either
_NUM_ERRORS = 3.0  # standard errors that chance reaches
_STABLE = 0.6
_HOLDS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How alike two halves of the draws are, on average over the ways to halve them.

    Attributes:
        rank_correlation: Of their weights (Spearman), -1..1, those within chance or under 5 % of the largest taken
            as 0; 1 where nothing has any influence, 0 where all that moves is within chance.
        top_overlap: Share of their five leading segments that both have, 0..1.
        signs: Shape (n,): whether all halves give a segment the same sign.
        chance: Weights of all draws together up to this size are within chance: three standard errors, as the spread
            of the draws gives them.
    """

    rank_correlation: float
    top_overlap: float
    signs: npt.NDArray[np.bool_]
    chance: float

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
    error = sqrt(draws.var(axis=0, ddof=1).mean())  # of one draw; alike for all segments
    chance_of_half = _NUM_ERRORS * error / sqrt(len(draws) // 2)
    return Agreement(
        rank_correlation=float(np.mean([rank_correlation(*pair, chance=chance_of_half) for pair in halves])),
        top_overlap=float(np.mean([top_overlap(*pair, chance=chance_of_half) for pair in halves])),
        signs=np.asarray(np.abs(signs.sum(axis=0)) == len(signs)),
        chance=_NUM_ERRORS * error / sqrt(len(draws)),
    )


def rank_correlation(first: Weights, second: Weights, *, chance: float = 0.0) -> float:
    """Spearman's correlation of two maps, minor weights taken as 0; 1 where both are flat.

    Args:
        first: Weights, shape (n,).
        second: Of the same segments.
        chance: Weights up to this size count as 0, too; where none is larger, the correlation is 0.
    """
    if is_flat(first) and is_flat(second):
        return 1.0
    ranks = np.stack([rankdata(_counting(weights, chance)) for weights in (first, second)])
    centered = ranks - ranks.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centered, axis=1).prod()
    return float(centered[0] @ centered[1] / lengths) if lengths else 0.0


def top_overlap(first: Weights, second: Weights, *, chance: float = 0.0) -> float:
    """Share of the five leading segments that two maps have in common; as `rank_correlation` where there are none."""
    if is_flat(first) and is_flat(second):
        return 1.0
    tops = [set(leading(weights, NUM_LEADING, chance=chance)) for weights in (first, second)]
    return len(tops[0] & tops[1]) / max(1, *map(len, tops))


def leading(weights: Weights, count: int, *, chance: float = 0.0) -> list[int]:
    """The segments of greatest influence either way, strongest first; minor ones and those within chance never lead."""
    counting = _counting(weights, chance)
    return [int(segment) for segment in np.argsort(-np.abs(counting), kind="stable")[:count] if counting[segment]]


def is_flat(weights: Weights) -> bool:
    """Whether no segment has any influence."""
    return bool(np.abs(weights).max(initial=0.0) < FLAT)


def is_minor(weights: Weights, *, chance: float = 0.0) -> npt.NDArray[np.bool_]:
    """Which weights do not count, shape (n,): those under 5 % of the largest, within chance, or mere rounding."""
    strength = np.abs(weights)
    return np.asarray(strength < max(FLAT, chance, _MINOR * strength.max(initial=0.0)))


def _counting(weights: Weights, chance: float) -> Weights:
    """The weights, 0 where they are minor or within chance."""
    return np.where(is_minor(weights, chance=chance), 0.0, weights)


def _halves(draws: npt.NDArray[np.float64]) -> Iterator[tuple[Weights, Weights]]:
    """Means of every way to part the draws in two; of an odd number, one part has one more."""
    everyone = frozenset(range(len(draws)))
    for half in combinations(range(len(draws)), len(draws) // 2):
        if len(draws) % 2 or 0 in half:  # of an even number, the other half comes as a half itself
            yield draws[list(half)].mean(axis=0), draws[list(everyone - set(half))].mean(axis=0)
