"""Measures against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.evaluation.metrics import (
    confusion_matrix,
    equal_error_rate,
    evaluate_set,
    expected_calibration_error,
    macro_average,
    mean_estimate,
)
from tests.fakes import make_rules

# real: 0.1 0.2 0.6; fake: 0.4 0.7 0.9. Of nine pairs of a real and a fake, 0.6 beats 0.4: AUC is 8/9.
PROBABILITIES = np.array([0.1, 0.2, 0.6, 0.4, 0.7, 0.9])
LABELS = np.array([0, 0, 0, 1, 1, 1])
SOURCES = [f"s{i}" for i in range(6)]


def test_measures_of_six_files_are_those_worked_out_by_hand() -> None:
    result = evaluate_set(PROBABILITIES, LABELS, SOURCES, make_rules(threshold=0.5, band_low=0.2, band_high=0.7))
    metrics = {name: one["value"] for name, one in result["metrics"].items()}
    assert metrics["auc"] == pytest.approx(8 / 9)
    assert metrics["accuracy"] == pytest.approx(4 / 6)
    assert metrics["false_alarm_rate"] == pytest.approx(1 / 3)
    assert metrics["recall_fake"] == metrics["precision_fake"] == metrics["f1_fake"] == pytest.approx(2 / 3)
    assert metrics["brier"] == pytest.approx((0.01 + 0.04 + 0.36 + 0.36 + 0.09 + 0.01) / 6)
    assert result["confusion"] == [[2, 1], [1, 2]]
    assert result["firm"]["coverage"]["value"] == pytest.approx(4 / 6)
    assert result["firm"]["correctness"] == {"value": 1.0, "low": None, "high": None, "n": 4}
    assert result["firm"]["verdicts"] == {
        "real": {"real": 2, "uncertain": 1, "fake": 0},
        "fake": {"real": 0, "uncertain": 1, "fake": 2},
    }


def test_every_interval_holds_its_value() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 300)
    result = evaluate_set(rng.random(300) / 2 + labels / 4, labels, [str(i) for i in range(300)], make_rules())
    for name, one in result["metrics"].items():
        assert one["low"] <= one["value"] <= one["high"] or name == "ece"  # resampling adds noise to a distance
        assert one["n"] == 300


def test_files_of_one_source_are_resampled_together() -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat(rng.integers(0, 2, 20), 10)
    probabilities = np.clip(np.repeat(rng.random(20), 10) * 0.5 + labels * 0.3, 0, 1)
    apart = evaluate_set(probabilities, labels, [str(i) for i in range(200)], make_rules())["metrics"]["accuracy"]
    together = evaluate_set(probabilities, labels, [str(i // 10) for i in range(200)], make_rules())["metrics"][
        "accuracy"
    ]
    assert together["high"] - together["low"] > 2 * (apart["high"] - apart["low"])


def test_a_set_of_real_faces_alone_has_no_auc_and_still_its_false_alarms() -> None:
    result = evaluate_set(np.array([0.1, 0.9, 0.2, 0.3]), np.zeros(4, int), list("abcd"), make_rules())
    assert "auc" not in result["metrics"]
    assert result["roc"] is None
    assert result["metrics"]["false_alarm_rate"]["value"] == 0.25


def test_no_firm_verdict_leaves_their_correctness_undefined() -> None:
    result = evaluate_set(np.full(4, 0.5), np.array([0, 1, 0, 1]), list("abcd"), make_rules())
    assert result["firm"]["correctness"] == {"value": None, "low": None, "high": None, "n": 0}


def test_the_equal_error_rate_of_a_crossed_pair() -> None:
    assert equal_error_rate(PROBABILITIES, LABELS) == pytest.approx(1 / 3)
    assert equal_error_rate(np.array([0.1, 0.9]), np.array([0, 1])) == 0
    assert equal_error_rate(np.array([0.9, 0.1]), np.array([0, 1])) == 1


def test_calibration_error_is_the_distance_of_promise_and_frequency() -> None:
    assert expected_calibration_error(np.full(10, 0.85), np.array([1] * 6 + [0] * 4)) == pytest.approx(0.25)


def test_the_threshold_itself_counts_as_fake() -> None:
    assert confusion_matrix(np.array([0.5, 0.49]), np.array([1, 1]), 0.5) == [[0, 0], [1, 1]]


def test_the_macro_average_gives_sets_of_any_size_the_same_weight() -> None:
    small = {"metrics": {"auc": {"value": 0.6, "low": 0.5, "high": 0.7, "n": 10}}}
    large = {"metrics": {"auc": {"value": 0.8, "low": 0.8, "high": 0.8, "n": 1000}}}
    average = macro_average([small, large])["auc"]
    assert average["value"] == pytest.approx(0.7)
    assert (average["low"], average["high"], average["n"]) == (pytest.approx(0.65), pytest.approx(0.75), 1010)


def test_a_measure_that_is_undefined_on_one_set_has_no_mean() -> None:
    """No file above the threshold leaves precision undefined; the mean once failed after the whole training."""
    one = {"metrics": {"precision_fake": {"value": None, "low": None, "high": None, "n": 4}}}
    other = {"metrics": {"precision_fake": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 4}}}
    assert macro_average([one, other]) == {}


def test_a_mean_has_an_interval_from_ten_sources_on() -> None:
    values = [0.0, 1.0] * 5
    sources = [f"s{number}" for number in range(10)]
    with_interval = mean_estimate(values, sources)
    assert (with_interval["value"], with_interval["n"]) == (0.5, 10)
    assert 0.1 <= with_interval["low"] <= 0.3
    assert 0.7 <= with_interval["high"] <= 0.9
    without = mean_estimate(values, [*sources[:9], "s0"])
    assert (without["value"], without["low"], without["high"], without["n"]) == (0.5, None, None, 10)


def test_a_mean_resamples_whole_sources() -> None:
    # each source holds both values, so every draw of sources has the same mean
    estimate = mean_estimate([0.0, 1.0] * 10, [f"s{number // 2}" for number in range(20)])
    assert estimate == {"value": 0.5, "low": 0.5, "high": 0.5, "n": 20}


def test_the_mean_of_nothing_is_undefined() -> None:
    assert mean_estimate([], []) == {"value": None, "low": None, "high": None, "n": 0}


@pytest.mark.parametrize(("num_sources", "has_interval"), [(9, False), (10, True)])
def test_a_handful_of_sources_has_no_interval_and_a_mean_over_it_neither(num_sources: int, has_interval: bool) -> None:
    labels = np.arange(40) % 2
    probabilities = np.random.default_rng(0).uniform(0, 1, 40)
    sources = [str(number % num_sources) for number in range(40)]
    result = evaluate_set(probabilities, labels, sources, make_rules())
    for estimate in (*result["metrics"].values(), result["firm"]["coverage"], macro_average([result])["auc"]):
        assert (estimate["low"] is not None) == has_interval
        assert estimate["value"] is not None
