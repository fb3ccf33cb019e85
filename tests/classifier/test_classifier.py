from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepfake.classifier.calibration import Calibration
from deepfake.classifier.card import read_card, write_card
from deepfake.classifier.classifier import (
    CARD_FILE,
    WEIGHTS_FILE,
    Classifier,
    compile_scorer,
    load_classifier,
    sha256_of,
    verify_weights,
)
from deepfake.errors import InvalidCardError, ModelError, WeightsMismatchError
from deepfake.media.crops import Crops
from tests.fakes import constant, make_card, make_classifier, never


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may spoil."""
    return Path(shutil.copytree(model_folder, tmp_path / "tiny"))


@pytest.fixture(scope="module")
def loaded(model_folder: Path) -> Classifier:
    return load_classifier(model_folder)


def random_crops(count: int) -> Crops:
    return np.random.default_rng(0).uniform(0, 255, (count, 64, 64, 3)).astype(np.float32)


def test_scores_come_in_the_order_of_the_crops() -> None:
    crops = np.stack([np.full((64, 64, 3), gray, np.float32) for gray in (255, 0, 51)])
    assert make_classifier().scores(crops) == pytest.approx([1.0, 0.0, 0.2])


def test_more_crops_than_a_batch_are_all_judged_in_order() -> None:
    crops = np.stack([np.full((64, 64, 3), gray, np.uint8) for gray in range(256)] * 2)
    scores = make_classifier().scores(crops.astype(np.float32))
    assert scores == pytest.approx(np.tile(np.arange(256) / 255, 2), abs=1e-6)


def test_no_crops_give_no_scores_and_ask_no_model() -> None:
    scores = make_classifier(never).scores(np.zeros((0, 64, 64, 3), np.float32))
    assert (scores.shape, scores.dtype) == ((0,), np.float64)


@pytest.mark.parametrize(
    "shape", [(64, 64, 3), (1, 64, 64), (1, 3, 64, 64), (1, 64, 64, 1), (1, 32, 32, 3), (1, 64, 63, 3), (0, 32, 32, 3)]
)
def test_crops_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(n, 64, 64, 3\)"):
        make_classifier(never).scores(np.zeros(shape, np.float32))


def test_probabilities_are_calibrated_scores() -> None:
    classifier = make_classifier(constant(0.8), calibration=Calibration(kind="temperature", slope=0.5))
    assert classifier.probabilities(random_crops(2)) == pytest.approx([2 / 3, 2 / 3])


def test_the_same_weights_answer_under_another_card() -> None:
    calibrated = make_classifier(constant(0.8)).with_card(make_card(calibration=Calibration(slope=0.5)))
    assert calibrated.scores(random_crops(1)) == pytest.approx([0.8])
    assert calibrated.probabilities(random_crops(1)) == pytest.approx([2 / 3])


def test_a_saved_model_gives_a_score_of_0_to_1_for_each_crop(loaded: Classifier) -> None:
    scores = loaded.scores(random_crops(5))
    assert scores.shape == (5,)
    assert np.all((scores >= 0) & (scores <= 1))
    assert len(set(scores.tolist())) == 5


def test_a_saved_model_gives_the_scores_that_keras_gives(loaded: Classifier, model_folder: Path) -> None:
    import keras

    model = keras.saving.load_model(model_folder / WEIGHTS_FILE, compile=False)
    crops = random_crops(3)
    assert loaded.scores(crops) == pytest.approx(model.predict(crops, verbose=0)[:, 0], abs=1e-6)


def test_a_score_does_not_depend_on_the_company_it_is_in(loaded: Classifier) -> None:
    crops = random_crops(130)
    assert loaded.scores(crops)[129] == pytest.approx(loaded.scores(crops[129:])[0], abs=1e-6)


def test_threads_that_judge_at_once_get_their_own_scores(loaded: Classifier) -> None:
    crops = random_crops(40)
    alone = loaded.scores(crops)

    def judge(first: int) -> bool:
        some = slice(first, first + 1 + first % 7)
        return loaded.scores(crops[some]) == pytest.approx(alone[some], abs=1e-6)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(judge, [*range(33)] * 4))


def test_whole_numbers_and_floats_of_the_same_pixels_score_the_same(loaded: Classifier) -> None:
    crops = np.rint(random_crops(2))
    assert np.array_equal(loaded.scores(crops), loaded.scores(crops.astype(np.uint8)))  # type: ignore[arg-type]


def test_a_model_that_has_learned_brightness_calls_the_bright_one_fake(tmp_path: Path) -> None:
    """Class order, end to end: label 1 is fake, and a score near 1 means fake after saving and loading."""
    import keras

    inputs = keras.Input((64, 64, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(pooled))
    model.compile(keras.optimizers.Adam(0.5), "binary_crossentropy")
    bright_is_fake = np.array([0, 1] * 8)
    crops = np.stack([np.full((64, 64, 3), 40 + 170 * label, np.float32) for label in bright_is_fake])
    model.fit(crops, bright_is_fake, epochs=15, batch_size=16, verbose=0)
    model.save(tmp_path / WEIGHTS_FILE)
    write_card(tmp_path / CARD_FILE, make_card(weights_sha256=sha256_of(tmp_path / WEIGHTS_FILE)))
    real, fake = load_classifier(tmp_path).scores(crops[:2])
    assert real < 0.2 < 0.8 < fake


def test_another_hash_is_refused(folder: Path) -> None:
    with (folder / WEIGHTS_FILE).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(WeightsMismatchError, match="damaged or was replaced"):
        load_classifier(folder)


def test_missing_weights_are_refused(folder: Path) -> None:
    (folder / WEIGHTS_FILE).unlink()
    with pytest.raises(WeightsMismatchError, match="no weights"):
        load_classifier(folder)


def test_weights_without_a_card_are_refused(folder: Path) -> None:
    (folder / CARD_FILE).unlink()
    with pytest.raises(InvalidCardError):
        load_classifier(folder)


def test_weights_that_keras_cannot_read_are_refused_though_the_hash_is_right(folder: Path) -> None:
    (folder / WEIGHTS_FILE).write_bytes(b"these are no weights")
    card = replace(read_card(folder / CARD_FILE), weights_sha256=sha256_of(folder / WEIGHTS_FILE))
    write_card(folder / CARD_FILE, card)
    with pytest.raises(ModelError, match="cannot be read"):
        load_classifier(folder)


def test_the_hash_is_sha256_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1
    assert sha256_of(tmp_path / "weights") == expected == hashlib.sha256(b"abc").hexdigest()


def test_the_right_hash_passes(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"abc")
    card = make_card(weights_sha256=sha256_of(tmp_path / "weights"))
    verify_weights(tmp_path / "weights", card)
    with pytest.raises(WeightsMismatchError):
        verify_weights(tmp_path / "weights", replace(card, weights_sha256="0" * 64))


def test_batches_of_any_size_need_no_retracing() -> None:
    import keras

    traces = 0

    class Counting(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs):  # type: ignore[no-untyped-def]
            nonlocal traces
            traces += 1
            return inputs

    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(Counting()(inputs))))
    scorer = compile_scorer(model)
    traces = 0
    for count in (1, 2, 7):
        assert scorer(np.zeros((count, 8, 8, 3), np.float32)).shape == (count,)
    assert traces == 1
