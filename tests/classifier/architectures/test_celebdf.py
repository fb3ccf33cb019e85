from __future__ import annotations

import numpy as np
import pytest

from deepfake.classifier.architectures.celebdf import build_celebdf
from tests.classifier.architectures.one_step import assert_one_step_changes_every_kernel, what_the_network_sees

# convolutions 3*3*3*32 + 32 = 896, 3*3*32*64 + 64 = 18,496, 3*3*64*128 + 128 = 73,856; at 16 px flat 2*2*128 = 512,
# so the score has 513
CONVOLUTIONS, SCORE_AT_16 = 896 + 18_496 + 73_856, 513
SLOPES = 32 + 64 + 128  # one a channel


@pytest.mark.parametrize(("activation", "slopes"), [("prelu", SLOPES), ("leaky_relu", 0)])
def test_the_parameters_are_those_counted_by_hand(activation: str, slopes: int) -> None:
    model = build_celebdf(input_side_px=16, activation=activation, name="x")
    assert model.count_params() == CONVOLUTIONS + slopes + SCORE_AT_16


@pytest.mark.parametrize(("activation", "kind"), [("prelu", "PReLU"), ("leaky_relu", "LeakyReLU")])
def test_it_is_three_convolutions_and_one_fully_connected_layer(activation: str, kind: str) -> None:
    model = build_celebdf(input_side_px=128, activation=activation, name="x")
    block = ["Conv2D", kind, "MaxPooling2D"]
    assert [type(layer).__name__ for layer in model.layers] == [
        "InputLayer", "Rescaling", *block, *block, *block, "Flatten", "Dense",
    ]  # fmt: skip
    assert model.get_layer("flatten").output.shape == (None, 16 * 16 * 128)


def test_leaky_relu_lets_a_tenth_of_the_negative_pass() -> None:
    layer = build_celebdf(input_side_px=16, activation="leaky_relu", name="x").get_layer("leaky_relu1")
    assert np.asarray(layer(np.array([-1.0, 2.0]))) == pytest.approx([-0.1, 2])


def test_prelu_starts_at_a_quarter_and_learns_its_slopes() -> None:
    model = build_celebdf(input_side_px=16, activation="prelu", name="x")
    slopes = model.get_layer("prelu2").trainable_weights[0]
    assert slopes.shape == (1, 1, 64)
    assert np.all(slopes.numpy() == 0.25)


@pytest.mark.parametrize(("pixel", "seen"), [(0, 0), (255, 1)])
def test_pixels_of_0_to_255_are_scaled_inside(pixel: float, seen: float) -> None:
    model = build_celebdf(input_side_px=16, activation="prelu", name="x")
    assert what_the_network_sees(model, "rescale", pixel) == pytest.approx([seen] * 3)


@pytest.mark.parametrize("activation", ["prelu", "leaky_relu"])
def test_one_step_changes_every_layer(activation: str) -> None:
    assert_one_step_changes_every_kernel(build_celebdf(input_side_px=16, activation=activation, name="x"), 16)


def test_another_activation_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'prelu' or 'leaky_relu'"):
        build_celebdf(input_side_px=16, activation="relu", name="x")
