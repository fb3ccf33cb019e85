from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepfake.classifier.card import ImportedFrom, read_card, write_card
from deepfake.classifier.classifier import load_network, sha256_of
from deepfake.errors import BackboneWeightsError, TrainingError
from deepfake.training.recipes import RECIPES, Recipe, find_recipe
from tests.fakes import make_card

REPO = Path(__file__).resolve().parents[2]
SHIPPED = json.loads((REPO / "models" / "cnn64" / "card.json").read_text(encoding="utf-8"))
PRETRAINED = ("efficientnetb0", "efficientnet-lite0", "efficientnet-lite0-uploads", "xception", "resnet50")


def as_json(recipe: Recipe) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(recipe.to_dict()))
    return values


def test_the_recipes_are_those_of_the_field_by_name() -> None:
    assert list(RECIPES) == [
        "cnn64", "celebdf-prelu", "celebdf-leakyrelu", "cnn128-regularized", *PRETRAINED,
    ]  # fmt: skip
    assert all(name == recipe.name for name, recipe in RECIPES.items())


def test_cnn64_still_says_on_its_card_what_the_shipped_model_says() -> None:
    written = as_json(RECIPES["cnn64"])
    assert SHIPPED["recipe"].items() <= written.items()
    assert RECIPES["cnn64"].title() == SHIPPED["title"]


def test_knobs_that_came_later_have_the_values_that_the_shipped_model_was_trained_with() -> None:
    written = as_json(RECIPES["cnn64"])
    assert {knob: value for knob, value in written.items() if knob not in SHIPPED["recipe"]} == {
        "loss": "binary_crossentropy", "optimizer": "adam", "schedule": "cosine", "steps_per_epoch": 0,
        "plateau_factor": 0.5, "plateau_patience": 3, "augmentation": "uploads", "self_blended": 0.0,
        "crops_per_set": 0, "start_from": "nothing",
    }  # fmt: skip


def test_cnn64_builds_the_shipped_model() -> None:
    import keras

    shipped = keras.saving.load_model(REPO / "models" / "cnn64" / "model.keras", compile=False)
    built = RECIPES["cnn64"].build()
    assert [layer.name for layer in built.layers] == [layer.name for layer in shipped.layers]
    assert [one.shape for one in built.weights] == [one.shape for one in shipped.weights]
    assert built.count_params() == SHIPPED["num_parameters"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "celebdf-prelu",
            {"input_side_px": 128, "loss": "mean_absolute_error", "optimizer": "adam", "batch_size": 32, "epochs": 10},
        ),
        (
            "celebdf-leakyrelu",
            {
                "input_side_px": 128, "loss": "binary_crossentropy", "optimizer": "rmsprop", "learning_rate": 1e-3,
                "batch_size": 32, "epochs": 10,
            },
        ),
        (
            "cnn128-regularized",
            {
                "input_side_px": 128, "optimizer": "adam", "learning_rate": 1e-4, "epochs": 100,
                "augmentation": "light_and_place", "schedule": "plateau",
            },
        ),
        (
            "efficientnetb0",
            {
                "input_side_px": 224, "loss": "binary_crossentropy", "optimizer": "adam", "learning_rate": 1e-4,
                "fine_tune_learning_rate": 1e-4, "schedule": "plateau", "dense_units": 256, "freeze_norms": True,
                "backbone_weights": "imagenet",
            },
        ),
    ],
)  # fmt: skip
def test_reproductions_keep_what_their_sources_wrote(name: str, expected: dict[str, Any]) -> None:
    assert expected.items() <= asdict(RECIPES[name]).items()
    assert RECIPES[name].summary.startswith("Reproduction")


@pytest.mark.parametrize("name", ["celebdf-prelu", "celebdf-leakyrelu"])
def test_what_sources_leave_open_is_said_in_the_summary(name: str) -> None:
    recipe = RECIPES[name]
    assert "32-64-128 filters of 3x3" in recipe.summary
    assert recipe.patience >= recipe.epochs  # their sources know no early stopping
    assert recipe.augment_strength == 0


@pytest.mark.parametrize("name", [name for name in RECIPES if name not in PRETRAINED])
def test_plain_recipes_have_one_phase_in_which_everything_learns(name: str) -> None:
    (phase,) = RECIPES[name].phases()
    assert (phase.first_epoch, phase.end_epoch, phase.freeze) == (0, RECIPES[name].epochs, "nothing")


@pytest.mark.parametrize("name", [name for name in PRETRAINED if RECIPES[name].phases()[0].name == "head"])
def test_pretrained_recipes_train_the_head_and_then_all_but_the_norms(name: str) -> None:
    head, tuning = RECIPES[name].phases()
    assert (head.freeze, tuning.freeze) == ("backbone", "backbone_norms")
    assert (head.first_epoch, head.end_epoch) == (0, tuning.first_epoch)
    assert tuning.end_epoch == RECIPES[name].epochs


def test_the_strong_recipe_trains_everything_but_the_norms_from_the_first_step() -> None:
    (phase,) = RECIPES["efficientnet-lite0-uploads"].phases()
    assert (phase.first_epoch, phase.freeze) == (0, "backbone_norms")


def test_training_starts_from_the_weights_of_the_model_that_is_named() -> None:
    recipe = replace(RECIPES["cnn64"], start_from=str(REPO / "models" / "cnn64"))
    shipped = load_network(REPO / "models" / "cnn64", read_card(REPO / "models" / "cnn64" / "card.json"))
    for given, wanted in zip(recipe.build_to_train().get_weights(), shipped.get_weights(), strict=True):
        assert np.array_equal(given, wanted)
    assert recipe.to_dict()["start_from"] == f"the model cnn64, sha256 {SHIPPED['weights_sha256']}"


def test_training_starts_from_the_mean_of_several_models(tmp_path: Path) -> None:
    shipped = REPO / "models" / "cnn64"
    card = read_card(shipped / "card.json")
    network = load_network(shipped, card)
    network.set_weights([3 * one for one in network.get_weights()])
    network.save(tmp_path / "model.keras")
    write_card(tmp_path / "card.json", replace(card, name="other", weights_sha256=sha256_of(tmp_path / "model.keras")))
    recipe = replace(RECIPES["cnn64"], start_from=f"{shipped}, {tmp_path}")
    once = load_network(shipped, card).get_weights()
    for given, one in zip(recipe.build_to_train().get_weights(), once, strict=True):
        np.testing.assert_allclose(given, 2 * one, rtol=1e-6)
    said = recipe.start()
    assert said.startswith("the mean of the model cnn64, sha256 ")
    assert " and the model other, sha256 " in said


def test_a_model_of_other_shapes_is_no_start() -> None:
    recipe = replace(RECIPES["celebdf-prelu"], start_from=str(REPO / "models" / "cnn64"))
    with pytest.raises(TrainingError, match="other shapes than the recipe celebdf-prelu"):
        recipe.check_start()


def test_a_phase_without_an_epoch_is_left_out() -> None:
    recipe = RECIPES["efficientnet-lite0"]
    (tuning,) = replace(recipe, head_epochs=0).phases()
    assert (tuning.name, tuning.first_epoch) == ("fine-tuning", 0)
    (head,) = replace(recipe, epochs=3, head_epochs=3).phases()
    assert head.name == "head"


@pytest.mark.parametrize(
    ("name", "epochs", "expected"),
    [
        ("cnn64", 5, {"epochs_by_file": 3}),  # 12 of 20: three fifths
        ("cnn64", 1, {"epochs_by_file": 1}),
        ("cnn64", 20, {"epochs_by_file": 12}),
        ("celebdf-prelu", 3, {"epochs_by_file": 3}),
        ("xception", 6, {"epochs_by_file": 6, "head_epochs": 1}),  # 5 of 30: a sixth
        ("xception", 8, {"epochs_by_file": 8, "head_epochs": 2}),  # 1.33, rounded up
        ("efficientnet-lite0-uploads", 3, {"epochs_by_file": 0, "head_epochs": 0}),
    ],
)
def test_a_shortened_recipe_keeps_its_stretches_in_proportion(name: str, epochs: int, expected: dict[str, int]) -> None:
    assert RECIPES[name].shortened(epochs) == replace(RECIPES[name], epochs=epochs, **expected)


@pytest.mark.parametrize("epochs", [0, 21])
def test_no_epoch_or_more_than_there_are_is_not_shorter(epochs: int) -> None:
    with pytest.raises(TrainingError, match=f"for {epochs} of its 20 epochs"):
        RECIPES["cnn64"].shortened(epochs)


def test_more_epochs_for_the_head_than_there_are_is_refused() -> None:
    with pytest.raises(TrainingError, match="head_epochs 5 of 3 epochs"):
        replace(RECIPES["xception"], epochs=3)


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("loss", "hinge"), ("optimizer", "sgd"), ("schedule", "step"), ("augmentation", "all"), ("balance", "magic"),
        ("epochs", 0), ("batch_size", -1), ("learning_rate", 0.0), ("learning_rate", float("nan")),
        ("augment_strength", 1.5), ("input_side_px", 8), ("block_dropout", 1.0), ("blocks", ((0,),)), ("blocks", ((),)),
        ("seed", -1), ("margin", -0.1),
    ],
)  # fmt: skip
def test_values_that_no_run_could_use_are_refused_with_the_knob_and_the_value(knob: str, value: Any) -> None:
    with pytest.raises(TrainingError, match=knob):
        replace(RECIPES["cnn64"], **{knob: value})


def test_an_input_too_small_for_the_backbone_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"input_side_px 64\. Expected a number at least 71"):
        replace(RECIPES["xception"], input_side_px=64)


def test_the_card_says_what_the_backbone_started_from(tmp_path: Path) -> None:
    path = tmp_path / "some.weights.h5"
    path.write_bytes(b"abc")
    lite0 = RECIPES["efficientnet-lite0"]
    texts = [
        replace(lite0, backbone_weights=weights).to_dict()["backbone_weights"]
        for weights in ("imagenet", "none", str(path))
    ]
    assert texts[0].startswith("imagenet")
    assert "random" in texts[1]
    assert texts[2].startswith("some.weights.h5, sha256 ba7816bf")  # FIPS 180-2, appendix B.1
    assert str(tmp_path) not in texts[2]
    assert lite0.to_dict()["backbone"] == "efficientnet-lite0"


def test_a_recipe_without_its_weights_does_not_start() -> None:
    with pytest.raises(BackboneWeightsError, match=r"convert_lite0\.py"):
        RECIPES["efficientnet-lite0"].check_start()


def test_an_unknown_recipe_is_refused_with_those_there_are() -> None:
    with pytest.raises(TrainingError, match=r"'vgg'.*cnn64.*--list"):
        find_recipe("vgg")


def test_training_does_not_go_on_from_a_model_whose_past_is_not_known(tmp_path: Path) -> None:
    origin = ImportedFrom(file="theirs.h5", sha256="ab" * 32, fake_is=1, pixels="recipe")
    write_card(tmp_path / "card.json", make_card(imported=origin, training_data={}))
    with pytest.raises(TrainingError, match="was imported, and what it learned from is not known"):
        replace(RECIPES["cnn64"], start_from=str(tmp_path)).build_to_train()
