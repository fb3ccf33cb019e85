from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.agreement import Agreement
from deepfake.explain.base import Explanation, ExplanationSettings


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"method": "magic"}, "Unknown method 'magic'. Expected one of lime, occlusion, rise"),
        ({"segmentation": "grid"}, "Unknown segmentation 'grid'. Expected one of slic, quickshift, face-parts"),
        ({"baseline": "pink"}, "Unknown baseline 'pink'. Expected one of blur, segment-mean, gray"),
        ({"num_segments": 1}, "at least 2 segments"),
        ({"num_segments": 41}, "For 41 segments ask for 410 samples"),
        ({"num_samples": 399}, "10 samples a segment"),
        ({"max_samples": 399}, "between 400"),
        ({"max_samples": 2001}, "5 times as many"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_a_way_out(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ExplanationSettingsError, match=said):
        ExplanationSettings(**changes)


def test_the_least_samples_come_in_two_repeats_and_the_most_in_as_many_as_fit() -> None:
    settings = ExplanationSettings(num_samples=400, max_samples=1600)
    assert (settings.samples_per_repeat, settings.max_repeats) == (200, 8)
    odd = ExplanationSettings(num_samples=401, max_samples=401)
    assert (odd.samples_per_repeat, odd.max_repeats) == (201, 2)


def test_settings_are_stored_as_plain_values() -> None:
    assert ExplanationSettings(**ExplanationSettings(seed=3).to_dict()) == ExplanationSettings(seed=3)


def by_hand(weights: list[float], *, agreement: Agreement | None) -> Explanation:
    return Explanation(
        crop=np.zeros((2, 2, 3), np.uint8),
        segments=np.arange(4).reshape(2, 2),
        weights=np.array(weights),
        probability=0.5,
        fidelity=0.8,
        agreement=agreement,
        num_repeats=2,
        num_samples=400,
        is_final=True,
        settings=ExplanationSettings(),
    )


def agreeing(signs: list[bool], rank_correlation: float = 0.9) -> Agreement:
    return Agreement(rank_correlation=rank_correlation, top_overlap=1.0, signs=np.array(signs), chance=0.05)


def test_the_leading_areas_are_the_strongest_either_way_whose_sign_is_sure() -> None:
    explanation = by_hand([0.1, -0.5, 0.4, 0.3], agreement=agreeing([True, True, False, True]))
    assert explanation.leading(2) == [1, 3]
    assert explanation.leading(10) == [1, 3, 0]
    assert explanation.leading(0) == []
    assert explanation.agreed_weights.tolist() == [0.1, -0.5, 0.0, 0.3]


def test_areas_without_influence_or_within_chance_never_lead() -> None:
    assert by_hand([0.0, 1e-9, 0.2, 0.04], agreement=agreeing([True] * 4)).leading(4) == [2]


def test_an_explanation_is_stable_from_a_rank_correlation_of_0_6() -> None:
    assert by_hand([0.1] * 4, agreement=agreeing([True] * 4, 0.6)).is_stable
    assert not by_hand([0.1] * 4, agreement=agreeing([True] * 4, 0.59)).is_stable


def test_a_first_map_is_not_stable_because_nothing_was_compared() -> None:
    explanation = by_hand([0.1, -0.5, 0.4, 0.3], agreement=None)
    assert not explanation.is_stable
    assert explanation.leading(2) == [1, 2]
