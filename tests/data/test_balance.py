from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepfake.data.balance import BALANCE_METHODS, balance_classes, draw_alike, draw_files
from deepfake.data.layouts import Dataset, Sample

LABELS = np.array([0, 1, 0, 0, 0, 1, 0, 0, 0])  # 7 real; fake are rows 1 and 5


def test_undersampling_drops_rows_of_the_larger_class() -> None:
    rows, weights = balance_classes(LABELS, "undersample", seed=0)
    assert LABELS[rows].tolist().count(0) == LABELS[rows].tolist().count(1) == 2
    assert {1, 5} <= set(rows.tolist())
    assert len(set(rows.tolist())) == 4
    assert weights.tolist() == [1.0] * 4


def test_oversampling_repeats_rows_of_the_smaller_class_as_evenly_as_can_be() -> None:
    rows, weights = balance_classes(LABELS, "oversample", seed=0)
    times = np.bincount(rows, minlength=9)
    assert times[LABELS == 0].tolist() == [1] * 7
    assert sorted(times[LABELS == 1].tolist()) == [3, 4]
    assert weights.tolist() == [1.0] * 14


def test_weights_give_both_classes_the_same_sum_and_a_mean_of_one() -> None:
    labels = np.array([0, 0, 0, 1])
    rows, weights = balance_classes(labels, "weights", seed=0)
    assert rows.tolist() == [0, 1, 2, 3]
    # 4 rows over 2 classes: 2 a class, over 3 real 2/3 each, over 1 fake 2
    assert weights == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])


def test_none_keeps_all_as_they_are() -> None:
    rows, weights = balance_classes(LABELS, "none", seed=0)
    assert rows.tolist() == list(range(9))
    assert weights.tolist() == [1.0] * 9


@pytest.mark.parametrize("method", BALANCE_METHODS)
def test_fake_may_be_the_larger_class_too(method: str) -> None:
    rows, weights = balance_classes(1 - LABELS, method, seed=0)
    assert weights.mean() == pytest.approx(1)
    assert len(rows) == {"undersample": 4, "oversample": 14, "weights": 9, "none": 9}[method]


@pytest.mark.parametrize("method", BALANCE_METHODS)
def test_a_balanced_set_is_left_alone(method: str) -> None:
    rows, weights = balance_classes(np.array([1, 0, 0, 1]), method, seed=0)
    assert (rows.tolist(), weights.tolist()) == ([0, 1, 2, 3], [1.0] * 4)


@pytest.mark.parametrize("method", BALANCE_METHODS)
def test_rows_are_sorted_numbers_with_a_float32_weight_each(method: str) -> None:
    rows, weights = balance_classes(LABELS, method, seed=0)
    assert np.all(np.diff(rows) >= 0)
    assert rows.shape == weights.shape
    assert weights.dtype == np.float32


def test_the_seed_chooses_the_rows() -> None:
    labels = np.array([0] * 200 + [1] * 20)
    first, again, other = (balance_classes(labels, "undersample", seed=seed)[0].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("labels", [[], [0, 0], [1, 1, 1]])
def test_a_class_without_rows_is_refused_with_the_counts(labels: list[int]) -> None:
    with pytest.raises(ValueError, match=f"{labels.count(0)} real and {labels.count(1)} fake"):
        balance_classes(np.array(labels, np.int64), "undersample", seed=0)


def test_an_unknown_method_is_refused_with_those_known() -> None:
    with pytest.raises(ValueError, match=r"'smote'.*undersample, oversample, weights, none"):
        balance_classes(LABELS, "smote", seed=0)


def test_drawing_some_rows_keeps_each_class_its_share() -> None:
    labels = np.array([0, 1] * 10)
    rows = draw_alike(labels, 7, seed=0)  # 10 of each * 7 / 20 = 3.5 of each, rounded down
    assert np.bincount(labels[rows]).tolist() == [3, 3]
    assert np.all(np.diff(rows) > 0)
    assert rows.tolist() != draw_alike(labels, 7, seed=1).tolist()


def test_drawing_more_rows_than_there_are_keeps_them_all() -> None:
    assert draw_alike(np.array([0, 1, 1]), 3, seed=0).tolist() == [0, 1, 2]


def test_a_part_of_a_set_has_the_same_files_in_the_same_order() -> None:
    samples = tuple(Sample(path=f"{number:02}.jpg", label=number % 2, source=str(number)) for number in range(12))
    dataset = Dataset(name="set", layout="folders", root=Path(), samples=samples)
    part = draw_files(dataset, 6, seed=3)
    assert part.counts() == {"real": 3, "fake": 3}
    assert set(part.samples) < set(samples)
    assert sorted(part.samples, key=lambda sample: sample.path) == list(part.samples)
