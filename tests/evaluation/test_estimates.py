"""A measured value is finite and has a whole interval or none."""

from __future__ import annotations

import math

import pytest

from deepfake.errors import InvalidMeasurementError
from deepfake.evaluation.estimates import Estimate


@pytest.mark.parametrize(("low", "high"), [(0.6, 0.8), (None, None)])
def test_it_comes_back_as_it_was_written(low: float | None, high: float | None) -> None:
    one = Estimate(value=0.7, low=low, high=high, n=12)
    assert Estimate.from_dict(one.to_dict()) == one


@pytest.mark.parametrize(
    "wrong", [{"value": math.nan}, {"high": math.inf}, {"n": 0}, {"low": None}, {"high": None}, {"low": 0.9}]
)
def test_what_is_no_measurement_is_refused(wrong: dict) -> None:
    with pytest.raises(InvalidMeasurementError, match="Expected"):
        Estimate(**({"value": 0.7, "low": 0.6, "high": 0.8, "n": 12} | wrong))


def test_a_value_may_lie_beside_its_interval_unless_it_must_be_a_share() -> None:
    biased = Estimate(value=0.05, low=0.06, high=0.09, n=12)  # as resampling does to a calibration error
    with pytest.raises(InvalidMeasurementError, match=r"value 0\.05.*low <= value"):
        biased.require_share()


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_a_share_without_an_interval_lies_between_none_and_all(value: float) -> None:
    Estimate(value=1.0, low=None, high=None, n=1).require_share()
    with pytest.raises(InvalidMeasurementError):
        Estimate(value=value, low=None, high=None, n=1).require_share()
