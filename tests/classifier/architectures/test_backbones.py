from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deepfake.classifier.architectures.backbones import BACKBONES, load_backbone_weights
from deepfake.errors import BackboneWeightsError

ANY_MODEL = SimpleNamespace(weights=[])  # for what is refused before the model is looked at


def weights_of(model: Any) -> list[np.ndarray]:
    return [np.asarray(one) for one in model.get_weights()]


def same(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights_of(one), weights_of(other), strict=True))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A Lite0 and the file of its weights."""
    model = BACKBONES["efficientnet-lite0"].build(64)
    path = tmp_path_factory.mktemp("weights") / "lite0.weights.h5"
    model.save_weights(path)
    return model, path


def test_weights_of_a_file_are_taken_whatever_the_side(published: tuple[Any, Path]) -> None:
    source, path = published
    model = BACKBONES["efficientnet-lite0"].build(32)
    assert not same(model, source)
    load_backbone_weights(model, "efficientnet-lite0", str(path))
    assert same(model, source)


def test_random_weights_are_left_when_asked_for() -> None:
    model = BACKBONES["efficientnet-lite0"].build(32)
    before = weights_of(model)
    load_backbone_weights(model, "efficientnet-lite0", "none")
    assert all(np.array_equal(a, b) for a, b in zip(before, weights_of(model), strict=True))


def test_a_missing_file_is_refused_and_the_choices_are_named(tmp_path: Path) -> None:
    with pytest.raises(BackboneWeightsError, match=r"no file .*nowhere.*'imagenet', 'none'"):
        load_backbone_weights(ANY_MODEL, "xception", str(tmp_path / "nowhere.h5"))


def test_lite0_from_imagenet_says_how_to_convert_its_weights() -> None:
    with pytest.raises(BackboneWeightsError, match=r"tools/convert_lite0\.py"):
        load_backbone_weights(ANY_MODEL, "efficientnet-lite0", "imagenet")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.pth").write_bytes(b"torch")
    with pytest.raises(BackboneWeightsError, match=r"does not end in \.h5"):
        load_backbone_weights(ANY_MODEL, "resnet50", str(tmp_path / "weights.pth"))


def test_weights_of_another_network_are_refused(published: tuple[Any, Path]) -> None:
    model = BACKBONES["resnet50"].build(32)
    with pytest.raises(BackboneWeightsError, match="does not fit resnet50"):
        load_backbone_weights(model, "resnet50", str(published[1]))


def test_a_file_that_is_no_h5_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lite0.weights.h5").write_bytes(b"these are no weights")
    with pytest.raises(BackboneWeightsError, match="does not fit"):
        load_backbone_weights(
            BACKBONES["efficientnet-lite0"].build(32), "efficientnet-lite0", str(tmp_path / "lite0.weights.h5")
        )


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    source = BACKBONES["efficientnet-lite0"].build(32)
    source.get_layer("head_conv").set_weights([np.full((1, 1, 320, 1280), np.nan, np.float32)])
    source.save_weights(tmp_path / "bad.weights.h5")
    model = BACKBONES["efficientnet-lite0"].build(32)
    with pytest.raises(BackboneWeightsError, match="no usable numbers for head_conv/kernel"):
        load_backbone_weights(model, "efficientnet-lite0", str(tmp_path / "bad.weights.h5"))


def test_a_file_that_leaves_a_layer_random_is_refused(
    published: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of some files Keras says no more than a warning about layers that "retain their freshly-initialized weights"."""
    model = BACKBONES["efficientnet-lite0"].build(32)
    fresh = model.get_layer("block5_expand_conv").get_weights()
    load = model.load_weights

    def forgetful(path: Path) -> None:
        load(path)
        model.get_layer("block5_expand_conv").set_weights(fresh)

    monkeypatch.setattr(model, "load_weights", forgetful)
    with pytest.raises(BackboneWeightsError, match="no usable numbers for block5_expand_conv/kernel"):
        load_backbone_weights(model, "efficientnet-lite0", str(published[1]))


def test_without_network_imagenet_is_an_error_and_never_random_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> Any:
        raise Exception("URL fetch failure on https://storage.googleapis.com: None -- no route to host")  # as Keras

    monkeypatch.setitem(BACKBONES, "xception", replace(BACKBONES["xception"], application=fail))
    model = BACKBONES["efficientnet-lite0"].build(32)
    with pytest.raises(BackboneWeightsError, match=r"no route to host.*weights FILE.*weights none"):
        load_backbone_weights(model, "xception", "imagenet")


def test_published_resnet_kernels_are_turned_from_bgr_to_rgb_once(monkeypatch: pytest.MonkeyPatch) -> None:
    source = BACKBONES["resnet50"].build(32)
    monkeypatch.setitem(BACKBONES, "resnet50", replace(BACKBONES["resnet50"], application=lambda **_: source))
    model = BACKBONES["resnet50"].build(32)
    load_backbone_weights(model, "resnet50", "imagenet")
    theirs, ours = (np.asarray(one.get_layer("conv1_conv").kernel.numpy()) for one in (source, model))
    assert np.array_equal(ours, theirs[:, :, ::-1])


def test_published_b0_weights_scale_pixels_once_and_as_imagenet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The published file has the deviation where the layer takes the variance; Keras mends that elsewhere."""
    import keras

    source = keras.applications.EfficientNetB0(weights=None, include_top=False, input_shape=(32, 32, 3))
    layer = next(one for one in source.layers if isinstance(one, keras.layers.Normalization))
    layer.adapt_variance.assign([0.229, 0.224, 0.225])
    source.save_weights(tmp_path / "b0.weights.h5")
    model = BACKBONES["efficientnetb0"].build(32)
    load_backbone_weights(model, "efficientnetb0", str(tmp_path / "b0.weights.h5"))
    scaling = next(one for one in model.layers if isinstance(one, keras.layers.Normalization))
    black = np.asarray(keras.ops.convert_to_numpy(scaling(np.zeros((1, 32, 32, 3), np.float32))))[0, 0, 0]
    assert black == pytest.approx([-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225], rel=1e-4)
