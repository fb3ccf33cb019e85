"""One training step spread over the devices of a machine: each takes its share of every batch.

The recipe's batch size is that of the whole step, however many devices share it, and BatchNormalization takes its
statistics over all of them. So a run is the same on one device and on many, up to rounding, but for dropout, since each
device's share gets the same masks; and a run that was killed may go on with another number of devices.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import keras
import tensorflow as tf

from deepfake.classifier.architectures.pretrained import all_layers
from deepfake.errors import TrainingError
from deepfake.training.batches import TrainingRows, batches
from deepfake.training.recipes import Recipe

ALL = "all"


def count_devices(wanted: str) -> int:
    """How many devices a person means: GPUs where there are any, else processors.

    Args:
        wanted: A number, or "all".

    Raises:
        TrainingError: Neither, or more than this machine has.
    """
    found = _devices()
    if wanted == ALL:
        return len(found)
    if not wanted.isdecimal() or not 1 <= int(wanted) <= len(found):
        names = ", ".join(device.name for device in found)
        raise TrainingError(
            f"--devices received {wanted!r}. Expected {ALL!r} or a number from 1 to {len(found)}: this machine shows "
            f"TensorFlow {names}. Use fewer, or see that the driver of the others is installed."
        )
    return int(wanted)


def strategy_over(num_devices: int, recipe: Recipe) -> Any:
    """The `tf.distribute.Strategy` in whose scope a model is built and compiled; with one device it changes nothing.

    Raises:
        TrainingError: The recipe's batch cannot be shared out evenly.
    """
    if recipe.batch_size % num_devices:
        raise TrainingError(
            f"A batch of {recipe.batch_size} crops was to be shared by {num_devices} devices. Expected a batch size "
            f"that {num_devices} divides. Set it with --set batch_size=..."
        )
    if num_devices == 1:
        return tf.distribute.get_strategy()
    return _mirrored(num_devices)


@cache
def _mirrored(num_devices: int) -> Any:
    """One for all runs of this process: each numbers its messages between devices from the same start on."""
    return tf.distribute.MirroredStrategy([device.name for device in _devices()[:num_devices]])


def settle(model: Any) -> None:
    """Ready a compiled model for the devices it was built on; a checkpoint may come from another number of them."""
    several = model.distribute_strategy.num_replicas_in_sync > 1
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = several
    if several:
        model.jit_compile = False  # Keras compiles the step of all devices as one, and XLA knows but one device


def feed(rows: Sequence[TrainingRows], recipe: Recipe, *, first_epoch: int) -> Any:
    """`batches` as a `tf.data.Dataset` that starts anew whenever it is asked for its first element.

    Over several devices Keras takes a batch to build the model, and then starts again; of a bare generator that
    batch, and those read ahead, would be lost, and the epochs shifted.
    """
    side = recipe.input_side_px
    shapes = ((recipe.batch_size, side, side, 3), (recipe.batch_size, 1), (recipe.batch_size,))
    dataset = tf.data.Dataset.from_generator(
        lambda: batches(rows, recipe, first_epoch=first_epoch),
        output_signature=tuple(tf.TensorSpec(shape, tf.float32) for shape in shapes),
    )
    return dataset.prefetch(tf.data.AUTOTUNE)


def _devices() -> list[Any]:
    return list(tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU"))
