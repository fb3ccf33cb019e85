"""What is said of a model before and after it was measured: what is known, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from deepfake.classifier.card import ImportedFrom
from deepfake.evaluation.drafts import draft_of_imported, draft_of_trained, limits_of
from deepfake.training.batches import training_rows
from deepfake.training.importing import ImportedModel, shaped_recipe
from deepfake.training.trainer import TrainedModel
from tests.fakes import make_card
from tests.prepared_sets import make_prepared_set

RECIPE = shaped_recipe("cnn64", ["input_side_px=16", "blocks=4", "dense_units=4", "seed=3"])
ORIGIN = ImportedFrom(file="theirs.h5", sha256="ab" * 32, fake_is=1, pixels="recipe")
TOY, REALS = make_prepared_set(), make_prepared_set("lfw", all_real=True)
BAND: dict[str, Any] = {"unmet": []}


class Network:
    """All that a draft asks of one."""

    def count_params(self) -> int:
        return 321


def test_a_trained_model_tells_sets_that_taught_from_those_that_only_count_alarms() -> None:
    trained = TrainedModel(model=Network(), history=(), best_epoch=4, rows=(training_rows(TOY, RECIPE),))
    unseen = make_prepared_set("unseen")
    card = draft_of_trained(trained, RECIPE, [TOY, REALS], left_out=[unseen], name="mine")
    assert (card.name, card.title, card.num_parameters, card.best_epoch) == ("mine", RECIPE.title(), 321, 4)
    assert {name: values["role"] for name, values in card.training_data.items()} == {
        "toy": "training", "lfw": "false alarms only", "unseen": "left out",
    }  # fmt: skip
    assert card.training_data["toy"]["balance"]["after"]["real"] > 0
    assert card.training_data["lfw"]["balance"] is None
    assert card.recipe == RECIPE.to_dict()
    assert (card.imported, card.chosen_on) == (None, {})


def test_an_imported_model_has_no_training_data_and_says_on_what_it_is_measured() -> None:
    card = draft_of_imported(ImportedModel(model=Network(), recipe=RECIPE, origin=ORIGIN), [TOY, REALS], name="theirs")
    assert (card.title, card.best_epoch, card.imported) == (f"{RECIPE.title()}, imported", None, ORIGIN)
    assert (card.training_data, list(card.chosen_on)) == ({}, ["toy", "lfw"])
    assert card.chosen_on["toy"]["splits"]["test"] == TOY.summary()["splits"]["test"]
    assert "epochs" not in card.recipe and card.recipe["blocks"] == ((4,),)
    assert card.recipe["seed"] == 3
    assert card.crop.side_px == 16


def test_a_trained_model_says_what_it_cannot_do() -> None:
    limits = " ".join(limits_of(make_card(notes={"band": BAND}), split="test"))
    assert "diffusion models are untested" in limits and "It learned from JPEG files" in limits
    assert "experiment" not in limits


def test_an_experiment_says_so() -> None:
    limits = limits_of(make_card(notes={"band": BAND}), split="valid")
    assert any(line.startswith("It is an experiment") for line in limits)


@pytest.mark.parametrize("claim", ["It learned from", "best epoch", "never"])
def test_an_imported_model_claims_nothing_of_its_training(claim: str) -> None:
    card = make_card(imported=ORIGIN, training_data={}, chosen_on={"a": {}, "b": {}}, notes={"band": BAND})
    limits = " ".join(limits_of(card, split="test"))
    assert claim not in limits
    assert "Whether it learned from pictures of a, b before is not known" in limits


def test_sets_on_which_firm_verdicts_are_not_right_often_enough_are_named() -> None:
    card = make_card(imported=ORIGIN, training_data={}, chosen_on={"a": {}}, notes={"band": {"unmet": ["a"]}})
    assert any(line.startswith("On a even its firm verdicts") for line in limits_of(card, split="test"))
