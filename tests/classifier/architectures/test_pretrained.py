from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepfake.classifier.architectures.backbones import BACKBONES
from deepfake.classifier.architectures.pretrained import BACKBONE_LAYER, FREEZABLE, all_layers, build_pretrained, freeze
from tests.classifier.architectures.one_step import (
    assert_one_step_changes_every_kernel,
    tiny_data,
    what_the_network_sees,
)

SMALLEST_SIDE = {"efficientnetb0": 32, "efficientnet-lite0": 32, "xception": 71, "resnet50": 32}
# without top, as their authors count them: B0's 4,049,564 and 7 of its scaling; Lite0's 3,371,008 and 42,016 of the
# statistics of BatchNormalization
BACKBONE_PARAMETERS = {
    "efficientnetb0": (4_049_571, 1280),
    "efficientnet-lite0": (3_413_024, 1280),
    "xception": (20_861_480, 2048),
    "resnet50": (23_587_712, 2048),
}


def build(backbone: str, *, side: int | None = None) -> Any:
    return build_pretrained(
        backbone=backbone,
        input_side_px=side or SMALLEST_SIDE[backbone],
        dense_units=16,
        l2=1e-4,
        dropout=0.5,
        name="x",
    )


@pytest.fixture(scope="module")
def lite0() -> Any:
    return build("efficientnet-lite0")


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_every_backbone_has_its_parameters_its_scaling_and_learns_in_every_layer(backbone: str) -> None:
    """One test, since to build them takes seconds."""
    model = build(backbone)
    expected, width = BACKBONE_PARAMETERS[backbone]
    assert model.get_layer(BACKBONE_LAYER).count_params() == expected
    assert model.count_params() - expected == 4 * width + 16 * (width + 1) + 17  # BatchNormalization, Dense, score
    assert_one_step_changes_every_kernel(model, SMALLEST_SIDE[backbone])


@pytest.mark.parametrize(
    ("backbone", "black", "white"),
    [
        ("efficientnet-lite0", [-127 / 128] * 3, [1] * 3),
        ("xception", [-1] * 3, [1] * 3),
        ("resnet50", [-123.68, -116.779, -103.939], [131.32, 138.221, 151.061]),
    ],
)
def test_pixels_of_0_to_255_are_scaled_inside_as_the_weights_expect(
    backbone: str, black: list[float], white: list[float]
) -> None:
    model = build(backbone)
    assert what_the_network_sees(model, "rescale", 0) == pytest.approx(black, abs=1e-5)
    assert what_the_network_sees(model, "rescale", 255) == pytest.approx(white, abs=1e-4)


def test_b0_scales_pixels_in_its_own_layers_by_the_mean_and_deviation_of_imagenet() -> None:
    backbone = build("efficientnetb0").get_layer(BACKBONE_LAYER)
    scaling = next(layer.name for layer in backbone.layers if type(layer).__name__ == "Normalization")
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    assert what_the_network_sees(backbone, scaling, 0) == pytest.approx(-mean / std, rel=1e-4)
    assert what_the_network_sees(backbone, scaling, 255) == pytest.approx((1 - mean) / std, rel=1e-4)


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_a_model_that_was_saved_or_rebuilt_scores_as_before(backbone: str, tmp_path: Path) -> None:
    """Both ways that training and use take: loaded whole, and built anew with the weights put in."""
    import keras

    model = build(backbone)
    crops, _ = tiny_data(SMALLEST_SIDE[backbone], num_crops=2)
    expected = np.asarray(model(crops, training=False))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    rebuilt = build(backbone)
    rebuilt.set_weights(loaded.get_weights())
    for other in (loaded, rebuilt):
        assert np.asarray(other(crops, training=False)) == pytest.approx(expected, abs=1e-6)


def test_the_head_is_that_of_the_reproduction(lite0: Any) -> None:
    kinds = [type(layer).__name__ for layer in lite0.layers]
    assert kinds == [
        "InputLayer", "Rescaling", "Functional", "GlobalAveragePooling2D", "BatchNormalization", "Dense", "Dropout",
        "Dense",
    ]  # fmt: skip
    assert lite0.get_layer("dense").activation.__name__ == "relu"
    assert float(lite0.get_layer("dense").kernel_regularizer.l2) == pytest.approx(1e-4)


def norms(model: Any) -> list[Any]:
    return [layer for layer in all_layers(model) if type(layer).__name__ == "BatchNormalization"]


def test_only_the_head_learns_while_the_backbone_is_frozen(lite0: Any) -> None:
    freeze(lite0, "backbone")
    assert [one.path.split("/")[-2] for one in lite0.trainable_weights] == [
        "norm", "norm", "dense", "dense", "score", "score",
    ]  # fmt: skip


def test_the_backbone_learns_again_when_it_is_thawed_but_not_its_norms(lite0: Any) -> None:
    """It once did not: Keras ignores `trainable = True` on a model that is trainable, whatever its layers are."""
    freeze(lite0, "backbone")
    freeze(lite0, "backbone_norms")
    backbone = lite0.get_layer(BACKBONE_LAYER)
    assert {layer.trainable for layer in norms(backbone)} == {False}
    assert lite0.get_layer("norm").trainable
    assert len(backbone.trainable_weights) == 49  # 16 blocks of 3 kernels, less one that does not expand; both ends
    freeze(lite0, "nothing")
    assert {layer.trainable for layer in norms(lite0)} == {True}


def test_frozen_norms_keep_their_statistics_in_a_step_and_those_of_the_head_do_not() -> None:
    model = build("efficientnet-lite0")
    freeze(model, "backbone_norms")
    stem, head = model.get_layer(BACKBONE_LAYER).get_layer("stem_norm"), model.get_layer("norm")
    before = [one.numpy() for one in (stem.moving_mean, head.moving_mean)]
    model.compile("adam", "binary_crossentropy", run_eagerly=True)
    model.train_on_batch(*tiny_data(32))
    assert np.array_equal(stem.moving_mean.numpy(), before[0])
    assert not np.array_equal(head.moving_mean.numpy(), before[1])


def test_a_part_without_a_name_is_refused(lite0: Any) -> None:
    with pytest.raises(ValueError, match=", ".join(FREEZABLE)):
        freeze(lite0, "everything")
