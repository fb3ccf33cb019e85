from __future__ import annotations

import math

import numpy as np
import pytest

from deepfake.classifier.calibration import Calibration, fit_calibration, logit, weighted_log_loss
from deepfake.errors import InvalidCardError


def groups(*counts: tuple[float, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and labels of groups of samples, each given as (score, number of fake, number of real)."""
    scores = np.concatenate([np.full(fakes + reals, score) for score, fakes, reals in counts])
    labels = np.concatenate([np.repeat([1, 0], [fakes, reals]) for _, fakes, reals in counts])
    return scores, labels


def test_by_default_a_score_is_a_probability() -> None:
    assert Calibration().apply([0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9])


def test_half_a_slope_takes_the_root_of_the_odds() -> None:
    # odds of 0.8 are 4, the root is 2, which is 2/3
    assert Calibration(kind="temperature", slope=0.5).apply([0.8, 0.2, 0.5]) == pytest.approx([2 / 3, 1 / 3, 0.5])


def test_an_offset_multiplies_the_odds() -> None:
    assert Calibration(kind="slope_offset", offset=math.log(2)).apply([0.5, 0.8]) == pytest.approx([2 / 3, 8 / 9])


def test_the_order_of_scores_is_kept() -> None:
    probabilities = Calibration(kind="slope_offset", slope=0.3, offset=-1.2).apply(np.linspace(0.001, 0.999, 100))
    assert np.all(np.diff(probabilities) > 0)


def test_scores_of_0_and_1_give_finite_logits_and_probabilities() -> None:
    assert np.isfinite(logit([0.0, 1.0])).all()
    low, high = Calibration(slope=5.0).apply([0.0, 1.0])
    assert 0 <= low < 1e-20
    assert 1 - 1e-9 < high <= 1


def test_any_shape_goes_in_and_comes_out() -> None:
    assert Calibration().apply(np.full((2, 3), 0.4, np.float32)).shape == (2, 3)
    assert Calibration().apply(np.zeros(0)).shape == (0,)
    assert float(Calibration().apply(0.25)) == pytest.approx(0.25)


@pytest.mark.parametrize("slope", [0.0, -1.0, float("nan"), float("inf")])
def test_a_slope_that_turns_or_flattens_the_order_is_refused(slope: float) -> None:
    with pytest.raises(InvalidCardError, match="positive slope"):
        Calibration(kind="temperature", slope=slope)


@pytest.mark.parametrize("offset", [float("nan"), float("-inf")])
def test_an_offset_that_is_no_number_is_refused(offset: float) -> None:
    with pytest.raises(InvalidCardError):
        Calibration(kind="slope_offset", offset=offset)


def test_a_calibration_comes_back_from_what_the_card_stores() -> None:
    calibration = Calibration(kind="slope_offset", slope=0.7, offset=-0.3)
    assert Calibration(**calibration.to_dict()) == calibration


def test_an_overconfident_model_gets_its_temperature() -> None:
    # scores of 0.8 (odds 4) are fake 2 times in 3 (odds 2 = root of 4): a slope of 0.5, exactly
    scores, labels = groups((0.8, 20, 10), (0.2, 10, 20))
    fitted = fit_calibration(scores, labels, np.ones(60), kind="temperature")
    assert fitted.slope == pytest.approx(0.5, abs=1e-3)
    assert (fitted.kind, fitted.offset) == ("temperature", 0.0)


def test_slope_and_offset_are_both_found() -> None:
    # logits +-log 4 must become log 4 (4 in 5) and 0 (1 in 2): slope 1/2, offset log 2
    scores, labels = groups((0.8, 24, 6), (0.2, 15, 15))
    fitted = fit_calibration(scores, labels, np.ones(60), kind="slope_offset")
    assert (fitted.slope, fitted.offset) == (pytest.approx(0.5, abs=1e-3), pytest.approx(math.log(2), abs=1e-3))


def test_a_weight_counts_like_a_repetition() -> None:
    scores, labels = np.array([0.8, 0.8, 0.2, 0.2]), np.array([1, 0, 1, 0])
    fitted = fit_calibration(scores, labels, np.array([2.0, 1.0, 1.0, 2.0]), kind="temperature")
    assert fitted.slope == pytest.approx(0.5, abs=1e-3)


def test_a_calibrated_model_is_left_alone() -> None:
    scores, labels = groups((0.8, 24, 6), (0.5, 10, 10), (0.2, 6, 24))
    assert fit_calibration(scores, labels, np.ones(80), kind="slope_offset").slope == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", ["temperature", "slope_offset"])
@pytest.mark.parametrize("labels", [[0, 0, 1, 1], [1, 1, 0, 0]], ids=["perfect", "all wrong"])
def test_scores_that_separate_the_classes_still_give_a_usable_calibration(kind: str, labels: list[int]) -> None:
    fitted = fit_calibration(np.array([0.1, 0.2, 0.8, 0.9]), np.array(labels), np.ones(4), kind=kind)
    assert np.isfinite(fitted.apply([0.0, 0.5, 1.0])).all()


@pytest.mark.parametrize("kind", ["none", "isotonic"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=f"'{kind}'"):
        fit_calibration(np.array([0.5]), np.array([1]), np.ones(1), kind=kind)


def test_the_log_loss_of_a_coin_is_log_2() -> None:
    assert weighted_log_loss(np.full(4, 0.5), np.array([0, 1, 0, 1]), np.ones(4)) == pytest.approx(math.log(2))


def test_the_log_loss_is_weighted() -> None:
    # -log(1/4) = 2 log 2 three times and -log(1/2) = log 2 once: 7/4 log 2
    loss = weighted_log_loss(np.array([0.25, 0.5]), np.array([1, 0]), np.array([3.0, 1.0]))
    assert loss == pytest.approx(7 / 4 * math.log(2))


def test_certain_and_wrong_costs_much_and_stays_finite() -> None:
    loss = weighted_log_loss(np.array([0.0, 1.0]), np.array([1, 0]), np.ones(2))
    assert 20 < loss < 40
