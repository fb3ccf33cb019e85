"""Self-blended images: what they change, and what they must not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepfake.media.images import RGBImage
from deepfake.training.batches import batches, training_rows
from deepfake.training.blend import blending_mask, self_blend
from deepfake.training.recipes import find_recipe
from tests.prepared_sets import make_prepared_set


@pytest.fixture(scope="module")
def crop(astronaut_pixels: RGBImage) -> RGBImage:
    return np.asarray(astronaut_pixels[63:191, 160:288])


def test_a_mask_lies_in_the_middle_and_leaves_the_corners_alone() -> None:
    masks = np.stack([blending_mask(64, np.random.default_rng(seed)) for seed in range(50)])
    assert masks.min() >= 0 and masks.max() <= 1
    corners = masks[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.max() < 0.3 and np.median(corners) < 0.01
    assert masks[:, 28:36, 28:36].mean() > 0.4
    assert len({round(float(mask.sum())) for mask in masks}) > 30


def test_the_face_changes_and_what_is_around_it_stays(crop: RGBImage) -> None:
    changed = [np.abs(self_blend(crop, np.random.default_rng(seed)).astype(int) - crop) for seed in range(40)]
    middle = np.mean([one[40:88, 40:88].mean() for one in changed])
    corner = np.mean([one[:6, :6].mean() for one in changed])
    assert middle > 3
    assert corner < 0.05 * middle


def test_the_same_generator_gives_the_same_picture_and_another_another(crop: RGBImage) -> None:
    first, again, other = (self_blend(crop, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.uint8 and first.shape == crop.shape


def test_self_blended_reals_take_the_place_of_fakes_and_no_more() -> None:
    one = make_prepared_set(side_px=16)  # every crop of this set is unlike all others
    recipe = replace(find_recipe("cnn64"), self_blended=1.0, augment_strength=0.0, input_side_px=16, batch_size=16)
    rows = training_rows(one, recipe)
    crops, labels, _ = next(batches([rows], recipe, first_epoch=0))
    fakes = {one.crop_set.crops[row].tobytes() for row in rows.rows if one.labels[row] == 1}
    reals = {one.crop_set.crops[row].tobytes() for row in rows.rows if one.labels[row] == 0}
    assert 0 < labels.sum() < len(labels)
    for crop, (label,) in zip(crops, labels, strict=True):
        if label == 1:
            assert crop.astype(np.uint8).tobytes() not in fakes
        else:
            assert crop.astype(np.uint8).tobytes() in reals
