"""A pretrained recipe whose backbone is one convolution, since to trace a real one takes half a minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import keras

from deepfake.classifier.architectures.backbones import Backbone
from deepfake.training.recipes.pretrained import Pretrained


def _build(side: int) -> Any:
    inputs = keras.Input((side, side, 3))
    x = keras.layers.Conv2D(4, 3, strides=4, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="backbone_norm")(x)
    return keras.Model(inputs, keras.layers.Dropout(0.2, name="inner_dropout")(x))


def _scaling() -> Any:
    return keras.layers.Rescaling(1 / 255, name="rescale")


TINY_BACKBONE = Backbone(build=_build, scaling=_scaling, application=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiny(Pretrained):
    """Two epochs of the head, three of fine-tuning; its backbone has to be put into `BACKBONES` first."""

    backbone: ClassVar[str] = "tiny"
    kind: ClassVar[str] = "Tiny"

    name: str = "tiny"
    summary: str = "tiny"
    backbone_weights: str = "none"
    input_side_px: int = 32
    dense_units: int = 8
    learning_rate: float = 1e-2
    fine_tune_learning_rate: float = 1e-3
    head_epochs: int = 2
    epochs: int = 5
    patience: int = 5
    plateau_patience: int = 1
    batch_size: int = 8
