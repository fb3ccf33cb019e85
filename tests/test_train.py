"""The door to training: what it lists, what it refuses before any work, and experiments that leave the test unseen."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import train
from deepfake.classifier.architectures.backbones import BACKBONES
from deepfake.classifier.card import read_card
from deepfake.media.images import RGBImage
from deepfake.training.recipes import RECIPES
from tests.tiny_recipe import TINY_BACKBONE, Tiny


def test_the_list_has_a_line_for_each_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == list(RECIPES)
    assert all(len(line.split(": ", 1)[1]) > 20 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "vgg"], "no recipe 'vgg'"),
        (["--set", "colour=red"], "no knob 'colour'"),
        (["--set", "batch_size=big"], "Expected a whole number"),
        (["--set", "loss=hinge"], "Expected one of: binary_crossentropy"),
        (["--epochs", "0"], "epochs 0. Expected a number at least 1"),
        (["--devices", "99"], "--devices received '99'"),
        (["--backbone-weights", "none"], "no knob 'backbone_weights'"),
        (["--recipe", "efficientnet-lite0"], "tools/convert_lite0.py"),
        (["--recipe", "resnet50", "--backbone-weights", "nowhere.h5"], "There is no file nowhere.h5"),
    ],
)
def test_what_no_run_can_start_with_is_refused_before_the_data_are_read(
    arguments: list[str], message: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    assert train.main([*arguments, "--data", str(tmp_path / "no such folder")]) == 2
    assert message in caplog.text
    assert "no such folder" not in caplog.text


@pytest.fixture(scope="module")
def lit_faces(tmp_path_factory: pytest.TempPathFactory, astronaut_pixels: RGBImage) -> Path:
    """One face in many lights; the fakes have a green cast."""
    folder = tmp_path_factory.mktemp("faces")
    face = astronaut_pixels[20:240, 100:320].astype(np.float64)
    for label, cast in (("real", 0), ("fake", 70)):
        (folder / label).mkdir()
        for number in range(24):
            lit = face * (0.5 + 0.03 * number) + np.array([0, cast, 0])
            picture = np.clip(lit if number % 2 else lit[:, ::-1], 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(folder / label / f"{label}{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory, lit_faces: Path) -> Path:
    """What train.py makes of a pretrained recipe, from weights in a file, without a look at the test splits.

    A second set, "elsewhere", is only measured.
    """
    base = tmp_path_factory.mktemp("trained")
    shutil.copytree(lit_faces, base / "elsewhere")
    TINY_BACKBONE.build(32).save_weights(base / "tiny.weights.h5")
    folders = ["--models-dir", base / "models", "--runs-dir", base / "runs", "--cache-dir", base / "cache"]
    knobs = ["--set", "input_side_px=40", "--set", "head_epochs=1", "--set", "dense_units=4", "--epochs", 2]
    what = ["--recipe", "tiny", "--backbone-weights", base / "tiny.weights.h5", "--no-test"]
    what += ["--measure", base / "elsewhere", "--set", "crops_per_set=20", "--no-robustness"]
    arguments = [str(one) for one in ["--data", lit_faces, "--name", "try", *what, *knobs, *folders]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
        patch.setitem(RECIPES, "tiny", Tiny())
        assert train.main(arguments) == 0
    return base / "models" / "try"


def test_the_card_stores_the_knobs_that_were_set_and_what_the_backbone_started_from(experiment: Path) -> None:
    card = json.loads((experiment / "card.json").read_text(encoding="utf-8"))
    used = card["recipe"]
    assert (used["input_side_px"], used["head_epochs"], used["dense_units"], used["epochs"]) == (40, 1, 4, 2)
    assert used["backbone_weights"].startswith("tiny.weights.h5, sha256 ")
    assert card["title"] == "Tiny, 40 x 40 pixels"
    assert card["architecture"] == "tiny"
    assert card["crop"]["side_px"] == 40


def test_an_experiment_is_measured_on_validation_splits_and_says_so(experiment: Path) -> None:
    card = json.loads((experiment / "card.json").read_text(encoding="utf-8"))
    evaluation = json.loads((experiment / "evaluation.json").read_text(encoding="utf-8"))
    data, measured = next(iter(card["training_data"].values())), next(iter(evaluation["sets"].values()))
    assert evaluation["split"] == card["metrics"]["split"] == "valid"
    assert measured["num_real"] == data["splits"]["valid"]["real"]
    assert any("validation splits" in limit for limit in card["limits"])


def test_a_set_that_is_only_measured_is_no_training_data_and_not_in_the_mean(experiment: Path) -> None:
    card = read_card(experiment / "card.json")
    evaluation = json.loads((experiment / "evaluation.json").read_text(encoding="utf-8"))
    taught, unseen = evaluation["sets"]
    assert unseen == "elsewhere"
    assert (card.learned_from(taught), card.learned_from(unseen)) == (True, False)
    assert card.training_data[unseen]["role"] == "left out"
    assert evaluation["macro"]["auc"]["value"] == evaluation["sets"][taught]["metrics"]["auc"]["value"]
    few = evaluation["sets"][unseen]
    assert few["num_sources"] < 10 and few["metrics"]["auc"]["low"] is None  # the log could tell it all the same


def test_worse_files_are_left_unmeasured_where_that_is_asked_for(experiment: Path) -> None:
    assert json.loads((experiment / "evaluation.json").read_text(encoding="utf-8"))["robustness"] == {}


def test_no_more_crops_of_a_set_are_learned_from_than_asked_for(experiment: Path) -> None:
    data = next(iter(read_card(experiment / "card.json").training_data.values()))
    assert data["balance"]["after"] == {"real": 10, "fake": 10}


def test_a_search_chooses_the_knobs_and_its_table_lies_beside_the_model(lit_faces: Path, tmp_path: Path) -> None:
    folders = ["--models-dir", tmp_path / "models", "--runs-dir", tmp_path / "runs", "--cache-dir", tmp_path / "cache"]
    small = ["input_side_px=16", "blocks=4", "dense_units=4", "steps_per_epoch=2", "batch_size=8", "self_blended=0"]
    knobs = [word for knob in small for word in ("--set", knob)]
    how = ["--name", "found", "--no-test", "--epochs", 2, "--tune", 2, "--tune-epochs", 1, "--devices", "all"]
    assert train.main([str(one) for one in ["--data", lit_faces, *folders, *knobs, *how]]) == 0
    folder = tmp_path / "models" / "found"
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    searched = ["learning_rate", "weight_decay", "dense_dropout", "augment_strength"]  # all that was not set
    with (folder / "trials.csv").open(newline="", encoding="utf-8") as file:
        trials = list(csv.DictReader(file))
    assert list(trials[0]) == ["trial", "val_auc", "best_epoch", "num_epochs", *searched, "failure"]
    assert [trial["num_epochs"] for trial in trials] == ["1", "1"]
    best = max(trials, key=lambda trial: float(trial["val_auc"]))
    assert {knob: float(best[knob]) for knob in searched} == {knob: card["recipe"][knob] for knob in searched}
    assert (card["recipe"]["epochs"], card["recipe"]["batch_size"]) == (2, 8)
    assert card["notes"]["search"]["best_trial"] == int(best["trial"])
    assert not (tmp_path / "runs" / "found").exists()


@pytest.mark.parametrize("arguments", [["--tune-epochs", "3"], ["--tune", "many"]])
def test_options_of_a_search_that_say_nothing_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        train.main(arguments)
    assert ended.value.code == 2


def test_a_model_with_a_backbone_loads_and_scores_as_any_other(experiment: Path) -> None:
    from deepfake.classifier.classifier import load_classifier

    classifier = load_classifier(experiment)
    crops = np.random.default_rng(0).uniform(0, 255, (3, 40, 40, 3)).astype(np.float32)
    assert classifier.scores(crops).shape == (3,)
