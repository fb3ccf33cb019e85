from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.classifier.architectures.lite0 import NUM_BLOCKS, build_lite0_backbone


@pytest.fixture(scope="module")
def backbone() -> Any:
    return build_lite0_backbone(128)


def test_the_parameters_are_those_of_the_paper_without_its_classifying_layer(backbone: Any) -> None:
    # EfficientNet-Lite0 has 4,652,008 trained parameters, of which 1280 * 1000 + 1000 belong to the classifier
    trained = sum(int(np.prod(one.shape)) for one in backbone.trainable_weights)
    assert trained == 4_652_008 - 1_281_000


def test_it_has_the_widths_and_strides_of_b0(backbone: Any) -> None:
    outputs = [backbone.get_layer(f"block{number}_project_norm").output.shape[1:] for number in range(NUM_BLOCKS)]
    widths = [16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320]
    sides = [64, 32, 32, 16, 16, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 4]
    assert outputs == [(side, side, width) for side, width in zip(sides, widths, strict=True)]
    assert backbone.output.shape[1:] == (4, 4, 1280)


def test_it_has_neither_squeeze_and_excitation_nor_swish(backbone: Any) -> None:
    import keras

    kinds = {type(layer).__name__ for layer in backbone.layers}
    assert kinds == {"InputLayer", "Conv2D", "DepthwiseConv2D", "BatchNormalization", "ReLU", "Add"}
    assert {layer.max_value for layer in backbone.layers if isinstance(layer, keras.layers.ReLU)} == {6}


def test_blocks_that_keep_their_shape_add_their_input(backbone: Any) -> None:
    added = {layer.name for layer in backbone.layers if layer.name.endswith("_add")}
    assert added == {f"block{number}_add" for number in (2, 4, 6, 7, 9, 10, 12, 13, 14)}


def test_padding_is_that_of_tensorflow_with_the_odd_pixel_at_the_end() -> None:
    """Of an even side with stride 2, the first window starts at the first pixel; PyTorch's would start before it."""
    import keras

    backbone = build_lite0_backbone(32)
    stem = backbone.get_layer("stem_conv")
    kernel = np.zeros(stem.kernel.shape, np.float32)
    kernel[0, 0] = 1  # looks at the top left pixel of its window
    stem.set_weights([kernel])
    crops = np.arange(32 * 32 * 3, dtype=np.float32).reshape((1, 32, 32, 3))
    seen = keras.ops.convert_to_numpy(stem(crops))
    assert seen[0, 0, 0, 0] == crops[0, 0, 0].sum()
    assert seen[0, 1, 1, 0] == crops[0, 2, 2].sum()


@pytest.mark.parametrize("side", [64, 96, 224])
def test_the_same_weights_fit_any_side(side: int, backbone: Any) -> None:
    other = build_lite0_backbone(side)
    assert [one.shape for one in other.weights] == [one.shape for one in backbone.weights]
    assert other.output.shape[1] == side // 32
