"""Calibration, threshold, group shift and band: chosen where a hand-made case says they must be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import expit

from deepfake.training.operating_point import (
    ValidationScores,
    choose_band,
    choose_calibration,
    choose_group_shift,
    choose_threshold,
)


def _drawn(slope: float, offset: float, seed: int) -> ValidationScores:
    """Scores whose calibrated probability is sigmoid(slope * logit + offset)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, 4000)
    labels = (rng.random(4000) < expit(slope * logits + offset)).astype(np.int64)
    return ValidationScores(scores=expit(logits), labels=labels)


def test_an_offset_shared_by_all_sets_is_found() -> None:
    calibration, note = choose_calibration({"a": _drawn(0.5, 1.0, 0), "b": _drawn(0.5, 1.0, 1)})
    losses = note["log_loss_on_left_out_sets"]
    assert calibration.kind == "slope_offset"
    assert losses["slope_offset"] < losses["temperature"]
    assert calibration.slope == pytest.approx(0.5, abs=0.06)


def test_an_offset_that_differs_between_sets_is_not_fitted() -> None:
    calibration, _ = choose_calibration({"a": _drawn(1.0, 1.5, 0), "b": _drawn(1.0, -1.5, 1)})
    assert calibration.kind == "temperature"
    assert calibration.offset == 0


def test_sets_of_one_class_do_not_calibrate() -> None:
    all_real = ValidationScores(scores=np.full(50, 0.99), labels=np.zeros(50, np.int64))
    alone, _ = choose_calibration({"a": _drawn(1.0, 0.0, 0)})
    beside, _ = choose_calibration({"a": _drawn(1.0, 0.0, 0), "real": all_real})
    assert alone == beside


def test_the_threshold_lets_one_real_face_in_ten_pass_on_the_worst_set() -> None:
    probabilities = np.arange(100) / 100  # ten of them are 0.90 or more
    threshold = choose_threshold({"easy": probabilities / 2, "hard": probabilities})
    assert (probabilities >= threshold).mean() <= 0.10
    assert (probabilities >= threshold).mean() >= 0.08


def test_a_group_raises_the_limit_so_far_that_it_alarms_no_more_often_than_one_face() -> None:
    rng = np.random.default_rng(0)
    probabilities = expit(rng.exponential(1.0, 20_000) - 3)  # logits with an exponential tail: the shift is its scale
    shift = choose_group_shift({"real": probabilities})
    single = np.quantile(probabilities, 0.9)
    limit = expit(math.log(single / (1 - single)) + shift * math.log(20))
    alarms = probabilities[rng.integers(0, 20_000, (4000, 20))].max(axis=1) >= limit
    assert shift == pytest.approx(1.0, abs=0.2)
    assert alarms.mean() <= 0.12


def test_perfect_scores_need_no_band() -> None:
    band = choose_band(*_named(a=(np.r_[np.full(50, 0.1), np.full(50, 0.9)], np.repeat([0, 1], 50))), threshold=0.5)
    assert band.coverage == {"a": 1.0}
    assert band.unmet == ()


def test_the_band_covers_the_faces_that_cannot_be_told() -> None:
    probabilities = np.r_[np.full(50, 0.1), np.full(40, 0.5), np.full(50, 0.9)]
    labels = np.r_[np.zeros(50, int), np.tile([0, 1], 20), np.ones(50, int)]
    band = choose_band(*_named(a=(probabilities, labels)), threshold=0.6)
    assert band.low < 0.5 < band.high
    assert band.correctness["a"] == 1.0
    assert band.coverage["a"] == pytest.approx(100 / 140, abs=1e-3)


def test_a_set_on_which_no_band_helps_is_named() -> None:
    rng = np.random.default_rng(0)
    good = (np.r_[np.full(200, 0.05), np.full(200, 0.95)], np.repeat([0, 1], 200))
    chance = (rng.random(400), rng.integers(0, 2, 400))
    band = choose_band(*_named(good=good, chance=chance), threshold=0.5)
    assert band.unmet == ("chance",)


def _named(**sets: tuple[np.ndarray, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    return {name: one[0] for name, one in sets.items()}, {name: one[1] for name, one in sets.items()}


def test_a_set_too_small_to_prove_anything_does_not_open_the_band() -> None:
    """Sixteen rows once left no set that could be satisfied, and every verdict became firm."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    hard = (np.clip(rng.normal(0.35 + 0.3 * labels, 0.15), 0, 1), labels)
    alone = choose_band(*_named(hard=hard), threshold=0.5)
    beside = choose_band(*_named(hard=hard, small=(rng.random(16), rng.integers(0, 2, 16))), threshold=0.5)
    assert alone.coverage["hard"] < 1
    assert (beside.low, beside.high) == pytest.approx((alone.low, alone.high), abs=0.05)
    assert beside.unmet == ("small",)


@pytest.mark.parametrize("threshold", np.random.default_rng(0).uniform(0.001, 0.999, 20).tolist())
def test_the_band_never_passes_the_threshold(threshold: float) -> None:
    """Going to logits and back once put the lower limit a rounding error above the threshold."""
    band = choose_band(*_named(a=(np.r_[np.full(50, 0.0), np.full(50, 1.0)], np.repeat([0, 1], 50))), threshold)
    assert band.low <= threshold <= band.high
