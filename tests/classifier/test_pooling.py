"""From frames to one score of a person; answers worked out by hand in logits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from deepfake.classifier.pooling import POOLING_RULES, pool_scores


def pooled_logit(logits: list[float], rule: str) -> float:
    score = pool_scores(expit(np.array(logits)), rule)
    return float(np.log(score / (1 - score)))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("mean", 2.0),  # (-4 - 1 + 0 + 1 + 1 + 2 + 3 + 4 + 5 + 9) / 10
        ("trimmed_mean", 11 / 6),  # without -4, -1, 5 and 9: (0 + 1 + 1 + 2 + 3 + 4) / 6
        ("top_third_mean", 6.0),  # (4 + 5 + 9) / 3
    ],
)
def test_each_rule_pools_logits(rule: str, expected: float) -> None:
    assert pooled_logit([0, 1, 9, -4, 1, 2, 3, 5, 4, -1], rule) == pytest.approx(expected, abs=1e-6)


def test_it_is_not_the_mean_of_scores() -> None:
    # of 0.5 and 0.99 the mean is 0.745; of their logits 0 and 4.595, 2.298, that is 0.909
    assert pool_scores([0.5, 0.99], "mean") == pytest.approx(0.9087, abs=1e-4)


@pytest.mark.parametrize("rule", POOLING_RULES)
def test_one_frame_is_its_own_pool(rule: str) -> None:
    assert pool_scores([0.3], rule) == pytest.approx(0.3)


@pytest.mark.parametrize("rule", POOLING_RULES)
def test_scores_of_nought_and_one_stay_finite(rule: str) -> None:
    assert 0 < pool_scores([0.0, 1.0, 1.0], rule) < 1


def test_an_unknown_rule_and_no_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="Expected one of mean"):
        pool_scores([0.5], "median")
    with pytest.raises(ValueError, match="at least one frame"):
        pool_scores([], "mean")
