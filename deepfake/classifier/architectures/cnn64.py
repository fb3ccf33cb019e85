"""The small CNN of the default model."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

Blocks = tuple[tuple[int, ...], ...]  # filters of each convolution, block by block


def build_cnn64(
    *,
    input_side_px: int = 64,
    blocks: Blocks,
    block_dropout: float,
    dense_units: int,
    dense_dropout: float,
) -> Any:
    """Build the small CNN: blocks of Conv2D, MaxPooling, BatchNormalization and Dropout, then Dense.

    A block's last convolution is pooled before it is normalized: maxima and normalization with a positive
    scale commute, and a quarter of the pixels is left to normalize.

    Args:
        input_side_px: Side of the square input.
        blocks: Filters of the 3x3 convolutions, block by block; each block halves the side.
        block_dropout: Share of the channels dropped after each block but the first two, 0..1.
        dense_units: Width of the hidden Dense layer.
        dense_dropout: Share dropped before and after it, 0..1.

    Returns:
        An uncompiled `keras.Model`: (n, side, side, 3) RGB 0..255 in, (n, 1) score for fake out, 0..1.
    """
    inputs = keras.Input((input_side_px, input_side_px, 3), name="rgb")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescale")(inputs)
    for number, block in enumerate(blocks, start=1):
        for position, filters in enumerate(block, start=1):
            x = layers.Conv2D(
                filters,
                3,
                padding="same",
                use_bias=False,
                kernel_initializer="he_normal",
                name=f"conv{number}_{position}",
            )(x)
            if position == len(block):
                x = layers.MaxPooling2D(name=f"pool{number}")(x)
            x = layers.BatchNormalization(name=f"norm{number}_{position}")(x)
            x = layers.ReLU(name=f"relu{number}_{position}")(x)
        if number > 2:
            x = layers.SpatialDropout2D(block_dropout, name=f"dropout{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(dense_dropout, name="dropout_features")(x)
    x = layers.Dense(dense_units, activation="relu", kernel_initializer="he_normal", name="dense")(x)
    x = layers.Dropout(dense_dropout, name="dropout_dense")(x)
    # float32 also under mixed precision: a sigmoid in float16 saturates early
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")(x)
    return keras.Model(inputs, outputs, name="cnn64")
