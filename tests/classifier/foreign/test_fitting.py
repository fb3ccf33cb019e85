"""Stored weights put into our networks: from each format the same scores as before, and never a wrong layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from deepfake.classifier.architectures.backbones import BACKBONES
from deepfake.classifier.architectures.celebdf import build_celebdf
from deepfake.classifier.architectures.cnn64 import build_cnn64
from deepfake.classifier.foreign.fitting import fill, fits
from deepfake.classifier.foreign.reader import read_weights
from deepfake.classifier.foreign.weights import StoredLayer, StoredWeights
from deepfake.errors import ForeignWeightsError
from tests.tiny_recipe import TINY_BACKBONE, Tiny
from tests.weight_files import write_by_kind, write_by_name

SIDE = 16


def small_cnn(seed: int, *, dense_units: int = 16) -> Any:
    """Two layers of the same shapes, so that order matters, and nothing at its first value."""
    keras.utils.set_random_seed(seed)
    model = build_cnn64(
        input_side_px=SIDE, blocks=((8, 8), (8, 8)), block_dropout=0.1, dense_units=dense_units, dense_dropout=0.1
    )
    return shaken(model, seed)


def tiny(seed: int) -> Any:
    """A model inside the model."""
    keras.utils.set_random_seed(seed)
    return shaken(Tiny().build(), seed)


def shaken(model: Any, seed: int) -> Any:
    """All weights random, running variances positive."""
    rng = np.random.default_rng(seed)
    for one in model.weights:
        if "float" in one.dtype:
            values = rng.uniform(-0.5, 0.5, one.shape)
            one.assign(np.abs(values) + 0.5 if one.path.endswith("variance") else values)
    return model


def scores(model: Any) -> np.ndarray:
    """Of four crops, between guessing and certainty, so that a difference shows."""
    levels = np.array([20, 90, 160, 230])[:, None, None, None]
    noise = np.random.default_rng(9).uniform(-20, 20, (4, *model.input_shape[1:]))
    found = np.asarray(model((levels + noise).astype(np.float32), training=False))[:, 0]
    assert 0.001 < found.min() < found.max() < 0.999
    assert np.ptp(found) > 1e-3
    return found


def stored_layers(*layers: StoredLayer) -> StoredWeights:
    return StoredWeights(file="x.h5", sha256="0" * 64, layers=layers)


def layer(path: str, *shapes: tuple[int, ...], kind: str = "", name: str = "") -> StoredLayer:
    return StoredLayer(path=path, name=name, kind=kind, arrays=tuple(np.ones(one, np.float32) for one in shapes))


@pytest.fixture(autouse=True)
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES, "tiny", TINY_BACKBONE)


@pytest.mark.parametrize("build", [small_cnn, tiny])
@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.weights.h5"])
def test_a_network_of_ours_scores_as_before_after_a_trip_through_each_format(
    tmp_path: Path, build: Any, name: str
) -> None:
    before, after = build(1), build(2)
    if name.endswith(".weights.h5"):
        before.save_weights(tmp_path / name)
    else:
        before.save(tmp_path / name)
    assert np.abs(scores(after) - scores(before)).max() > 1e-3
    fill(after, read_weights(tmp_path / name))
    np.testing.assert_allclose(scores(after), scores(before), atol=1e-6)


def notebook_layers(rng: np.random.Generator) -> list[tuple[str, list[np.ndarray]]]:
    """celebdf-leakyrelu as a notebook would number its layers, those of its second run among them."""
    widths = [(3, 3, 3, 32), (3, 3, 32, 64), (3, 3, 64, 128)]
    convolutions = [
        (f"conv2d_{number}", [rng.normal(0, 0.1, shape), rng.normal(0, 0.1, shape[-1:])])
        for number, shape in enumerate(widths, start=3)
    ]
    return [*convolutions, ("dense_1", [rng.normal(0, 0.1, (4 * 128, 1)), rng.normal(0, 0.1, (1,))])]


def by_hand(layers: Sequence[tuple[str, list[np.ndarray]]], pixels: np.ndarray) -> np.ndarray:
    """The scores of that network, layer by layer with numpy and scipy: pixels (n, 16, 16, 3), 0..255."""
    from scipy.signal import correlate

    x = pixels / 255
    for _, (kernel, bias) in layers[:-1]:
        maps = [
            [
                sum(correlate(one[..., c], kernel[..., c, f], mode="same") for c in range(kernel.shape[2])) + bias[f]
                for f in range(kernel.shape[3])
            ]
            for one in x
        ]
        x = np.moveaxis(np.array(maps), 1, -1)
        x = np.where(x > 0, x, 0.1 * x)
        n, h, w, f = x.shape
        x = x.reshape(n, h // 2, 2, w // 2, 2, f).max(axis=(2, 4))
    kernel, bias = layers[-1][1]
    return 1 / (1 + np.exp(-(x.reshape(len(x), -1) @ kernel + bias)))[:, 0]


@pytest.mark.parametrize("layout", ["whole model", "weights alone", "by kind"])
def test_a_notebook_s_file_gives_the_scores_that_its_numbers_give_by_hand(tmp_path: Path, layout: str) -> None:
    layers = notebook_layers(np.random.default_rng(3))
    if layout == "by kind":
        numbered = {
            f"layers/conv2d{suffix}": one for suffix, (_, one) in zip(("", "_1", "_2"), layers[:3], strict=True)
        }
        path = write_by_kind(tmp_path / "x.weights.h5", {**numbered, "layers/dense": layers[3][1]})
    else:
        named = {
            name: {f"{name}/kernel:0": kernel.astype(np.float32), f"{name}/bias:0": bias.astype(np.float32)}
            for name, (kernel, bias) in layers
        }
        path = write_by_name(tmp_path / "x.h5", {**named, "flatten": {}}, whole_model=layout == "whole model")
    model = build_celebdf(input_side_px=SIDE, activation="leaky_relu", name="celebdf_leakyrelu")
    fill(model, read_weights(path))
    pixels = np.random.default_rng(4).uniform(0, 255, (2, SIDE, SIDE, 3)).astype(np.float32)
    found = np.asarray(model(pixels, training=False))[:, 0]
    np.testing.assert_allclose(found, by_hand(layers, pixels.astype(np.float64)), atol=1e-6)


def test_a_partly_frozen_model_inside_the_model_is_matched_by_name(tmp_path: Path) -> None:
    """Keras writes what learned first: here the head's order stays, and the backbone's is turned around."""
    before, after = tiny(1), tiny(2)
    backbone = before.get_layer("backbone")
    backbone.get_layer("conv").trainable = False
    before.save(tmp_path / "x.h5")
    written = [one.name for one in read_weights(tmp_path / "x.h5").layers]
    assert written.index("backbone_norm") < written.index("conv")
    fill(after, read_weights(tmp_path / "x.h5"))
    np.testing.assert_allclose(scores(after), scores(before), atol=1e-6)


def test_a_backbone_that_was_not_a_model_of_its_own_fits_too(tmp_path: Path) -> None:
    """As notebooks write it: `base.output` goes on into the head, and all layers lie side by side."""
    nested = tiny(1)
    backbone = nested.get_layer("backbone")
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    for one in backbone.layers[1:]:
        x = one(x)
    for name in ("pool", "norm", "dense", "dropout", "score"):
        x = nested.get_layer(name)(x)
    flat = keras.Model(inputs, x)
    for name in ("x.h5", "x.keras"):
        flat.save(tmp_path / name)
        after = tiny(2)
        fill(after, read_weights(tmp_path / name))
        np.testing.assert_allclose(scores(after), scores(nested), atol=1e-6)


def test_the_first_layer_of_other_shapes_is_named_with_both(tmp_path: Path) -> None:
    small_cnn(1, dense_units=7).save(tmp_path / "x.h5")
    stored, model = read_weights(tmp_path / "x.h5"), small_cnn(2)
    before = [one.copy() for one in model.get_weights()]
    with pytest.raises(
        ForeignWeightsError, match=r"'dense/dense' has shape 128 x 7 and 7, where 'dense' .* 128 x 16 and 16"
    ):
        fill(model, stored)
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    assert not fits(model, stored)
    assert fits(small_cnn(3, dense_units=7), stored)


def celebdf_layers(kind: str = "") -> list[StoredLayer]:
    conv, dense = ("conv2d", "dense") if kind else ("", "")
    return [
        layer("c", (3, 3, 3, 32), (32,), kind=conv),
        layer("c1", (3, 3, 32, 64), (64,), kind=conv),
        layer("c2", (3, 3, 64, 128), (128,), kind=conv),
        layer("d", (512, 1), (1,), kind=dense),
    ]


@pytest.mark.parametrize("kind", ["", "known"])
def test_a_layer_too_many_and_one_too_few_are_named(kind: str) -> None:
    model = build_celebdf(input_side_px=SIDE, activation="leaky_relu", name="x")
    layers = celebdf_layers(kind)
    assert fits(model, stored_layers(*layers))
    extra = layer("d1", (1, 1), (1,), kind="dense" if kind else "")
    with pytest.raises(ForeignWeightsError, match=r"'d1' with shape 1 x 1 and 1 has no counterpart"):
        fill(model, stored_layers(*layers, extra))
    with pytest.raises(ForeignWeightsError, match="no layer for 'score' of the recipe, which has shape 512 x 1 and 1"):
        fill(model, stored_layers(*layers[:-1]))


def test_a_layer_of_a_kind_that_the_network_lacks_is_named() -> None:
    model = build_celebdf(input_side_px=SIDE, activation="leaky_relu", name="x")
    extra = layer("layers/my_layer", (4,), kind="mylayer")
    with pytest.raises(ForeignWeightsError, match="'layers/my_layer' with shape 4 has no counterpart"):
        fill(model, stored_layers(*celebdf_layers("known"), extra))


def test_a_layer_without_its_bias_does_not_fit() -> None:
    model = build_celebdf(input_side_px=SIDE, activation="leaky_relu", name="x")
    layers = [layer("c", (3, 3, 3, 32)), *celebdf_layers()[1:]]
    with pytest.raises(
        ForeignWeightsError, match=r"'c' has shape 3 x 3 x 3 x 32, where 'conv1' .* 3 x 3 x 3 x 32 and 32"
    ):
        fill(model, stored_layers(*layers))


def test_a_name_that_comes_twice_says_nothing() -> None:
    """Two layers called as ours is: their order decides, not the name."""
    model = build_celebdf(input_side_px=SIDE, activation="leaky_relu", name="x")
    layers = celebdf_layers()
    twice = [layer("a/conv1", *layers[0].shapes, name="conv1"), layer("b/conv1", *layers[1].shapes, name="conv1")]
    assert fits(model, stored_layers(*twice, *layers[2:]))


def test_a_name_of_ours_on_other_shapes_is_passed_over() -> None:
    model = build_celebdf(input_side_px=SIDE, activation="leaky_relu", name="x")
    first, *others = celebdf_layers()
    assert fits(model, stored_layers(layer("score", *first.shapes, name="score"), *others))
