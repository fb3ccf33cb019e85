"""The order in which a model meets its crops: in the end every set the same say, every epoch another shuffle.

At first every file counts the same, so that features are learned from the large sets before the small ones
could be learned by heart. Then every set has the same say: it is drawn from in proportion to the square root of
its size, so that large sets show more of themselves and small ones are repeated less, and weights in the loss
make up for the difference.

What an epoch shows follows from (seed, epoch) alone, so a run that was killed goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepfake.data.balance import balance_classes, draw_alike
from deepfake.data.layouts import REAL
from deepfake.data.prepare import PreparedSet
from deepfake.media.images import RGBImage
from deepfake.training.augment import augment
from deepfake.training.blend import self_blend
from deepfake.training.recipes import Recipe

Shares = npt.NDArray[np.float64]  # (sets,)
Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRows:
    """What one set gives to training.

    Attributes:
        name: The set's.
        crops: Memory-mapped, shape (n, side, side, 3), uint8.
        labels: Shape (n,), 0 real, 1 fake.
        rows: Rows to use, classes balanced.
        weights: Weight of each used row in the loss, mean 1.
        counts_before, counts_after: Rows by class name, before and after balancing.
    """

    name: str
    crops: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    rows: npt.NDArray[np.intp]
    weights: npt.NDArray[np.float32]
    counts_before: dict[str, int]
    counts_after: dict[str, int]


def training_rows(prepared: PreparedSet, recipe: Recipe) -> TrainingRows:
    """Take a set's training split and balance its classes."""
    split = prepared.rows("train")
    labels = prepared.labels[split]
    chosen, weights = balance_classes(labels, recipe.balance, seed=recipe.seed)
    if recipe.crops_per_set:
        kept = draw_alike(labels[chosen], recipe.crops_per_set, seed=recipe.seed)
        chosen, weights = chosen[kept], weights[kept]
    return TrainingRows(
        name=prepared.name,
        crops=prepared.crop_set.crops,
        labels=prepared.labels,
        rows=split[chosen],
        weights=weights,
        counts_before=_counts(labels),
        counts_after=_counts(labels[chosen]),
    )


def _counts(labels: npt.NDArray[np.int64]) -> dict[str, int]:
    return {"real": int((labels == 0).sum()), "fake": int((labels == 1).sum())}


def steps_per_epoch(sets: Sequence[TrainingRows], recipe: Recipe) -> int:
    """Batches in an epoch: what the recipe says, else as many as the crops of all sets together fill."""
    return recipe.steps_per_epoch or max(1, sum(len(one.rows) for one in sets) // recipe.batch_size)


def batches(sets: Sequence[TrainingRows], recipe: Recipe, *, first_epoch: int) -> Iterator[Batch]:
    """Yield batches without end, from the start of an epoch.

    Args:
        sets: All that teach.
        recipe: Batch size, augmentation and seed.
        first_epoch: 0 for a fresh run.

    Yields:
        Crops (n, side, side, 3) float32 0..255, labels (n, 1) float32, weights (n,) float32.
    """
    num_steps = steps_per_epoch(sets, recipe)
    epoch = first_epoch
    while True:
        shares, set_weights = set_shares(sets, by_file=epoch < recipe.epochs_by_file)
        order = _epoch_order(sets, shares, num_steps * recipe.batch_size, np.random.default_rng([recipe.seed, epoch]))
        for step in range(num_steps):
            rng = np.random.default_rng([recipe.seed, epoch, step])
            drawn = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
            yield _batch(sets, set_weights, drawn, recipe, rng)
        epoch += 1


def set_shares(sets: Sequence[TrainingRows], *, by_file: bool) -> tuple[Shares, Shares]:
    """How much of an epoch comes from each set, and what its crops weigh in the loss.

    Args:
        sets: All that teach.
        by_file: Whether every file counts the same, or every set.

    Returns:
        Shares, shape (sets,), sum 1, and weights, shape (sets,), with a mean of 1 over the epoch's crops.
    """
    sizes = np.array([len(one.rows) for one in sets], dtype=np.float64)
    if by_file:
        return sizes / sizes.sum(), np.ones(len(sets))
    shares = np.sqrt(sizes) / np.sqrt(sizes).sum()
    return shares, 1 / (len(sets) * shares)


def _epoch_order(
    sets: Sequence[TrainingRows], shares: Shares, num_crops: int, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Shape (num_crops, 2): number of the set, position in its rows. Sets are evenly mixed."""
    counts = np.diff(np.rint(np.concatenate([[0.0], np.cumsum(shares)]) * num_crops).astype(np.intp))
    parts = []
    for number, (one, count) in enumerate(zip(sets, counts, strict=True)):
        rounds = -(-int(count) // len(one.rows))
        positions = np.concatenate([rng.permutation(len(one.rows)) for _ in range(rounds)])[:count]
        parts.append(np.column_stack([np.full(count, number), positions]))
    # each set's crops are spread evenly over the epoch, so that every batch has its share of every set
    places = np.concatenate([(np.arange(count) + 0.5) / max(count, 1) for count in counts])
    return np.concatenate(parts)[np.argsort(places, kind="stable")].astype(np.intp)


def _crop(one: TrainingRows, position: int, self_blended: float, rng: np.random.Generator) -> RGBImage:
    """The crop of a position in a set's rows; of a fake, now and then a self-blended real face in its place."""
    row = one.rows[position]
    if not self_blended or one.labels[row] == REAL or rng.random() >= self_blended:
        crop: RGBImage = one.crops[row]
        return crop
    reals = one.rows[one.labels[one.rows] == REAL]
    return self_blend(one.crops[rng.choice(reals)], rng)


def _batch(
    sets: Sequence[TrainingRows],
    set_weights: Shares,
    drawn: npt.NDArray[np.intp],
    recipe: Recipe,
    rng: np.random.Generator,
) -> Batch:
    picked = [(sets[number], position, set_weights[number]) for number, position in drawn]
    crops = np.stack([_crop(one, position, recipe.self_blended, rng) for one, position, _ in picked])
    labels = np.array([[one.labels[one.rows[position]]] for one, position, _ in picked], np.float32)
    weights = np.array([one.weights[position] * set_weight for one, position, set_weight in picked], np.float32)
    return augment(crops, rng, strength=recipe.augment_strength, kind=recipe.augmentation), labels, weights
