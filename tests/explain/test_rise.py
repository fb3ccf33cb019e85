"""Mean probability with a block seen, less that with it hidden: exact for the block that is read, nearly for others."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.explain.perturbed import Probabilities
from deepfake.explain.rise import RiseExplainer
from tests.explain.blocks import (
    CONSTANT,
    JUMP_WHERE_BOTH,
    JUMP_WHERE_EITHER,
    NUM_BLOCKS,
    ONE_PATCH,
    OPPOSITE_PATCHES,
    A,
    B,
    block_face,
    others,
)

NUM_SAMPLES = 4000
CHANCE = 4 / np.sqrt(NUM_SAMPLES)  # four standard errors of a difference of two means, at a spread of one half


def weigh(scorer: Probabilities, *, num_samples: int = NUM_SAMPLES, seed: int = 0) -> np.ndarray:
    return RiseExplainer(block_face(scorer), seed=seed).weigh(num_samples).weights


def test_the_one_patch_that_is_read_weighs_what_seeing_it_adds() -> None:
    weights = weigh(ONE_PATCH)
    assert weights[A] == pytest.approx(0.9 - 0.1)  # exactly: nothing else moves the score
    assert np.abs(others(weights)).max() < 0.8 * CHANCE


def test_patches_of_opposite_sign_weigh_what_they_add_and_take() -> None:
    weights = weigh(OPPOSITE_PATCHES)
    assert weights[[A, B]] == pytest.approx([0.3, -0.2], abs=0.3 * CHANCE)
    assert np.abs(others(weights)).max() < 0.5 * CHANCE


def test_a_constant_scorer_gives_an_empty_map() -> None:
    assert np.abs(weigh(CONSTANT)).max() < 1e-12


def test_where_both_patches_are_needed_each_weighs_half_the_jump() -> None:
    # with A seen, B is seen half of the time: 0.5 on average; with A hidden always 0.1
    weights = weigh(JUMP_WHERE_BOTH)
    assert weights[[A, B]] == pytest.approx([0.4, 0.4], abs=0.8 * CHANCE)
    assert np.abs(others(weights)).max() < 0.8 * CHANCE


def test_where_either_patch_is_enough_both_are_found() -> None:
    # with A seen always 0.9; with A hidden, B is seen half of the time: 0.5 on average
    weights = weigh(JUMP_WHERE_EITHER)
    assert weights[[A, B]] == pytest.approx([0.4, 0.4], abs=0.8 * CHANCE)
    assert np.abs(others(weights)).max() < 0.8 * CHANCE


def test_a_segment_that_was_never_hidden_or_never_seen_has_no_weight() -> None:
    assert not weigh(ONE_PATCH, num_samples=1).any()


def test_the_same_seed_gives_the_same_weights_and_another_one_others() -> None:
    first, again, other = (weigh(OPPOSITE_PATCHES, num_samples=60, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_map_ranks_segments_as_the_papers_mean_over_masks_does() -> None:
    face = block_face(OPPOSITE_PATCHES)
    weights = RiseExplainer(face, seed=0).weigh(NUM_SAMPLES).weights
    masks = np.random.default_rng(0).random((NUM_SAMPLES, NUM_BLOCKS)) < 0.5
    importance = (face.judge(masks)[:, None] * masks).sum(axis=0) / masks.sum(
        axis=0
    )  # the paper's, by the masks' share
    assert np.argmax(importance) == np.argmax(weights) == A
    assert np.argmin(importance) == np.argmin(weights) == B
    assert np.corrcoef(importance, weights)[0, 1] > 0.999
