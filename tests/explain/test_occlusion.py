"""What hiding one block takes away, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.explain.occlusion import OcclusionExplainer
from deepfake.explain.perturbed import Probabilities
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


def weigh(scorer: Probabilities) -> np.ndarray:
    return OcclusionExplainer(block_face(scorer), seed=0).weigh(0).weights


def test_the_one_patch_that_is_read_weighs_what_hiding_it_takes_away() -> None:
    weights = weigh(ONE_PATCH)
    assert weights[A] == pytest.approx(0.9 - 0.1)
    assert weights[B] == 0
    assert not others(weights).any()


def test_patches_of_opposite_sign_weigh_what_they_add_and_take() -> None:
    weights = weigh(OPPOSITE_PATCHES)
    assert weights[[A, B]] == pytest.approx([0.3, -0.2])
    assert not others(weights).any()


def test_a_constant_scorer_gives_an_empty_map() -> None:
    assert not weigh(CONSTANT).any()


def test_where_both_patches_are_needed_each_weighs_the_whole_jump() -> None:
    weights = weigh(JUMP_WHERE_BOTH)
    assert weights[[A, B]] == pytest.approx([0.8, 0.8])
    assert not others(weights).any()


def test_where_either_patch_is_enough_neither_is_found() -> None:
    assert not weigh(JUMP_WHERE_EITHER).any()


def test_it_judges_the_face_and_each_segment_hidden_once() -> None:
    face = block_face(ONE_PATCH)
    draw = OcclusionExplainer(face, seed=0).weigh(1000)
    assert face.num_judged == draw.num_samples == NUM_BLOCKS + 1
    assert draw.fidelity is None


def test_another_seed_changes_nothing() -> None:
    first, second = (OcclusionExplainer(block_face(OPPOSITE_PATCHES), seed=seed).weigh(0).weights for seed in (0, 9))
    assert np.array_equal(first, second)
