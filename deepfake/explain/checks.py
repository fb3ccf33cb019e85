"""Does hiding what an explanation points to move the probability, and more than hiding anything else would?

Deletion and insertion: Petsiuk, Das and Saenko, "RISE: Randomized input sampling for explanation of black-box models",
BMVC 2018, by segments in place of pixels, against random orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepfake.explain.agreement import NUM_LEADING
from deepfake.explain.base import Explanation
from deepfake.explain.perturbed import PerturbedFace, Values

NUM_RANDOM = 20  # hidings that the leading ones must all beat: by chance, they do so once in 21
_NUM_STEPS = 10  # of a curve


@dataclass(frozen=True, slots=True, kw_only=True)
class HidingCurve:
    """The probability while segments are hidden one after another, or shown one after another.

    Attributes:
        counts: Shape (m,): so many segments are hidden (or shown), 0..n.
        shares: Shape (m,): the share of the crop's pixels that they fill, 0..1.
        probabilities: Shape (m,): P(fake) then.
    """

    counts: npt.NDArray[np.int64]
    shares: Values
    probabilities: Values

    @property
    def area(self) -> float:
        """Mean probability along the curve, each pixel counting the same, 0..1."""
        return float(np.trapezoid(self.probabilities, self.shares))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionCheck:
    """What hiding the leading segments does, against hiding as many others at random.

    Attributes:
        towards_fake: Which side the probability is on, and so which segments were hidden: those that push there.
        hidden: The leading segments of that side, strongest first; at least one.
        probability: Of the face as it is, 0..1.
        probability_hidden: With them hidden.
        random_probabilities: Shape (20,): with as many of the other segments hidden, chosen at random.
        curve: Hiding all segments, those that push to that side first.
        random_curves: The same in random orders.
    """

    towards_fake: bool
    hidden: tuple[int, ...]
    probability: float
    probability_hidden: float
    random_probabilities: Values
    curve: HidingCurve
    random_curves: tuple[HidingCurve, ...]

    @property
    def effect(self) -> float:
        """By how much hiding them takes the probability off its side, -1..1; negative where it goes further in."""
        return self._effect_of(self.probability_hidden)

    @property
    def random_effect(self) -> float:
        """The same of as many others at random, on average."""
        return self._effect_of(float(self.random_probabilities.mean()))

    @property
    def beats_random(self) -> bool:
        """Whether it takes the probability further off than every random choice did."""
        return self.effect > max(map(self._effect_of, self.random_probabilities.tolist()))

    def _effect_of(self, probability: float) -> float:
        change = self.probability - probability
        return change if self.towards_fake else -change


def check_by_hiding(
    face: PerturbedFace, explanation: Explanation, *, threshold: float, count: int = NUM_LEADING, seed: int = 0
) -> DeletionCheck | None:
    """Hide the leading segments of the side that the probability is on.

    Args:
        face: Which was explained.
        explanation: Of it.
        threshold: From the model's card: from here on, the probability is on the side of fake.
        count: Of the so many leading segments either way, those that push to this side are hidden.
        seed: Of the random choices.

    Returns:
        None where no leading segment pushes to this side.
    """
    towards_fake = explanation.probability >= threshold
    side = 1 if towards_fake else -1
    hidden = tuple(one for one in explanation.leading(count) if side * explanation.weights[one] > 0)
    if not hidden:
        return None
    others = np.setdiff1d(np.arange(face.num_segments), hidden)
    if len(others) < len(hidden):
        others = np.arange(face.num_segments)
    orders = random_orders(face.num_segments, NUM_RANDOM, seed=seed)
    choices = [order[np.isin(order, others)][: len(hidden)] for order in orders]
    return DeletionCheck(
        towards_fake=towards_fake,
        hidden=hidden,
        probability=face.probability,
        probability_hidden=float(_with_hidden(face, [hidden])[0]),
        random_probabilities=_with_hidden(face, choices),
        curve=hiding_curve(face, order_of_hiding(explanation, towards_fake=towards_fake)),
        random_curves=tuple(hiding_curve(face, order) for order in orders),
    )


def order_of_hiding(explanation: Explanation, *, towards_fake: bool) -> npt.NDArray[np.intp]:
    """All segments, those that push most to one side first."""
    return np.argsort(-explanation.weights if towards_fake else explanation.weights, kind="stable")


def random_orders(num_segments: int, count: int, *, seed: int) -> npt.NDArray[np.intp]:
    """Random orders of all segments, shape (count, num_segments)."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(num_segments) for _ in range(count)])


def hiding_curve(face: PerturbedFace, order: npt.NDArray[np.intp], *, showing: bool = False) -> HidingCurve:
    """Hide all segments in an order, or show them, in about ten steps.

    Args:
        face: Whose segments.
        order: Of all segments, first the first to be hidden or shown.
        showing: Start from the baseline and show them (insertion) rather than hide them (deletion).
    """
    counts = np.unique(np.linspace(0, len(order), _NUM_STEPS + 1).round().astype(np.int64))
    is_first = np.argsort(order) < counts[:, None]  # (steps, segments): among those that it is the turn of by then
    sizes = np.bincount(face.segments.ravel(), minlength=face.num_segments) / face.segments.size
    return HidingCurve(
        counts=counts, shares=is_first @ sizes, probabilities=face.judge(is_first if showing else ~is_first)
    )


def _with_hidden(face: PerturbedFace, choices: Sequence[Sequence[int] | npt.NDArray[np.intp]]) -> Values:
    """P(fake) with each choice of segments hidden."""
    seen = np.ones((len(choices), face.num_segments), bool)
    for row, hidden in zip(seen, choices, strict=True):
        row[list(hidden)] = False
    return face.judge(seen)
