from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.classifier.architectures.cnn128 import build_cnn128
from tests.classifier.architectures.one_step import assert_one_step_changes_every_kernel, what_the_network_sees


def build(*, l2: float = 0.01) -> Any:
    return build_cnn128(input_side_px=16, l2=l2, dense_units=8, dropout=0.5)


def test_the_parameters_are_those_counted_by_hand() -> None:
    # convolutions 896 + 18,496 + 73,856; flat 2*2*128 = 512, dense 512*8 + 8 = 4,104; score 9
    assert build().count_params() == 896 + 18_496 + 73_856 + 4_104 + 9


def test_it_has_the_layers_that_its_source_names() -> None:
    block = ["Conv2D", "MaxPooling2D"]
    assert [type(layer).__name__ for layer in build().layers] == [
        "InputLayer", "Rescaling", *block, *block, *block, "Flatten", "Dropout", "Dense", "Dropout", "Dense",
    ]  # fmt: skip
    assert {build().get_layer(name).activation.__name__ for name in ("conv1", "conv2", "conv3", "dense")} == {"relu"}


def test_the_penalty_is_l2_times_the_squared_weights_of_all_layers_but_the_last() -> None:
    model = build(l2=0.01)
    kernels = [model.get_layer(name).kernel.numpy() for name in ("conv1", "conv2", "conv3", "dense")]
    expected = 0.01 * sum(float(np.square(kernel).sum()) for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("pixel", "seen"), [(0, 0), (255, 1)])
def test_pixels_of_0_to_255_are_scaled_inside(pixel: float, seen: float) -> None:
    assert what_the_network_sees(build(), "rescale", pixel) == pytest.approx([seen] * 3)


def test_one_step_changes_every_layer() -> None:
    assert_one_step_changes_every_kernel(build(), 16)
