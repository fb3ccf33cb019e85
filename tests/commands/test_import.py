"""`import`: a network trained elsewhere, from its file to a model folder that says what is known of it, and no more."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deepfake.__main__ import main
from deepfake.classifier.card import read_card
from deepfake.classifier.classifier import load_classifier
from deepfake.doctor.models import check_portrait
from deepfake.media.images import RGBImage
from tests.weight_files import MEMBER, archive, by_kind, declaring, write_by_name

SIDE = 16
_PER_CLASS = 30


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory, astronaut_pixels: RGBImage) -> Path:
    """One face in many lights; the fakes have a green cast."""
    folder = tmp_path_factory.mktemp("faces")
    face = astronaut_pixels[20:240, 100:320].astype(np.float64)
    for label, cast in (("real", 0), ("fake", 70)):
        (folder / label).mkdir()
        for number in range(_PER_CLASS):
            lit = face * (0.5 + 0.02 * number) + np.array([0, cast, 0])
            picture = np.clip(lit if number % 2 else lit[:, ::-1], 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(folder / label / f"{label}{number:02}.png")
    return folder


def green_finder(*, sign: float = 1.0) -> list[tuple[str, list[np.ndarray]]]:
    """Weights of celebdf-leakyrelu that look for more green than red, and at nothing else; see `score_by_hand`."""
    shapes = [(3, 3, 3, 32), (3, 3, 32, 64), (3, 3, 64, 128)]
    kernels = [np.zeros(shape, np.float32) for shape in shapes]
    kernels[0][1, 1, :2, 0] = -4, 4
    kernels[1][1, 1, 0, 0] = kernels[2][1, 1, 0, 0] = 1
    dense = np.zeros((4, 128, 1), np.float32)
    dense[:, 0] = sign / 4
    layers = [
        (f"conv2d_{number}", [kernel, np.zeros(kernel.shape[-1], np.float32)])
        for number, kernel in enumerate(kernels, 4)
    ]
    return [*layers, ("dense_1", [dense.reshape(512, 1), np.array([-0.5 * sign], np.float32)])]


def score_by_hand(crops: np.ndarray) -> np.ndarray:
    """Of `green_finder`: the largest 4 (green - red) of each of four fields, negative ones a thousandth, their mean."""
    more = 4 * (crops[..., 1] - crops[..., 0]) / 255
    fields = more.reshape(len(crops), 2, 8, 2, 8).max(axis=(2, 4)).reshape(len(crops), 4)
    return 1 / (1 + np.exp(0.5 - np.where(fields > 0, fields, 0.001 * fields).mean(axis=1)))


def write_h5(path: Path, layers: list[tuple[str, list[np.ndarray]]]) -> Path:
    """As Keras 2 wrote it."""
    return write_by_name(
        path, {name: {f"{name}/kernel:0": kernel, f"{name}/bias:0": bias} for name, (kernel, bias) in layers}
    )


def write_keras(path: Path, layers: list[tuple[str, list[np.ndarray]]], config: bytes = b"{}") -> Path:
    """As Keras 3 does."""
    places = ("layers/conv2d", "layers/conv2d_1", "layers/conv2d_2", "layers/dense")
    weights = by_kind({place: arrays for place, (_, arrays) in zip(places, layers, strict=True)})
    path.write_bytes(archive([("config.json", config), (MEMBER, weights)]))
    return path


class Place:
    """Where models are imported to, with the crops that all imports of this file share."""

    def __init__(self, faces: Path, models: Path, cache: Path) -> None:
        self.faces, self.models, self._cache = faces, models, cache

    def run(self, file: Path, *more: str, recipe: str = "celebdf-leakyrelu", data: Path | None = None) -> int:
        """Import, and return the exit code."""
        places = ["--data", str(data or self.faces), "--models-dir", str(self.models), "--cache-dir", str(self._cache)]
        size = [] if "--set" in more else ["--set", f"input_side_px={SIDE}"]
        return main(["import", str(file), "--recipe", recipe, *places, *size, *more])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def place(faces: Path, tmp_path: Path, cache: Path) -> Place:
    return Place(faces, tmp_path / "models", cache)


@pytest.fixture(scope="module")
def imported(faces: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that was imported from a notebook's file; read it, leave it as it is."""
    base = tmp_path_factory.mktemp("imported")
    one = Place(faces, base / "models", cache)
    assert one.run(write_h5(base / "old notebook.h5", green_finder()), "--name", "old") == 0
    return base / "models" / "old"


def test_a_whole_model_is_written_and_no_log_of_a_training_that_nobody_saw(imported: Path) -> None:
    written = ["card.json", "evaluation.json", "model.keras", "model.tflite"]
    assert sorted(path.name for path in imported.iterdir()) == written
    assert [path.name for path in imported.parent.iterdir()] == ["old"]


def test_it_scores_as_its_numbers_do_by_hand(imported: Path) -> None:
    crops = np.random.default_rng(0).uniform(0, 255, (6, SIDE, SIDE, 3)).astype(np.float32)
    crops[:3, ..., 1] /= 4
    scores = load_classifier(imported).scores(crops)
    np.testing.assert_allclose(scores, score_by_hand(crops.astype(np.float64)), atol=1e-6)
    assert np.ptp(scores) > 0.1


def test_its_card_says_what_it_makes_of_the_self_test_picture(imported: Path) -> None:
    assert check_portrait(load_classifier(imported)).grade == "fine"


def test_it_is_chosen_on_validation_and_measured_on_test_faces(imported: Path) -> None:
    card, evaluation = read_card(imported / "card.json"), json.loads((imported / "evaluation.json").read_text())
    ((name, measured),) = evaluation["sets"].items()
    splits = card.chosen_on[name]["splits"]
    assert evaluation["split"] == "test"
    assert (measured["num_real"], measured["num_fake"]) == (splits["test"]["real"], splits["test"]["fake"])
    assert measured["metrics"]["auc"]["value"] == 1.0  # every fake is greener than every real face
    assert 0.5 <= card.rules.threshold < 1
    assert set(evaluation["robustness"][name]) >= {"jpeg_quality_50", "half_size"}


def test_the_card_says_where_it_comes_from_and_that_the_rest_is_not_known(imported: Path) -> None:
    card = read_card(imported / "card.json")
    assert card.imported is not None
    file = imported.parents[1] / card.imported.file
    assert file.name == "old notebook.h5"
    assert card.imported.sha256 == hashlib.sha256(file.read_bytes()).hexdigest() != card.weights_sha256
    assert (card.training_data, card.best_epoch) == ({}, None)
    assert not any(card.learned_from(name) for name in card.chosen_on)
    assert card.recipe.keys() == {"name", "input_side_px", "margin", "detector", "seed"}
    said = " ".join([*card.limits, card.title, card.licence])
    assert "imported" in card.title
    assert "what it learned from is not known here" in said
    assert "if it did, the numbers shown here are too good" in said
    assert "It learned from" not in said
    assert "terms are not known" in card.licence


def test_no_set_is_called_training_data(imported: Path) -> None:
    values = json.loads((imported / "card.json").read_text())
    assert values.pop("training_data") == {}
    assert "training" not in json.dumps(values)


def test_lists_and_comparisons_say_so_too(
    imported: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPFAKE_MODELS", str(imported.parent))
    assert main(["models"]) == 0
    assert "What it learned from is not known, so these may be too good." in capsys.readouterr().out
    assert main(["models", "--tables", "old"]) == 0
    assert "| 1.000 |" in capsys.readouterr().out
    assert main(["compare"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| old |")]
    assert "| celebdf-leakyrelu | imported from old notebook.h5 |" in row
    assert "| not known | test |" in row


def test_evaluate_measures_the_test_split_again_and_does_not_call_it_unseen(
    imported: Path, faces: Path, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPFAKE_MODELS", str(imported.parent))
    assert main(["evaluate", str(faces), "--model", "old", "--cache-dir", str(cache)]) == 0
    said = capsys.readouterr().out
    assert "split test, imported model: whether it learned from this set is not known" in said
    assert "cross-data-set" not in said and "in-data-set" not in said


def test_a_keras_3_file_of_the_same_numbers_gives_the_same_scores_and_its_doubts_are_said(
    place: Place, imported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place.run(write_keras(tmp_path / "My model (2).keras", green_finder())) == 0
    said = capsys.readouterr()
    assert "| test set |" in said.out
    assert "imported-My-model-2" in said.out
    assert "what it learned from is not known here" in said.err
    crops = np.random.default_rng(1).uniform(0, 255, (6, SIDE, SIDE, 3)).astype(np.float32)
    found = load_classifier(place.models / "imported-My-model-2").scores(crops)
    np.testing.assert_allclose(found, load_classifier(imported).scores(crops), atol=1e-6)


def test_a_model_that_calls_fakes_0_stops_before_any_test_split_and_says_how_to_mend_it(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_h5(tmp_path / "turned.h5", green_finder(sign=-1))
    with monkeypatch.context() as patch:
        patch.setattr("deepfake.evaluation.publish.publish_model", lambda *_, **__: pytest.fail("it was measured"))
        assert place.run(file) == 2
    said = capsys.readouterr().err
    assert "image AUC 0.000 [0.000, 0.000]" in said
    assert "say --fake-is 0 to turn its scores around" in said
    assert not place.models.exists()

    assert place.run(file, "--fake-is", "0") == 0
    capsys.readouterr()
    classifier = load_classifier(place.models / "imported-turned")
    assert classifier.card.imported is not None and classifier.card.imported.fake_is == 0
    crops = np.random.default_rng(0).uniform(0, 255, (4, SIDE, SIDE, 3)).astype(np.float32)
    np.testing.assert_allclose(classifier.scores(crops), score_by_hand(crops.astype(np.float64)), atol=1e-6)


def test_who_insists_gets_it_with_a_warning_and_with_the_pixels_asked_for(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_h5(tmp_path / "turned.h5", green_finder(sign=-1))
    assert place.run(file, "--fake-is", "1", "--pixels", "signed") == 0
    assert "it gives real faces the higher scores" in capsys.readouterr().err
    classifier = load_classifier(place.models / "imported-turned")
    origin = classifier.card.imported
    assert origin is not None and (origin.fake_is, origin.pixels) == (1, "signed")
    crops = np.random.default_rng(0).uniform(0, 255, (4, SIDE, SIDE, 3)).astype(np.float32)
    # -1..1 doubles every difference; borders are padded with zeros, at which this network does not look
    expected = 1 - score_by_hand(2 * crops.astype(np.float64))
    np.testing.assert_allclose(classifier.scores(crops), expected, atol=1e-6)


def test_a_lambda_in_the_file_is_never_run(place: Place, tmp_path: Path) -> None:
    """In its config as Keras writes it, marshalled code that leaves a mark; read by Keras, it would."""
    import keras

    mark = tmp_path / "executed"
    body = f"lambda x: (__import__('pathlib').Path({str(mark)!r}).touch(), x)[1]"
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), keras.layers.Lambda(eval(body))])
    for name, arrays in green_finder():
        if name == "dense_1":
            model.add(keras.layers.Flatten())
            model.add(keras.layers.Dense(1, activation="sigmoid"))
        else:
            model.add(keras.layers.Conv2D(arrays[0].shape[-1], 3, padding="same"))
            model.add(keras.layers.LeakyReLU(negative_slope=0.1))
            model.add(keras.layers.MaxPooling2D())
    model.set_weights([array for _, arrays in green_finder() for array in arrays])
    model.save(tmp_path / "trap.keras")
    mark.unlink(missing_ok=True)
    assert place.run(tmp_path / "trap.keras") == 0
    assert not mark.exists()
    keras.saving.load_model(tmp_path / "trap.keras", safe_mode=False)
    assert mark.exists()


def damaged(path: Path, kind: str) -> Path:
    layers = green_finder()
    if kind == "NaN":
        layers[3][1][0][7] = np.nan
    if kind == "extra layer":
        layers.append(("dense_2", [np.ones((1, 1), np.float32), np.ones(1, np.float32)]))
    if kind == "other shape":
        layers[3][1][0] = np.ones((2048, 1), np.float32)
    write_h5(path, layers)
    if kind == "cut off":
        path.write_bytes(path.read_bytes()[:20_000])
    if kind == "bomb":
        path.write_bytes(declaring(b"few", 601_000_000))
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("NaN", "not finite numbers"),
        ("extra layer", "'dense_2/dense_2' with shape 1 x 1 and 1 has no counterpart"),
        ("other shape", "has shape 2048 x 1 and 1, where 'score' of the recipe has shape 512 x 1 and 1"),
        ("cut off", "damaged or cut off"),
        ("bomb", "takes more than 600 MB"),
    ],
)
def test_a_bad_file_is_refused_before_the_data_are_read(
    place: Place, tmp_path: Path, kind: str, said: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("deepfake.training.importing.RECIPES", {})  # to build them all for a hint takes half a minute
    assert place.run(damaged(tmp_path / "bad.h5", kind), data=tmp_path / "no such folder") == 2
    error = capsys.readouterr().err
    assert said in error and "Expected" in error
    assert not place.models.exists()


@pytest.mark.parametrize(
    ("file", "more", "said"),
    [
        ("model.pt", [], "ends in '.pt'"),
        ("model.h5", [], "cannot be read"),
        ("model.h5", ["--name", "../elsewhere"], "no path"),
        ("model.h5", ["--name", ".hidden"], "no path"),
        ("model.h5", ["--set", "epochs=3"], "have a say in training alone"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(
    place: Place, tmp_path: Path, file: str, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place.run(tmp_path / file, *more) == 2
    assert said in capsys.readouterr().err


def test_a_model_is_not_replaced_without_a_word(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.models / "imported-x").mkdir(parents=True)
    file = write_h5(tmp_path / "x.h5", green_finder())
    assert place.run(file) == 2
    assert "--overwrite" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["fake", "real"])
def test_faces_of_one_class_measure_nothing(
    place: Place, tmp_path: Path, faces: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one_class = tmp_path / "one class"
    for label in ("real", "fake"):
        (one_class / label).mkdir(parents=True)
        if label != missing:
            for path in sorted((faces / label).iterdir()):
                (one_class / label / path.name).symlink_to(path)
    assert place.run(write_h5(tmp_path / "x.h5", green_finder()), data=one_class) == 2
    error = capsys.readouterr().err
    assert "Expected" in error and "real" in error and "fake" in error
    assert not place.models.exists()


def test_two_sets_of_one_name_are_refused(
    place: Place, tmp_path: Path, faces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "twin" / faces.name).parent.mkdir()
    (tmp_path / "twin" / faces.name).symlink_to(faces)
    more: Any = ["--data", str(faces), str(tmp_path / "twin" / faces.name)]
    assert place.run(write_h5(tmp_path / "x.h5", green_finder()), *more) == 2
    assert "same name" in capsys.readouterr().err
