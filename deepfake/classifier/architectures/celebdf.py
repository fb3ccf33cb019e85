"""Three convolutions and one fully connected layer, as first tried on Celeb-DF v2.

What the sources leave open is chosen here: 32, 64 and 128 filters of 3x3, "same" padding, pixels scaled to 0..1.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

FILTERS = (32, 64, 128)


def build_celebdf(*, input_side_px: int, activation: str, name: str) -> Any:
    """Build convolution, activation and max-pooling three times, then one fully connected layer.

    Args:
        input_side_px: Side of the square input.
        activation: "prelu" (He et al., "Delving deep into rectifiers", ICCV 2015: a learned slope a channel, at
            first 0.25) or "leaky_relu" (a fixed slope of 0.1).
        name: Of the model.

    Returns:
        An uncompiled `keras.Model`: (n, side, side, 3) RGB 0..255 in, (n, 1) score for fake out, 0..1.

    Raises:
        ValueError: Unknown activation.
    """
    if activation not in ("prelu", "leaky_relu"):
        raise ValueError(f"Unknown activation {activation!r}. Expected 'prelu' or 'leaky_relu'.")
    inputs = keras.Input((input_side_px, input_side_px, 3), name="rgb")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    for number, filters in enumerate(FILTERS, start=1):
        x = layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal", name=f"conv{number}")(x)
        if activation == "prelu":
            x = layers.PReLU(
                shared_axes=(1, 2), alpha_initializer=keras.initializers.Constant(0.25), name=f"prelu{number}"
            )(x)
        else:
            x = layers.LeakyReLU(negative_slope=0.1, name=f"leaky_relu{number}")(x)
        x = layers.MaxPooling2D(name=f"pool{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    # float32 also under mixed precision: a sigmoid in float16 saturates early
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")(x)
    return keras.Model(inputs, outputs, name=name)
