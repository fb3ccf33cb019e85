"""EfficientNet-Lite0: the widths and depths of EfficientNet-B0 for machines without an accelerator.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019; the Lite variants
(Liu, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog, 2020) leave out squeeze-and-excitation
and put ReLU6 in the place of swish.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

STEM_FILTERS = 32
HEAD_FILTERS = 1280  # Lite keeps both ends at B0's width
_NORM_EPSILON = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Blocks of one width.

    Attributes:
        kernel: Side of the depthwise kernel.
        repeats: Number of blocks.
        stride: Of the first block; the others have 1.
        expansion: Inner width over input width.
        filters: Output width.
    """

    kernel: int
    repeats: int
    stride: int
    expansion: int
    filters: int


STAGES = (
    Stage(kernel=3, repeats=1, stride=1, expansion=1, filters=16),
    Stage(kernel=3, repeats=2, stride=2, expansion=6, filters=24),
    Stage(kernel=5, repeats=2, stride=2, expansion=6, filters=40),
    Stage(kernel=3, repeats=3, stride=2, expansion=6, filters=80),
    Stage(kernel=5, repeats=3, stride=1, expansion=6, filters=112),
    Stage(kernel=5, repeats=4, stride=2, expansion=6, filters=192),
    Stage(kernel=3, repeats=1, stride=1, expansion=6, filters=320),
)
NUM_BLOCKS = sum(stage.repeats for stage in STAGES)


def build_lite0_backbone(input_side_px: int) -> Any:
    """Everything up to the 1280 feature maps, with random weights.

    "same" padding is TensorFlow's (the odd pixel goes to the right and the bottom), as in the published weights.

    Args:
        input_side_px: Side of the square input; the features have a 32nd of it.

    Returns:
        A `keras.Model`: (n, side, side, 3), RGB as (x - 127) / 128, in; (n, side / 32, side / 32, 1280) out.
    """
    inputs = keras.Input((input_side_px, input_side_px, 3), name="scaled_rgb")
    x = layers.Conv2D(STEM_FILTERS, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(inputs)
    x = _norm_relu6(x, "stem")
    number = 0
    for stage in STAGES:
        for repeat in range(stage.repeats):
            x = _block(x, stage, stride=stage.stride if repeat == 0 else 1, name=f"block{number}")
            number += 1
    x = layers.Conv2D(HEAD_FILTERS, 1, use_bias=False, name="head_conv")(x)
    x = _norm_relu6(x, "head")
    return keras.Model(inputs, x, name="efficientnet_lite0")


def _block(x: Any, stage: Stage, *, stride: int, name: str) -> Any:
    """An inverted residual (Sandler et al., "MobileNetV2", CVPR 2018): widen, filter by channel, narrow, add."""
    width = x.shape[-1]
    y = x
    if stage.expansion > 1:
        y = layers.Conv2D(width * stage.expansion, 1, use_bias=False, name=f"{name}_expand_conv")(y)
        y = _norm_relu6(y, f"{name}_expand")
    y = layers.DepthwiseConv2D(
        stage.kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(y)
    y = _norm_relu6(y, f"{name}_depthwise")
    y = layers.Conv2D(stage.filters, 1, use_bias=False, name=f"{name}_project_conv")(y)
    y = layers.BatchNormalization(epsilon=_NORM_EPSILON, name=f"{name}_project_norm")(y)
    if stride == 1 and width == stage.filters:
        y = layers.Add(name=f"{name}_add")([x, y])
    return y


def _norm_relu6(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(epsilon=_NORM_EPSILON, name=f"{name}_norm")(x)
    return layers.ReLU(6, name=f"{name}_relu6")(x)
