"""What every architecture must do, whatever its layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def tiny_data(side_px: int, *, num_crops: int = 4) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Noise with every second crop fake and brighter: (n, side, side, 3), 0..255, and labels (n, 1)."""
    rng = np.random.default_rng(0)
    labels = np.arange(num_crops, dtype=np.float32)[:, None] % 2
    crops = rng.uniform(0, 155, (num_crops, side_px, side_px, 3)) + 100 * labels[:, :, None, None]
    return crops.astype(np.float32), labels


def assert_one_step_changes_every_kernel(model: Any, side_px: int) -> None:
    """Train one step, and look at scores and weights."""
    import keras

    crops, labels = tiny_data(side_px)
    kernels = [one for one in model.trainable_weights if one.path.endswith("kernel")]
    before = [keras.ops.convert_to_numpy(one) for one in kernels]
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", run_eagerly=True)  # tracing takes longer
    loss = model.train_on_batch(crops, labels)
    after = [keras.ops.convert_to_numpy(one) for one in kernels]
    assert np.isfinite(loss)
    assert len(kernels) > 0
    assert [one.path for one, old, new in zip(kernels, before, after, strict=True) if np.array_equal(old, new)] == []
    scores = keras.ops.convert_to_numpy(model(crops, training=False))
    assert scores.shape == (len(crops), 1)
    assert np.all((scores >= 0) & (scores <= 1))


def what_the_network_sees(model: Any, layer: str, value: float) -> npt.NDArray[np.float32]:
    """The three channels behind a scaling layer, for crops of one gray."""
    import keras

    side = model.input_shape[1]
    upto = keras.Model(model.inputs[0], model.get_layer(layer).output)
    seen = upto(np.full((1, side, side, 3), value, np.float32), training=False)
    return np.asarray(keras.ops.convert_to_numpy(seen))[0, side // 2, side // 2]
