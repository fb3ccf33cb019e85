"""Scores turned around, and pixels scaled as weights expect them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from deepfake.classifier.architectures.backbones import BACKBONES, Backbone
from deepfake.classifier.architectures.celebdf import build_celebdf
from deepfake.classifier.foreign.adapting import PIXELS, scale_pixels, swap_classes
from deepfake.errors import ForeignWeightsError
from tests.classifier.architectures.one_step import what_the_network_sees
from tests.tiny_recipe import TINY_BACKBONE, Tiny

SIDE = 16


def celebdf() -> Any:
    keras.utils.set_random_seed(0)
    return build_celebdf(input_side_px=SIDE, activation="leaky_relu", name="celebdf")


def test_one_minus_the_score_is_the_score_after_a_swap() -> None:
    model = celebdf()
    model.get_layer("score").bias.assign([0.7])
    crops = np.random.default_rng(0).uniform(0, 255, (8, SIDE, SIDE, 3)).astype(np.float32)
    before = np.asarray(model(crops, training=False))
    swap_classes(model)
    after = np.asarray(model(crops, training=False))
    assert np.ptp(before) > 1e-3
    np.testing.assert_allclose(after, 1 - before, atol=1e-6)


@pytest.mark.parametrize(
    ("pixels", "seen"), [("recipe", 0.2), ("unit", 0.2), ("signed", -0.6), ("raw", 51.0)]
)  # 51 of 255 is a fifth
def test_a_gray_of_51_is_scaled_as_asked(pixels: str, seen: float) -> None:
    model = celebdf()
    scale_pixels(model, pixels, None)
    assert what_the_network_sees(model, "rescale", 51.0) == pytest.approx([seen] * 3, abs=1e-5)


def test_another_scaling_stays_in_the_saved_model(tmp_path: Any) -> None:
    model = celebdf()
    scale_pixels(model, "signed", None)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert what_the_network_sees(loaded, "rescale", 51.0) == pytest.approx([-0.6] * 3, abs=1e-5)


def test_every_choice_is_known() -> None:
    assert PIXELS == ("recipe", "unit", "signed", "raw", "applications")


def test_a_network_of_its_own_is_no_application() -> None:
    with pytest.raises(ForeignWeightsError, match=r"networks of keras\.applications"):
        scale_pixels(celebdf(), "applications", None)


def test_a_network_that_does_more_than_to_scale_takes_no_range() -> None:
    inputs = keras.Input((SIDE, SIDE, 3))
    model = keras.Model(inputs, keras.layers.Normalization(mean=0.0, variance=1.0, name="rescale")(inputs))
    with pytest.raises(ForeignWeightsError, match="does more to its pixels than to scale them"):
        scale_pixels(model, "unit", None)


def test_published_and_foreign_weights_are_each_adapted_by_their_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    backbone = Backbone(
        build=TINY_BACKBONE.build,
        scaling=TINY_BACKBONE.scaling,
        application=lambda: None,
        adapt_published=lambda model: told.append(f"published {model.name}"),
        adapt_foreign=lambda model: told.append(f"foreign {model.name}"),
    )
    monkeypatch.setitem(BACKBONES, "tiny", backbone)
    model = Tiny().build()
    scale_pixels(model, "recipe", "tiny")
    assert told == ["foreign backbone"]
    scale_pixels(model, "applications", "tiny")
    assert told[1:] == ["foreign backbone", "published backbone"]


@pytest.mark.parametrize(
    ("variance", "after"),
    [
        ((0.229, 0.224, 0.225), (0.229**2, 0.224**2, 0.225**2)),  # of published weights: std, and a second division
        ((0.229**2, 0.224**2, 0.225**2), (0.229**2, 0.224**2, 0.225**2)),  # ours
        ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),  # never told of ImageNet
    ],
)
def test_an_efficientnet_built_on_published_weights_divides_by_the_deviation_once(
    variance: tuple[float, ...], after: tuple[float, ...]
) -> None:
    adapt = BACKBONES["efficientnetb0"].adapt_foreign
    assert adapt is not None
    inputs = keras.Input((SIDE, SIDE, 3))
    model = keras.Model(inputs, keras.layers.Normalization()(inputs))
    layer = model.layers[-1]
    layer.adapt_mean.assign([0.5, 0.5, 0.5])
    layer.adapt_variance.assign(variance)
    layer.finalize_state()
    adapt(model)
    np.testing.assert_allclose(np.asarray(layer.adapt_variance), after, rtol=1e-5)
