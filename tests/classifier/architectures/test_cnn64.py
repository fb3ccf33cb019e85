from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.classifier.architectures import Blocks, build_cnn64


def build(blocks: Blocks = ((4,), (4, 4)), side: int = 16) -> Any:
    return build_cnn64(input_side_px=side, blocks=blocks, block_dropout=0.2, dense_units=8, dense_dropout=0.5)


def test_the_parameters_are_those_counted_by_hand() -> None:
    # conv 3*3*3*4 = 108, norm 4*4 = 16; pooled 8 -> 4, flat 4*4*4 = 64; dense 64*8 + 8 = 520; score 8 + 1 = 9
    assert build(((4,),), side=8).count_params() == 108 + 16 + 520 + 9


def test_pixels_of_0_to_255_go_in_and_one_score_of_0_to_1_comes_out() -> None:
    crops = np.random.default_rng(0).uniform(0, 255, (3, 16, 16, 3)).astype(np.float32)
    scores = build().predict(crops, verbose=0)
    assert scores.shape == (3, 1)
    assert np.all((scores > 0) & (scores < 1))


def test_the_rescaling_is_inside_once_and_gives_minus_one_to_one() -> None:
    import keras

    layers = build().layers
    rescalings = [layer for layer in layers if isinstance(layer, keras.layers.Rescaling)]
    assert rescalings == [layers[1]]
    assert np.asarray(rescalings[0](np.array([0.0, 127.5, 255.0]))) == pytest.approx([-1, 0, 1])


def test_each_block_halves_the_side() -> None:
    model = build(((4,), (6, 6), (8,)), side=16)
    shapes = [model.get_layer(f"pool{number}").output.shape[1:] for number in (1, 2, 3)]
    assert shapes == [(8, 8, 4), (4, 4, 6), (2, 2, 8)]


def test_it_has_the_layers_that_the_user_asked_for() -> None:
    kinds = {type(layer).__name__ for layer in build(((4,), (4,), (4,))).layers}
    assert kinds >= {"Conv2D", "MaxPooling2D", "BatchNormalization", "SpatialDropout2D", "Dropout", "Dense"}


def test_a_trained_model_drops_nothing() -> None:
    model = build()
    crops = np.full((2, 16, 16, 3), 100, np.float32)
    assert np.array_equal(model(crops, training=False), model(crops, training=False))


def test_the_score_stays_float32_under_mixed_precision() -> None:
    import keras

    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    try:
        model = build()
    finally:
        keras.mixed_precision.set_dtype_policy(before)
    assert model.get_layer("conv1_1").compute_dtype == "float16"
    assert model.get_layer("score").compute_dtype == "float32"
