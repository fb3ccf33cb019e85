"""Precision, recall and F1 of each class, from a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """How well one class is called; shares 0..1, None where nothing was there to take a share of.

    Attributes:
        precision: Of those called so, how many are.
        recall: Of those that are so, how many were called so.
        f1: Harmonic mean of the two.
        support: How many are so.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationReport:
    """Both classes, and both together.

    Attributes:
        real, fake: Each class.
        macro: Mean of the two, in which both count the same whatever their support.
        num_right: Samples called what they are.
    """

    real: ClassScores
    fake: ClassScores
    macro: ClassScores
    num_right: int

    @property
    def accuracy(self) -> float | None:
        """Share of samples called what they are."""
        return _share(self.num_right, self.macro.support)


def classification_report(confusion: Sequence[Sequence[int]]) -> ClassificationReport:
    """Derive the report that scikit-learn's function of this name prints.

    Args:
        confusion: Rows truly real and fake, columns called real and fake.

    >>> classification_report([[8, 2], [4, 6]]).fake
    ClassScores(precision=0.75, recall=0.6, f1=0.6666666666666666, support=10)
    """
    (real_real, real_fake), (fake_real, fake_fake) = confusion
    real = _scores(right=real_real, missed=real_fake, wrongly=fake_real)
    fake = _scores(right=fake_fake, missed=fake_real, wrongly=real_fake)
    macro = ClassScores(
        precision=_mean(real.precision, fake.precision),
        recall=_mean(real.recall, fake.recall),
        f1=_mean(real.f1, fake.f1),
        support=real.support + fake.support,
    )
    return ClassificationReport(real=real, fake=fake, macro=macro, num_right=real_real + fake_fake)


def _scores(*, right: int, missed: int, wrongly: int) -> ClassScores:
    return ClassScores(
        precision=_share(right, right + wrongly),
        recall=_share(right, right + missed),
        f1=_share(2 * right, 2 * right + missed + wrongly),
        support=right + missed,
    )


def _share(count: int, total: int) -> float | None:
    return count / total if total else None


def _mean(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else (first + second) / 2
