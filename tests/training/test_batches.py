from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from deepfake.training.batches import Batch, TrainingRows, batches, set_shares, steps_per_epoch
from deepfake.training.recipes import Recipe
from deepfake.training.recipes.cnn64 import Cnn64


def made_up(name: str, size: int, *, first_gray: int, used: slice = slice(None)) -> TrainingRows:
    """A set whose crop number i is one flat gray, first_gray + i, so that each is known again in a batch.

    Odd rows are fake, and among its set a row's weight in the loss is its number + 1.
    """
    rows = np.arange(size)[used]
    return TrainingRows(
        name=name,
        crops=np.stack([np.full((4, 4, 3), first_gray + number, np.uint8) for number in range(size)]),
        labels=np.arange(size) % 2,
        rows=rows,
        weights=(rows + 1).astype(np.float32),
        counts_before={"real": 0, "fake": 0},
        counts_after={"real": 0, "fake": 0},
    )


def recipe(*, batch_size: int = 10, seed: int = 0, augment_strength: float = 0.0, epochs_by_file: int = 0) -> Recipe:
    return Cnn64(
        blocks=((4,),),
        batch_size=batch_size,
        seed=seed,
        augment_strength=augment_strength,
        epochs_by_file=epochs_by_file,
        input_side_px=4,
    )


def take(sets: list[TrainingRows], count: int, how: Recipe, *, first_epoch: int = 0) -> list[Batch]:
    return list(islice(batches(sets, how, first_epoch=first_epoch), count))


def grays(some: list[Batch]) -> list[int]:
    return [int(crop[0, 0, 0]) for crops, _, _ in some for crop in crops]


def same(one: list[Batch], other: list[Batch]) -> bool:
    return all(
        np.array_equal(a, b) for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True)
    )


SMALL, LARGE = made_up("small", 10, first_gray=0), made_up("large", 90, first_gray=100)


def test_an_epoch_is_as_many_batches_as_the_crops_fill() -> None:
    assert steps_per_epoch([SMALL, LARGE], recipe(batch_size=10)) == 10
    assert steps_per_epoch([SMALL, LARGE], recipe(batch_size=30)) == 3
    assert steps_per_epoch([SMALL], recipe(batch_size=1000)) == 1


def test_an_epoch_is_as_short_as_the_recipe_says() -> None:
    short = replace(recipe(batch_size=10), steps_per_epoch=4)
    assert steps_per_epoch([SMALL, LARGE], short) == 4
    shown = grays(take([SMALL, LARGE], 4, short))
    assert len(shown) == 40
    assert sum(gray < 100 for gray in shown) == 10  # still a quarter


def test_a_batch_has_crops_labels_and_weights_of_its_size() -> None:
    crops, labels, weights = take([SMALL, LARGE], 1, recipe())[0]
    assert (crops.shape, labels.shape, weights.shape) == ((10, 4, 4, 3), (10, 1), (10,))
    assert crops.dtype == labels.dtype == weights.dtype == np.float32


def test_every_crop_comes_with_its_own_label_and_weight() -> None:
    for crops, labels, weights in take([SMALL, LARGE], 30, recipe()):
        seen = crops[:, 0, 0, 0].astype(int)
        numbers = seen % 100
        assert labels[:, 0].tolist() == (numbers % 2).tolist()
        # the small set gives a quarter of the crops, so each counts 1/2 : 1/4 = 2, and those of the other 2/3
        assert weights == pytest.approx((numbers + 1) * np.where(seen < 100, 2, 2 / 3))


def test_the_larger_set_gives_more_crops_in_proportion_to_the_root_of_its_size() -> None:
    # roots of 10 and 90 are as 1 to 3
    shares, weights = set_shares([SMALL, LARGE], by_file=False)
    assert shares == pytest.approx([0.25, 0.75])
    assert weights == pytest.approx([2, 2 / 3])
    counts = Counter(grays(take([SMALL, LARGE], 10, recipe())))
    assert sum(counts[gray] for gray in range(10)) == 25
    assert {counts[gray] for gray in range(10)} == {2, 3}
    assert max(counts[gray] for gray in range(100, 190)) == 1


@pytest.mark.parametrize("sizes", [(10, 90), (3, 3), (1, 50, 7)])
def test_every_set_has_the_same_say_in_the_loss_of_an_epoch(sizes: tuple[int, ...]) -> None:
    sets = [
        replace(made_up(str(size), size, first_gray=100 * number), weights=np.ones(size, np.float32))
        for number, size in enumerate(sizes)
    ]
    say = np.zeros(len(sizes))
    how = recipe(batch_size=200)
    for crops, _, weights in take(sets, steps_per_epoch(sets, how), how):
        np.add.at(say, crops[:, 0, 0, 0].astype(int) // 100, weights)
    assert say == pytest.approx([200 / len(sizes)] * len(sizes), rel=0.06)  # shares are rounded to whole crops


def test_at_first_every_file_counts_the_same_and_later_every_set() -> None:
    how = recipe(epochs_by_file=1)
    first, second = take([SMALL, LARGE], 20, how)[:10], take([SMALL, LARGE], 20, how)[10:]
    assert sorted(grays(first)) == [*range(10), *range(100, 190)]
    assert sum(gray < 100 for gray in grays(second)) == 25


def test_each_batch_holds_its_share_of_every_set() -> None:
    for crops, _, _ in take([SMALL, LARGE], 30, recipe(batch_size=20)):
        assert 4 <= int((crops[:, 0, 0, 0] < 100).sum()) <= 6


def test_a_single_set_shows_every_crop_once_an_epoch() -> None:
    for epoch in range(2):
        assert sorted(grays(take([LARGE], 9, recipe(), first_epoch=epoch))) == list(range(100, 190))


def test_a_set_smaller_than_a_batch_is_repeated_until_it_is_full() -> None:
    counts = Counter(grays(take([made_up("tiny", 3, first_gray=0)], 1, recipe(batch_size=7))))
    assert sorted(counts.values()) == [2, 2, 3]


def test_rows_that_balancing_left_out_are_never_shown() -> None:
    part = made_up("part", 90, first_gray=0, used=slice(30, 60))
    assert set(grays(take([part], 30, recipe()))) == set(range(30, 60))


def test_every_epoch_is_another_shuffle() -> None:
    seen = grays(take([LARGE], 27, recipe()))
    epochs = [seen[start : start + 90] for start in (0, 90, 180)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(epochs[2])
    assert epochs[0] != epochs[1] != epochs[2]
    assert epochs[0] != sorted(epochs[0])


def test_the_order_follows_from_the_seed() -> None:
    first, again, other = (grays(take([LARGE], 9, recipe(seed=seed))) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_order_does_not_depend_on_numpys_global_seed() -> None:
    orders = []
    for seed in (1, 2):
        np.random.seed(seed)
        orders.append(grays(take([LARGE], 9, recipe())))
    assert orders[0] == orders[1]


def test_the_same_crop_is_changed_anew_in_every_epoch() -> None:
    gradient = np.linspace(0, 255, 32 * 32 * 3).reshape(1, 32, 32, 3).astype(np.uint8)
    alone = replace(made_up("alone", 1, first_gray=0), crops=gradient)
    epochs = take([alone], 6, recipe(batch_size=1, augment_strength=1.0))
    assert len({crops.tobytes() for crops, _, _ in epochs}) >= 5


@pytest.mark.parametrize("augment_strength", [0.0, 1.0])
@pytest.mark.parametrize("epoch", [1, 3])
def test_going_on_at_an_epoch_shows_what_a_fresh_run_shows_there(epoch: int, augment_strength: float) -> None:
    how = recipe(augment_strength=augment_strength, epochs_by_file=2)
    steps = steps_per_epoch([SMALL, LARGE], how)
    fresh = take([SMALL, LARGE], steps * (epoch + 2), how)
    resumed = take([SMALL, LARGE], steps * 2, how, first_epoch=epoch)
    assert same(fresh[steps * epoch :], resumed)


def test_augmentation_changes_the_crops_and_neither_order_nor_labels() -> None:
    plain = take([SMALL, LARGE], 10, recipe())
    augmented = take([SMALL, LARGE], 10, recipe(augment_strength=1.0))
    assert all(np.array_equal(a[1], b[1]) and np.array_equal(a[2], b[2]) for a, b in zip(plain, augmented, strict=True))
    assert not same(plain, augmented)
