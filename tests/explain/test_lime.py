"""LIME: the stock library's coefficients, and maps worked out by hand."""

from __future__ import annotations

from math import comb, exp, sqrt

import numpy as np
import pytest
from lime.lime_image import LimeImageExplainer

from deepfake.classifier.library import load_model_named
from deepfake.explain.baselines import segment_mean
from deepfake.explain.lime import LimeExplainer
from deepfake.explain.perturbed import PerturbedFace, Probabilities
from deepfake.explain.segments import segment_face
from deepfake.media.crops import Crops, resize_square
from deepfake.media.images import RGBImage
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

SIDE = 64

# --- the same as stock lime, only faster


def nonlinear(crops: Crops) -> np.ndarray:
    """Something no linear surrogate fits exactly: a wave over the brightness of three patches."""
    patches = [crops[:, 10:30, 10:30], crops[:, 30:50, 20:45], crops[:, 5:60, 45:60]]
    values = [patch.mean(axis=(1, 2, 3), dtype=np.float64) / 40 for patch in patches]
    return np.asarray(0.5 + 0.3 * np.sin(values[0] * values[1]) + 0.1 * np.cos(values[2]))


def compare_with_stock_lime(crop: RGBImage, scorer: Probabilities, seed: int) -> None:
    segments = segment_face(crop, 20)
    options = {"labels": (0,), "top_labels": None, "num_samples": 150, "segmentation_fn": lambda _: segments}

    def resize_and_score(images: np.ndarray) -> np.ndarray:
        return scorer(np.stack([resize_square(image, SIDE) for image in images]))[:, None]

    stock = LimeImageExplainer(random_state=seed).explain_instance(crop.astype(np.float32), resize_and_score, **options)
    face = PerturbedFace(crop, segments, segment_mean(crop, segments), scorer, side_px=SIDE)
    ours = LimeExplainer(face, seed=seed).weigh(150)
    expected = dict(stock.local_exp[0])
    assert expected.keys() == set(range(face.num_segments))
    assert max(abs(weight) for weight in expected.values()) > 0.01
    assert max(abs(ours.weights[segment] - expected[segment]) for segment in expected) < 1e-6
    assert ours.fidelity == pytest.approx(stock.score, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("enlarged", [1, 3], ids=["100 px", "300 px"])
def test_the_coefficients_are_those_of_stock_lime(astronaut_pixels: RGBImage, seed: int, enlarged: int) -> None:
    crop = astronaut_pixels[63:163, 173:273].repeat(enlarged, axis=0).repeat(enlarged, axis=1)
    compare_with_stock_lime(crop, nonlinear, seed)


def test_the_coefficients_of_the_shipped_model_are_those_of_stock_lime(astronaut_pixels: RGBImage) -> None:
    compare_with_stock_lime(astronaut_pixels[63:176, 168:281], load_model_named("cnn64").probabilities, 0)


# --- the right map, by hand


def weigh(scorer: Probabilities, *, num_samples: int = 2000, seed: int = 0) -> np.ndarray:
    return LimeExplainer(block_face(scorer), seed=seed).weigh(num_samples).weights


def share_seen() -> float:
    """How often lime sees a block: half of the time, but samples nearer to the whole face weigh more.

    With k of 16 blocks seen, the cosine distance is 1 - sqrt(k / 16), and the weight exp(-distance² / 0.25² / 2).
    """
    weights = [comb(NUM_BLOCKS, k) * exp(-((1 - sqrt(k / NUM_BLOCKS)) ** 2) / 0.25**2 / 2) for k in range(17)]
    return sum(weight * k / NUM_BLOCKS for k, weight in enumerate(weights)) / sum(weights)


def test_the_one_patch_that_is_read_weighs_what_seeing_it_adds() -> None:
    weights = weigh(ONE_PATCH)
    assert weights[A] == pytest.approx(0.9 - 0.1, rel=0.01)  # the ridge penalty of 1 shrinks it a little
    assert np.abs(others(weights)).max() < 0.005


def test_patches_of_opposite_sign_weigh_what_they_add_and_take() -> None:
    weights = weigh(OPPOSITE_PATCHES)
    assert weights[[A, B]] == pytest.approx([0.3, -0.2], rel=0.01)
    assert np.abs(others(weights)).max() < 0.005


def test_a_constant_scorer_gives_an_empty_map() -> None:
    assert np.abs(weigh(CONSTANT)).max() < 1e-12


def test_where_both_patches_are_needed_each_weighs_the_jump_by_how_often_the_other_is_seen() -> None:
    # the line nearest to the product a * b is q * a + q * b - q², where q is how often each is seen
    assert 0.5 < share_seen() < 0.6
    weights = weigh(JUMP_WHERE_BOTH)
    assert weights[[A, B]] == pytest.approx([0.8 * share_seen()] * 2, abs=0.05)
    assert np.abs(others(weights)).max() < 0.05


def test_where_either_patch_is_enough_each_weighs_the_jump_by_how_often_the_other_is_hidden() -> None:
    weights = weigh(JUMP_WHERE_EITHER)
    assert weights[[A, B]] == pytest.approx([0.8 * (1 - share_seen())] * 2, abs=0.05)
    assert np.abs(others(weights)).max() < 0.05


def test_a_straight_scorer_is_fitted_better_than_one_that_jumps() -> None:
    straight, jump = (LimeExplainer(block_face(s), seed=0).weigh(500).fidelity for s in (ONE_PATCH, JUMP_WHERE_BOTH))
    assert straight is not None and jump is not None
    assert straight > 0.99
    assert jump < 0.8


def test_the_same_seed_gives_the_same_weights_and_another_one_others() -> None:
    first, again, other = (weigh(JUMP_WHERE_BOTH, num_samples=60, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_seed_does_not_depend_on_numpys_global_one() -> None:
    weights = []
    for seed in (1, 2):
        np.random.seed(seed)
        weights.append(weigh(JUMP_WHERE_BOTH, num_samples=60))
    assert np.array_equal(*weights)


def test_the_whole_face_is_the_first_sample() -> None:
    samples, scores = LimeExplainer(block_face(ONE_PATCH), seed=0).data_labels(None, None, None, None, 30)
    assert samples.shape == (30, NUM_BLOCKS)
    assert scores.shape == (30, 1)
    assert samples[0].tolist() == [1] * NUM_BLOCKS
    assert scores[0, 0] == pytest.approx(0.9)
