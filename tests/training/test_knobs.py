from __future__ import annotations

from typing import Any

import pytest

from deepfake.errors import TrainingError
from deepfake.training.recipes import RECIPES
from deepfake.training.recipes.knobs import knob_names, set_knobs


@pytest.mark.parametrize(
    ("recipe", "assignment", "expected"),
    [
        ("cnn64", "batch_size=16", 16),
        ("cnn64", "learning_rate=3e-4", 3e-4),
        ("cnn64", "learning_rate=1", 1.0),
        ("cnn64", "schedule=constant", "constant"),
        ("cnn64", " augment_strength = 0.25 ", 0.25),
        ("cnn64", "blocks=8;16,16", ((8,), (16, 16))),
        ("efficientnet-lite0", "freeze_norms=false", False),
        ("efficientnet-lite0", "freeze_norms=Yes", True),
        ("efficientnet-lite0", "backbone_weights=a=b.h5", "a=b.h5"),
        ("cnn128-regularized", "l2=0", 0.0),
    ],
)
def test_values_take_the_type_of_their_knob(recipe: str, assignment: str, expected: Any) -> None:
    knob = assignment.partition("=")[0].strip()
    value = getattr(set_knobs(RECIPES[recipe], [assignment]), knob)
    assert value == expected
    assert type(value) is type(expected)


def test_the_face_finder_is_named() -> None:
    assert set_knobs(RECIPES["cnn64"], ["detector=haar"]).crop_settings().detector.name == "haar"


def test_several_are_set_at_once_and_the_last_word_counts() -> None:
    changed = set_knobs(RECIPES["xception"], ["epochs=3", "head_epochs=1", "epochs=2"])
    assert (changed.epochs, changed.phases()[0].end_epoch) == (2, 1)


def test_nothing_set_changes_nothing_and_the_recipe_given_is_left_as_it_was() -> None:
    recipe = RECIPES["cnn64"]
    assert set_knobs(recipe, []) == recipe
    set_knobs(recipe, ["epochs=1"])
    assert recipe.epochs == 20


@pytest.mark.parametrize("knob", [knob for recipe in RECIPES.values() for knob in knob_names(recipe)])
def test_every_knob_can_be_set_from_text(knob: str) -> None:
    recipe = next(one for one in RECIPES.values() if knob in knob_names(one))
    value = getattr(recipe, knob)
    text = {"detector": "yunet", "blocks": "24;48;64,64;128,128"}.get(knob, str(value))
    assert getattr(set_knobs(recipe, [f"{knob}={text}"]), knob) == value


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("epochs", r"'epochs'. Expected knob=value"),
        ("epochs=", r"Expected knob=value"),
        ("=3", r"no knob ''"),
        ("epoch=3", r"no knob 'epoch'.*epochs, epochs_by_file"),
        ("name=other", r"no knob 'name'"),
        ("l2=0.1", r"cnn64 has no knob 'l2'"),
        ("epochs=many", r"epochs=many cannot be used. Expected a whole number"),
        ("epochs=1.5", r"Expected a whole number"),
        ("learning_rate=fast", r"Expected a number, such as"),
        ("blocks=8;x", r"blocks parted by semicolons"),
        ("detector=eyes", r"yunet or haar"),
        ("loss=hinge", r"'hinge'. Expected one of: binary_crossentropy, mean_absolute_error"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_was_expected(assignment: str, message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        set_knobs(RECIPES["cnn64"], [assignment])


def test_a_knob_is_true_or_false_in_words_alone() -> None:
    with pytest.raises(TrainingError, match="true or false"):
        set_knobs(RECIPES["resnet50"], ["freeze_norms=perhaps"])
