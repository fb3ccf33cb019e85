"""The regularized CNN on 128x128 crops.

What its source leaves open is chosen here: 32, 64 and 128 filters of 3x3, "same" padding, pixels scaled to 0..1, a
hidden layer of 128.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

FILTERS = (32, 64, 128)


def build_cnn128(*, input_side_px: int, l2: float, dense_units: int, dropout: float) -> Any:
    """Build convolution, ReLU and max-pooling three times, then a hidden layer, held back by L2 and Dropout.

    Args:
        input_side_px: Side of the square input.
        l2: Penalty on the squared weights of every layer but the last.
        dense_units: Width of the hidden layer.
        dropout: Share dropped before and after it, 0..1.

    Returns:
        An uncompiled `keras.Model`: (n, side, side, 3) RGB 0..255 in, (n, 1) score for fake out, 0..1.
    """
    inputs = keras.Input((input_side_px, input_side_px, 3), name="rgb")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    for number, filters in enumerate(FILTERS, start=1):
        x = layers.Conv2D(
            filters,
            3,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
            kernel_regularizer=keras.regularizers.L2(l2),
            name=f"conv{number}",
        )(x)
        x = layers.MaxPooling2D(name=f"pool{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(dropout, name="dropout_features")(x)
    x = layers.Dense(
        dense_units,
        activation="relu",
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L2(l2),
        name="dense",
    )(x)
    x = layers.Dropout(dropout, name="dropout_dense")(x)
    # float32 also under mixed precision: a sigmoid in float16 saturates early
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")(x)
    return keras.Model(inputs, outputs, name="cnn128_regularized")
