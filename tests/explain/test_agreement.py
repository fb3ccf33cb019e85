from __future__ import annotations

import numpy as np
import pytest

from deepfake.explain.agreement import is_flat, leading, measure_agreement, rank_correlation, top_overlap

MAP = np.array([0.5, -0.4, 0.3, 0.2, -0.1, 0.05])


def test_two_draws_alike_agree_fully() -> None:
    agreement = measure_agreement(np.stack([MAP, 1.02 * MAP]))
    assert agreement.rank_correlation == pytest.approx(1)
    assert agreement.top_overlap == 1
    assert agreement.signs.all()
    assert agreement.is_stable
    assert agreement.holds


def test_a_draw_and_its_opposite_agree_on_nothing() -> None:
    agreement = measure_agreement(np.stack([MAP, -MAP]))
    assert agreement.rank_correlation == agreement.top_overlap == 0  # their spread says that all of it is chance
    assert not agreement.signs.any()
    assert not agreement.is_stable
    assert not agreement.holds


def test_the_rank_correlation_is_spearmans() -> None:
    assert rank_correlation(MAP, np.cbrt(MAP)) == pytest.approx(1)
    assert rank_correlation(MAP, -MAP) == pytest.approx(-1)
    # ranks 4 3 2 1 against 4 2 3 1: 1 - 6 (1 + 1) / (4 (16 - 1))
    assert rank_correlation(np.array([9.0, 7, 5, 3]), np.array([9.0, 5, 7, 3])) == pytest.approx(0.8)


def draws_of_ones(*leading: tuple[int, ...]) -> np.ndarray:
    """Maps of 400 segments, all 0 but the ones named: so few differ that chance is small (0.2 and less)."""
    draws = np.zeros((len(leading), 400))
    for draw, segments in zip(draws, leading, strict=True):
        draw[list(segments)] = 1.0
    return draws


def test_of_three_draws_each_is_compared_with_the_mean_of_the_others() -> None:
    # {0, 1} against {0, 1, 2, 3}, twice: 2 of 4; {2, 3} against {0, 1}: none
    assert measure_agreement(draws_of_ones((0, 1), (0, 1), (2, 3))).top_overlap == pytest.approx(1 / 3)


def test_of_four_draws_all_three_ways_to_pair_them_are_compared() -> None:
    # {0, 1} against {2, 3}: none; the other two ways to pair give {0, 1, 2, 3} twice
    assert measure_agreement(draws_of_ones((0, 1), (0, 1), (2, 3), (2, 3))).top_overlap == pytest.approx(2 / 3)


def test_a_sign_is_agreed_on_where_every_half_has_it() -> None:
    # the second segment: halves 0.1 and -0.1; the third is positive in both draws, the fourth 0 in one
    draws = np.array([[1.0, 0.1, 0.2, 0.0], [1.0, -0.1, 0.4, 0.3]])
    assert measure_agreement(draws).signs.tolist() == [True, False, True, False]


def test_one_draw_of_another_sign_counts_in_small_halves_alone() -> None:
    draws = np.array([[3.0], [3.0], [3.0], [-1.0]])
    assert measure_agreement(draws[1:]).signs.tolist() == [False]  # -1 alone against 3
    assert measure_agreement(draws).signs.tolist() == [True]  # 1 at the least


def test_chance_is_three_standard_errors_of_the_mean() -> None:
    # variances 2 and 0 over two draws: a mean of 1, so an error of 1 a draw, and of 1 / sqrt(2) for the mean of both
    assert measure_agreement(np.array([[1.0, 5.0], [-1.0, 5.0]])).chance == pytest.approx(3 / np.sqrt(2))
    assert measure_agreement(np.stack([MAP, MAP])).chance == 0


def test_weights_within_chance_neither_lead_nor_rank() -> None:
    first, second = np.array([1.0, 0.3, -0.2, 0.1]), np.array([1.0, -0.2, 0.3, 0.25])
    assert rank_correlation(first, second) < 0.7
    assert rank_correlation(first, second, chance=0.4) == pytest.approx(1)
    assert top_overlap(np.array([1.0, 0.3, 0, 0]), np.array([1.0, 0, 0.3, 0])) == 1 / 2
    assert top_overlap(np.array([1.0, 0.3, 0, 0]), np.array([1.0, 0, 0.3, 0]), chance=0.4) == 1
    assert leading(first, 9, chance=0.25) == [0, 1]


def test_where_all_that_moves_is_within_chance_nothing_is_agreed_on() -> None:
    assert rank_correlation(MAP, MAP, chance=0.6) == 0
    assert top_overlap(MAP, MAP, chance=0.6) == 0


def test_a_few_clear_leaders_among_noise_are_stable() -> None:
    """Regression: the chance order of 14 blocks without influence outweighed the two that a scorer reads (0.3)."""
    draws = np.random.default_rng(0).normal(scale=0.05, size=(2, 16))
    draws[:, [5, 10]] += 0.43
    agreement = measure_agreement(draws)
    assert agreement.is_stable
    assert sorted(leading(draws.mean(axis=0), 2, chance=agreement.chance)) == [5, 10]


def test_more_draws_of_the_same_noisy_map_agree_better() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal(size=30) + rng.normal(scale=1.5, size=(8, 30))
    few, many = measure_agreement(draws[:2]), measure_agreement(draws)
    assert many.rank_correlation > few.rank_correlation + 0.1
    assert many.chance < few.chance
    assert not few.holds


@pytest.mark.parametrize("num_draws", [2, 3, 8])
def test_draws_of_pure_noise_are_not_stable(num_draws: int) -> None:
    rng = np.random.default_rng(0)
    assert not any(measure_agreement(rng.normal(size=(num_draws, 40))).is_stable for _ in range(20))


def test_flat_draws_agree_and_a_flat_one_agrees_with_no_other() -> None:
    assert measure_agreement(np.zeros((2, 5))).holds
    assert rank_correlation(np.zeros(6), MAP) == 0
    assert top_overlap(np.zeros(6), MAP) == 0


def test_the_chance_order_of_minor_weights_does_not_count() -> None:
    """Regression: the chance order of the areas without influence made the clearest maps "unstable" (0.13)."""
    rng = np.random.default_rng(0)
    draws = rng.normal(scale=0.01, size=(2, 30))
    draws[:, 3] = 1.0
    agreement = measure_agreement(draws)
    assert agreement.rank_correlation == pytest.approx(1)
    assert agreement.top_overlap == 1


def test_the_overlap_counts_shared_leading_segments() -> None:
    first = np.array([9.0, 8, 7, 6, 5, 0, 0, 0])
    second = np.array([9.0, 8, 7, 0, 0, 6, 5, 0])
    assert top_overlap(first, second) == 3 / 5
    assert top_overlap(first, np.array([9.0, 8, 0, 0, 0, 0, 0, 0])) == 2 / 5


def test_the_leading_segments_are_the_strongest_either_way_without_minor_ones() -> None:
    assert leading(np.array([0.1, -0.5, 0.4, 0.02]), 2) == [1, 2]
    assert leading(np.array([0.1, -0.5, 0.4, 0.02]), 9) == [1, 2, 0]  # 0.02 is under 5 % of 0.5
    assert leading(np.array([0.1, -0.5]), 0) == []
    assert leading(np.full(4, 1e-9), 4) == []


def test_a_map_is_flat_where_nothing_is_more_than_rounding() -> None:
    assert is_flat(np.array([1e-7, -9e-7]))
    assert not is_flat(np.array([0, 1e-5]))
    assert is_flat(np.zeros(0))
