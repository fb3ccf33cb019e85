"""A small head on a backbone that was trained on ImageNet, and which of their layers learn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
from keras import layers

from deepfake.classifier.architectures.backbones import BACKBONES

BACKBONE_LAYER = "backbone"
FREEZABLE = ("nothing", "backbone", "backbone_norms")


def build_pretrained(
    *, backbone: str, input_side_px: int, dense_units: int, l2: float, dropout: float, name: str
) -> Any:
    """Build a backbone, global average pooling, BatchNormalization, Dense, Dropout and the score.

    Args:
        backbone: A key of `BACKBONES`; its weights are random until `load_backbone_weights` fills them.
        input_side_px: Side of the square input.
        dense_units: Width of the hidden layer.
        l2: Penalty on its squared weights.
        dropout: Share dropped after it, 0..1.
        name: Of the model.

    Returns:
        An uncompiled `keras.Model`: (n, side, side, 3) RGB 0..255 in, (n, 1) score for fake out, 0..1. Its layer
        "backbone" is a model of its own.
    """
    kind = BACKBONES[backbone]
    inputs = keras.Input((input_side_px, input_side_px, 3), name="rgb")
    x = inputs if kind.scaling is None else kind.scaling()(inputs)
    network = kind.build(input_side_px)
    network.name = BACKBONE_LAYER
    x = network(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Dense(
        dense_units,
        activation="relu",
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L2(l2),
        name="dense",
    )(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    # float32 also under mixed precision: a sigmoid in float16 saturates early
    outputs = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")(x)
    return keras.Model(inputs, outputs, name=name)


def freeze(model: Any, what: str) -> None:
    """Choose what a phase leaves as it is; compile the model afterwards.

    A frozen BatchNormalization also keeps its running statistics and uses them, whatever the batch holds: those of
    small batches of faces would soon spoil what the layers behind it learned to expect.

    Args:
        model: From `build_pretrained`, or any model for "nothing".
        what: "nothing", "backbone", or "backbone_norms" (its BatchNormalization layers alone).

    Raises:
        ValueError: Another word.
    """
    if what not in FREEZABLE:
        raise ValueError(f"Unknown part {what!r} to freeze. Expected one of {', '.join(FREEZABLE)}.")
    for layer in all_layers(model):
        layer.trainable = True  # one by one: to set what is already set does nothing in Keras, nor to the layers below
    if what == "nothing":
        return
    backbone = model.get_layer(BACKBONE_LAYER)
    if what == "backbone":
        backbone.trainable = False
        return
    for layer in all_layers(backbone):
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False


def all_layers(model: Any) -> Iterator[Any]:
    """All layers in order, a model inside the model followed by its own layers."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from all_layers(layer)
