from __future__ import annotations

import numpy as np
import pytest
from lime.lime_image import LimeImageExplainer

from deepfake.classifier.classifier import Scorer
from deepfake.explain.lime import Explanation, LimeSettings, LinearLimeExplainer, explain_face
from deepfake.explain.segments import segment_face
from deepfake.media.crops import Crops, resize_square
from deepfake.media.images import RGBImage
from tests.fakes import constant, patch_brightness, patch_difference

# A gray square of 128 px with two brighter spots, each small beside the areas it lies in. The model sees it at
# 64 px, where a spot is 8 x 8.
SIDE = 64
LEFT, RIGHT = (slice(28, 36), slice(8, 16)), (slice(28, 36), slice(48, 56))
QUICK = LimeSettings(num_segments=16, num_samples=300, num_repeats=2, seed=0)


def spotted() -> RGBImage:
    noise = np.random.default_rng(0).integers(-3, 4, (128, 128, 1))
    crop = np.full((128, 128, 3), 100) + noise
    for rows, columns in (LEFT, RIGHT):
        crop[2 * rows.start : 2 * rows.stop, 2 * columns.start : 2 * columns.stop] += 40
    return crop.astype(np.uint8)


def in_crop(patch: tuple[slice, slice]) -> tuple[slice, slice]:
    """A patch of the model's input in the pixels of the crop."""
    return tuple(slice(2 * one.start, 2 * one.stop) for one in patch)  # type: ignore[return-value]


def segments_of(explanation: Explanation, patch: tuple[slice, slice]) -> set[int]:
    return set(np.unique(explanation.segments[in_crop(patch)]).tolist())


def effect_of_hiding(explanation: Explanation, scorer: Scorer, segments: set[int]) -> float:
    """By how much the score falls when areas are painted in their own mean color: known without LIME."""
    hidden = explanation.crop.astype(np.float32)
    for segment in segments:
        hidden[explanation.segments == segment] = hidden[explanation.segments == segment].mean(axis=0)
    whole = resize_square(explanation.crop, SIDE)
    return float(scorer(whole[None])[0] - scorer(resize_square(hidden, SIDE)[None])[0])


# --- the same as stock lime, only faster


def nonlinear(crops: Crops) -> np.ndarray:
    """Something no linear surrogate fits exactly: a wave over the brightness of three patches."""
    patches = [crops[:, 10:30, 10:30], crops[:, 30:50, 20:45], crops[:, 5:60, 45:60]]
    values = [patch.mean(axis=(1, 2, 3), dtype=np.float64) / 40 for patch in patches]
    return np.asarray(0.5 + 0.3 * np.sin(values[0] * values[1]) + 0.1 * np.cos(values[2]))


@pytest.mark.parametrize("seed", [0, 7])
def test_the_coefficients_are_those_of_stock_lime(astronaut_pixels: RGBImage, seed: int) -> None:
    crop = astronaut_pixels[63:163, 173:273]
    segments = segment_face(crop, 20)
    options = {"labels": (0,), "top_labels": None, "num_samples": 150, "segmentation_fn": lambda _: segments}

    def resize_and_score(images: np.ndarray) -> np.ndarray:
        return nonlinear(np.stack([resize_square(image, SIDE) for image in images]))[:, None]

    stock = LimeImageExplainer(random_state=seed).explain_instance(crop.astype(np.float32), resize_and_score, **options)
    ours = LinearLimeExplainer(side_px=SIDE, random_state=seed).explain_instance(
        crop.astype(np.float32), lambda inputs: nonlinear(inputs)[:, None], **options
    )
    expected, received = dict(stock.local_exp[0]), dict(ours.local_exp[0])
    assert received.keys() == expected.keys() == set(range(segments.max() + 1))
    assert max(abs(weight) for weight in expected.values()) > 0.01
    assert max(abs(received[segment] - expected[segment]) for segment in expected) < 1e-6
    assert ours.score == pytest.approx(stock.score, abs=1e-6)
    assert ours.intercept[0] == pytest.approx(stock.intercept[0], abs=1e-6)


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_the_size_of_the_batches_changes_nothing(batch_size: int) -> None:
    crop = spotted().astype(np.float32)
    segments = segment_face(spotted(), 9)
    explainer = LinearLimeExplainer(side_px=SIDE, random_state=0)
    samples, scores = explainer.data_labels(
        crop, crop * 0, segments, lambda inputs: nonlinear(inputs)[:, None], 50, batch_size=batch_size
    )
    assert samples.shape == (50, segments.max() + 1)
    assert scores.shape == (50, 1)
    assert samples[0].tolist() == [1] * samples.shape[1]
    assert scores[0, 0] == pytest.approx(nonlinear(resize_square(crop, SIDE)[None])[0], abs=1e-5)
    for sample, score in zip(samples[1:5], scores[1:5, 0], strict=True):
        on = np.isin(segments, np.flatnonzero(sample))[..., None]
        assert score == pytest.approx(nonlinear(resize_square(np.where(on, crop, 0), SIDE)[None])[0], abs=1e-5)


# --- scorers whose right explanation is known


def test_the_map_of_one_bright_patch_is_on_the_patch() -> None:
    scorer = patch_brightness(LEFT)
    explanation = explain_face(spotted(), scorer, side_px=SIDE, settings=QUICK)
    on_patch = segments_of(explanation, LEFT)
    weights = explanation.weights
    assert int(np.argmax(np.abs(weights))) in on_patch
    assert weights.max() == np.abs(weights).max() > 0.01
    elsewhere = [abs(weight) for segment, weight in enumerate(weights) if segment not in on_patch]
    assert len(elsewhere) >= 5
    assert max(elsewhere) < 0.1 * weights.max()
    assert explanation.leading(1)[0] in on_patch
    assert not explanation.is_flat
    assert explanation.fidelity > 0.9


def test_the_weight_is_what_hiding_the_patch_takes_away() -> None:
    scorer = patch_brightness(LEFT)
    explanation = explain_face(spotted(), scorer, side_px=SIDE, settings=QUICK)
    on_patch = segments_of(explanation, LEFT)
    expected = effect_of_hiding(explanation, scorer, on_patch)
    assert expected > 0.02
    # the ridge penalty of 1 shrinks a weight a little
    assert sum(explanation.weights[list(on_patch)]) == pytest.approx(expected, rel=0.15)


def test_two_patches_of_opposite_sign_get_weights_of_opposite_sign() -> None:
    scorer = patch_difference(LEFT, RIGHT)
    explanation = explain_face(spotted(), scorer, side_px=SIDE, settings=QUICK)
    left, right = segments_of(explanation, LEFT), segments_of(explanation, RIGHT)
    assert not left & right
    weights = explanation.weights
    assert int(weights.argmax()) in left
    assert int(weights.argmin()) in right
    assert weights.max() == pytest.approx(-weights.min(), rel=0.4)
    strongest = explanation.leading(2)
    assert {bool(weights[segment] > 0) for segment in strongest} == {True, False}


def test_exchanging_the_patches_turns_every_sign() -> None:
    one = explain_face(spotted(), patch_difference(LEFT, RIGHT), side_px=SIDE, settings=QUICK)
    other = explain_face(spotted(), patch_difference(RIGHT, LEFT), side_px=SIDE, settings=QUICK)
    assert one.weights == pytest.approx(-other.weights, abs=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.5, 0.97])
def test_a_constant_model_gives_an_empty_map(value: float) -> None:
    explanation = explain_face(spotted(), constant(value), side_px=SIDE, settings=QUICK)
    assert explanation.is_flat
    assert not explanation.weights.any()
    assert explanation.leading(5) == []
    assert explanation.agreement == 1.0
    assert explanation.probability == pytest.approx(value)


def test_what_is_explained_is_the_probability_of_the_crop() -> None:
    scorer = patch_brightness(RIGHT)
    explanation = explain_face(spotted(), scorer, side_px=SIDE, settings=QUICK)
    assert explanation.probability == pytest.approx(float(scorer(resize_square(spotted(), SIDE)[None])[0]))
    assert np.array_equal(explanation.crop, spotted())


@pytest.mark.parametrize("scorer", [patch_brightness(LEFT), patch_difference(LEFT, RIGHT)], ids=["one", "two"])
@pytest.mark.parametrize("seed", [0, 2, 4])
def test_a_map_with_few_areas_and_nothing_else_is_stable(scorer: Scorer, seed: int) -> None:
    """Regression: the chance order of the areas without influence made the clearest maps "unstable" (0.13)."""
    settings = LimeSettings(num_segments=16, num_samples=300, num_repeats=2, seed=seed)
    assert explain_face(spotted(), scorer, side_px=SIDE, settings=settings).agreement > 0.9


def test_a_model_that_is_noise_is_called_unstable() -> None:
    rng = np.random.default_rng(0)
    explanation = explain_face(spotted(), lambda crops: rng.random(len(crops)), side_px=SIDE, settings=QUICK)
    assert explanation.agreement < 0.6
    assert not explanation.is_stable


# --- seeds and settings


def test_the_same_seed_gives_the_same_explanation() -> None:
    first, second = (explain_face(spotted(), nonlinear, side_px=SIDE, settings=QUICK) for _ in range(2))
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.segments, second.segments)
    assert (first.fidelity, first.agreement) == (second.fidelity, second.agreement)


def test_the_seed_does_not_depend_on_numpys_global_one() -> None:
    weights = []
    for seed in (1, 2):
        np.random.seed(seed)
        weights.append(explain_face(spotted(), nonlinear, side_px=SIDE, settings=QUICK).weights)
    assert np.array_equal(*weights)


def test_another_seed_draws_other_samples() -> None:
    other = LimeSettings(num_segments=16, num_samples=300, num_repeats=2, seed=50)
    first, second = (explain_face(spotted(), nonlinear, side_px=SIDE, settings=one) for one in (QUICK, other))
    assert not np.array_equal(first.weights, second.weights)


def test_the_weights_are_the_mean_of_repeats_with_seeds_in_a_row() -> None:
    def once(seed: int) -> np.ndarray:
        settings = LimeSettings(num_segments=16, num_samples=300, num_repeats=1, seed=seed)
        return explain_face(spotted(), nonlinear, side_px=SIDE, settings=settings).weights

    both = explain_face(spotted(), nonlinear, side_px=SIDE, settings=QUICK)
    assert both.weights == pytest.approx((once(0) + once(1)) / 2)
    assert both.sign_agreement.tolist() == (np.sign(once(0)) * np.sign(once(1)) > 0).tolist()


def test_the_settings_are_kept_in_the_result() -> None:
    assert explain_face(spotted(), constant(0.5), side_px=SIDE, settings=QUICK).settings == QUICK


def test_the_default_has_ten_samples_a_segment() -> None:
    assert LimeSettings().num_samples >= 10 * LimeSettings().num_segments


def test_progress_counts_the_repeats() -> None:
    seen: list[tuple[int, int]] = []
    explain_face(
        spotted(), constant(0.5), side_px=SIDE, settings=QUICK, on_progress=lambda *counts: seen.append(counts)
    )
    assert seen == [(1, 2), (2, 2)]


# --- crops of any size


def test_the_model_gets_inputs_of_its_own_size_in_the_range_of_pixels() -> None:
    shapes: set[tuple[int, ...]] = set()

    def record(crops: Crops) -> np.ndarray:
        shapes.add((crops.shape[1:], str(crops.dtype)))  # type: ignore[arg-type]
        assert crops.min() > -1e-2
        assert crops.max() < 255 + 1e-2
        return nonlinear(crops)

    explain_face(spotted(), record, side_px=SIDE, settings=QUICK)
    assert shapes == {((SIDE, SIDE, 3), "float32")}


def test_a_large_crop_is_shrunk_to_512_px(astronaut_pixels: RGBImage) -> None:
    crop = np.pad(astronaut_pixels, ((0, 100), (0, 100), (0, 0)), mode="edge")
    settings = LimeSettings(num_segments=8, num_samples=80, num_repeats=1)
    explanation = explain_face(crop, constant(0.5), side_px=SIDE, settings=settings)
    assert explanation.crop.shape == (512, 512, 3)
    assert explanation.segments.shape == (512, 512)


@pytest.mark.parametrize("side", [1, 2, 8, 40])
def test_a_crop_smaller_than_the_models_input_is_explained_too(side: int) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    explanation = explain_face(crop, nonlinear, side_px=SIDE, settings=QUICK)
    assert explanation.crop.shape == (side, side, 3)
    assert np.isfinite([explanation.fidelity, explanation.agreement, *explanation.weights]).all()


# --- what is read off an explanation


def by_hand(weights: list[float], agree: list[bool], agreement: float = 0.9) -> Explanation:
    return Explanation(
        crop=np.zeros((2, 2, 3), np.uint8),
        segments=np.arange(4).reshape(2, 2),
        weights=np.array(weights),
        probability=0.5,
        fidelity=0.8,
        agreement=agreement,
        sign_agreement=np.array(agree),
        settings=LimeSettings(),
    )


def test_the_leading_areas_are_the_strongest_either_way_whose_sign_is_sure() -> None:
    explanation = by_hand([0.1, -0.5, 0.4, 0.3], [True, True, False, True])
    assert explanation.leading(2) == [1, 3]
    assert explanation.leading(10) == [1, 3, 0]
    assert explanation.leading(0) == []


def test_areas_without_influence_never_lead() -> None:
    assert by_hand([0.0, 1e-9, 0.2, 0.0], [True] * 4).leading(4) == [2]


def test_an_explanation_is_stable_from_an_agreement_of_0_6() -> None:
    assert by_hand([0.1] * 4, [True] * 4, agreement=0.6).is_stable
    assert not by_hand([0.1] * 4, [True] * 4, agreement=0.59).is_stable
