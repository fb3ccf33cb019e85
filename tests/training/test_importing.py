"""From stored weights to a network of a recipe: what may be changed of it, what is said of it, hints for a misfit."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from deepfake.classifier.foreign.weights import StoredLayer, StoredWeights
from deepfake.errors import ForeignWeightsError, TrainingError
from deepfake.training import importing
from deepfake.training.importing import put_weights_into, shaped_recipe
from deepfake.training.recipes import RECIPES

SMALL = ["input_side_px=16", "blocks=4;4", "dense_units=4"]


def weights_of(model: Any) -> StoredWeights:
    """As the reader would give them, layer by layer."""
    layers = tuple(
        StoredLayer(path=one.name, name="", kind="", arrays=tuple(one.get_weights()))
        for one in model.layers
        if one.weights
    )
    return StoredWeights(file="theirs.h5", sha256="ab" * 32, layers=layers)


def trained_elsewhere(recipe: Any) -> Any:
    keras.utils.set_random_seed(5)
    return recipe.build()


def test_what_is_said_of_an_imported_model_is_what_is_known() -> None:
    recipe = shaped_recipe("cnn64", [*SMALL, "margin=0.1"])
    imported = put_weights_into(recipe, weights_of(trained_elsewhere(recipe)), fake_is=1, pixels="unit")
    assert imported.origin.file == "theirs.h5"
    assert imported.origin.sha256 == "ab" * 32
    assert (imported.origin.fake_is, imported.origin.pixels) == (1, "unit")
    knobs = imported.knobs()
    assert set(knobs) == {"name", "input_side_px", "blocks", "dense_units", "margin", "detector", "seed"}
    assert (knobs["name"], knobs["margin"], knobs["blocks"]) == ("cnn64", 0.1, ((4,), (4,)))


def test_fake_as_0_turns_every_score_around() -> None:
    recipe = shaped_recipe("cnn64", SMALL)
    theirs = trained_elsewhere(recipe)
    crops = np.random.default_rng(0).uniform(0, 255, (6, 16, 16, 3)).astype(np.float32)
    scores = np.asarray(theirs(crops, training=False))
    for fake_is, expected in ((1, scores), (0, 1 - scores)):
        ours = put_weights_into(recipe, weights_of(theirs), fake_is=fake_is, pixels="recipe").model
        np.testing.assert_allclose(np.asarray(ours(crops, training=False)), expected, atol=1e-6)


@pytest.mark.parametrize("assignment", ["epochs=3", "learning_rate=0.1", "balance=weights", "colour=red"])
def test_a_knob_of_training_alone_is_refused(assignment: str) -> None:
    with pytest.raises(TrainingError, match=r"Expected a knob that shapes the network of cnn64.*blocks, dense_units"):
        shaped_recipe("cnn64", [assignment])


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(TrainingError, match="no recipe 'vgg'"):
        shaped_recipe("vgg", [])


@pytest.fixture
def few_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are built in no time."""
    small = {name: RECIPES[name] for name in ("cnn64", "celebdf-prelu", "celebdf-leakyrelu")}
    monkeypatch.setattr(importing, "RECIPES", small)


def test_a_misfit_names_the_recipe_that_would_fit(few_recipes: None) -> None:
    theirs = weights_of(RECIPES["celebdf-leakyrelu"].build())
    with pytest.raises(ForeignWeightsError) as caught:
        put_weights_into(RECIPES["celebdf-prelu"], theirs, fake_is=1, pixels="recipe")
    said = str(caught.value)
    assert said.startswith("theirs.h5 does not fit celebdf-prelu. Its layer 'conv2' has shape 3 x 3 x 32 x 64 and 64,")
    assert said.endswith("Its shapes are those of celebdf-leakyrelu: say --recipe celebdf-leakyrelu.")


def test_a_misfit_of_every_recipe_says_how_to_change_one(few_recipes: None) -> None:
    theirs = weights_of(shaped_recipe("cnn64", ["dense_units=7"]).build())
    with pytest.raises(ForeignWeightsError, match="--set dense_units=128"):
        put_weights_into(RECIPES["cnn64"], theirs, fake_is=1, pixels="recipe")


def test_recipes_of_the_same_shapes_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    same = RECIPES["celebdf-leakyrelu"]
    monkeypatch.setattr(importing, "RECIPES", {"one": same, "two": same})
    with pytest.raises(ForeignWeightsError, match="Its shapes are those of one and two: say --recipe one"):
        put_weights_into(RECIPES["celebdf-prelu"], weights_of(same.build()), fake_is=1, pixels="recipe")
