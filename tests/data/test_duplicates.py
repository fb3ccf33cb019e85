from __future__ import annotations

import numpy as np
import pytest

from deepfake.data.duplicates import find_duplicates, merge_sources


def gray_crops(*levels: float) -> np.ndarray:
    return np.stack([np.full((8, 8, 3), level, np.uint8) for level in levels])


def pairs(hashes: list[int], crops: np.ndarray, digests: list[str] | None = None) -> list[tuple[int, int]]:
    digests = digests or [str(number) for number in range(len(hashes))]
    return find_duplicates(digests, np.array(hashes, np.uint64), crops)


def test_byte_identical_files_are_duplicates_whatever_else() -> None:
    assert pairs([0, 2**64 - 1], gray_crops(0, 255), ["same", "same"]) == [(0, 1)]


def test_three_identical_files_are_all_joined() -> None:
    found = pairs([0, 1 << 20, 1 << 40], gray_crops(0, 100, 200), ["same"] * 3)
    assert len(set(merge_sources(["a", "b", "c"], found))) == 1


def test_the_same_hash_and_the_same_pixels_are_duplicates() -> None:
    assert pairs([77, 77], gray_crops(100, 103)) == [(0, 1)]


def test_the_same_hash_and_other_pixels_are_not() -> None:
    assert pairs([77, 77], gray_crops(100, 105)) == []


@pytest.mark.parametrize("flipped", [(0,), (63,), (0, 1), (5, 20), (15, 16), (0, 63), (31, 48)])
def test_two_flipped_bits_or_fewer_match_wherever_they_are(flipped: tuple[int, ...]) -> None:
    other = 0xDEADBEEF12345678
    for bit in flipped:
        other ^= 1 << bit
    assert pairs([0xDEADBEEF12345678, other], gray_crops(100, 100)) == [(0, 1)]


@pytest.mark.parametrize("flipped", [(0, 1, 2), (0, 20, 40), (5, 6, 63)])
def test_three_flipped_bits_do_not_match(flipped: tuple[int, ...]) -> None:
    assert pairs([0, sum(1 << bit for bit in flipped)], gray_crops(100, 100)) == []


def test_a_pair_is_named_once_and_in_order() -> None:
    assert pairs([5, 99999999, 5], gray_crops(1, 2, 1)) == [(0, 2)]


def test_differences_are_counted_without_wrapping_around() -> None:
    assert pairs([0, 0], gray_crops(255, 1)) == []
    assert pairs([0, 0], gray_crops(1, 255)) == []


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one_have_no_duplicates(count: int) -> None:
    assert pairs([1] * count, np.zeros((count, 8, 8, 3), np.uint8)) == []


def test_without_pairs_the_sources_stay() -> None:
    assert merge_sources(["b", "a"], []) == ["b", "a"]


def test_merged_sources_take_the_alphabetically_first_name() -> None:
    assert merge_sources(["b", "a", "c"], [(0, 1)]) == ["a", "a", "c"]


def test_every_row_of_a_merged_source_moves_with_it() -> None:
    assert merge_sources(["b", "b", "a"], [(0, 2)]) == ["a", "a", "a"]


@pytest.mark.parametrize("order", [[(0, 1), (1, 2), (2, 3)], [(2, 3), (0, 1), (1, 2)], [(1, 2), (2, 3), (0, 1)]])
def test_merging_is_transitive_in_any_order(order: list[tuple[int, int]]) -> None:
    assert merge_sources(["d", "c", "b", "a"], order) == ["a"] * 4


def test_merging_within_one_source_changes_nothing() -> None:
    assert merge_sources(["a", "a", "b"], [(0, 1)]) == ["a", "a", "b"]
