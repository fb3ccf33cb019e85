"""A face with segments hidden: the same model inputs as by painting and resizing, in blocks, each judged once."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.explain.baselines import BASELINES
from deepfake.explain.perturbed import MAX_BLOCK, PerturbedFace
from deepfake.explain.segments import segment_face
from deepfake.media.crops import Crops, resize_square
from deepfake.media.images import RGBImage
from tests.explain.blocks import NUM_BLOCKS, ONE_PATCH, A, block_face
from tests.fakes import brightness, constant


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize(("crop_px", "side_px"), [(100, 64), (100, 33), (128, 32), (40, 64), (64, 64), (1, 8)])
def test_the_inputs_are_those_of_painting_and_resizing(
    astronaut_pixels: RGBImage, baseline: str, crop_px: int, side_px: int
) -> None:
    crop = astronaut_pixels[63 : 63 + crop_px, 173 : 173 + crop_px]
    segments = segment_face(crop, 12)
    painted_over = BASELINES[baseline](crop, segments)
    face = PerturbedFace(crop, segments, painted_over, constant(0.5), side_px=side_px)
    seen = np.random.default_rng(0).random((5, face.num_segments)) < 0.5
    for row, received in zip(seen, face.inputs(seen), strict=True):
        painted = np.where(np.isin(segments, np.flatnonzero(row))[..., None], crop, painted_over)
        assert np.abs(received - resize_square(painted, side_px)).max() < 2e-3  # of 255


def test_the_probability_is_that_of_the_whole_face() -> None:
    assert block_face(ONE_PATCH).probability == pytest.approx(0.9)


def test_each_perturbation_gets_the_probability_of_its_own_segments_whatever_their_order() -> None:
    face = block_face(ONE_PATCH)
    seen = np.ones((4, NUM_BLOCKS), bool)
    seen[[1, 3], A] = False
    assert face.judge(seen) == pytest.approx([0.9, 0.1, 0.9, 0.1])
    assert face.judge(seen[::-1].astype(int)) == pytest.approx([0.1, 0.9, 0.1, 0.9])
    assert face.judge(seen[:0]).shape == (0,)


def test_what_was_judged_once_is_not_judged_again() -> None:
    judged: list[int] = []

    def count(crops: Crops) -> np.ndarray:
        judged.append(len(crops))
        return brightness(crops)

    face = block_face(count)
    seen = np.random.default_rng(0).random((30, NUM_BLOCKS)) < 0.5
    assert len(np.unique(seen, axis=0)) == 30
    first = face.judge(np.concatenate([seen, seen]))
    assert np.array_equal(first[:30], first[30:])
    assert np.array_equal(face.judge(seen[::-1]), first[:30][::-1])
    assert sum(judged) == face.num_judged == 30


@pytest.mark.parametrize(("side_px", "least"), [(8, MAX_BLOCK), (600, 2)])
def test_memory_is_bounded_by_judging_in_blocks(side_px: int, least: int) -> None:
    blocks: list[tuple[int, int]] = []

    def record(crops: Crops) -> np.ndarray:
        blocks.append((len(crops), crops.nbytes))
        return np.zeros(len(crops))

    segments = np.arange(64).reshape(8, 8)
    crop = np.full((8, 8, 3), 200, np.uint8)
    face = PerturbedFace(crop, segments, np.zeros(crop.shape, np.float32), record, side_px=side_px)
    num_samples = 2 * max(length for length in (MAX_BLOCK, least)) if side_px == 8 else 40
    face.judge(np.random.default_rng(0).random((num_samples, 64)) < 0.5)
    assert sum(length for length, _ in blocks) == num_samples
    assert len(blocks) > 1
    assert least <= max(length for length, _ in blocks) <= MAX_BLOCK
    assert max(size for _, size in blocks) <= 2**26


def test_the_model_gets_float32_in_the_range_of_pixels(astronaut_pixels: RGBImage) -> None:
    crop = astronaut_pixels[50:180, 150:280]
    segments = segment_face(crop, 20)
    face = PerturbedFace(crop, segments, BASELINES["blur"](crop, segments), constant(0.5), side_px=64)
    inputs = face.inputs(np.random.default_rng(0).random((20, face.num_segments)) < 0.5)
    assert inputs.dtype == np.float32
    assert inputs.min() > -1e-2
    assert inputs.max() < 255 + 1e-2
