from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deepfake.errors import TrainingError
from deepfake.training.recipes import RECIPES, Recipe
from deepfake.training.recipes.knobs import knob_names, set_knobs
from deepfake.training.recipes.ranges import Between, OneOf, Range

# what data a trial learns from and how long: alike in all trials, so never searched
_ALIKE = {
    "detector", "margin", "input_side_px", "balance", "crops_per_set", "seed", "epochs", "epochs_by_file",
    "steps_per_epoch", "head_epochs", "patience", "start_from", "backbone_weights",
}  # fmt: skip


def ends(values: Range) -> list[Any]:
    return [values.low, values.high] if isinstance(values, Between) else list(values.values)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_recipe_has_ranges_for_knobs_that_it_has(recipe: Recipe) -> None:
    assert len(recipe.ranges) >= 3
    assert recipe.ranges.keys() <= set(knob_names(recipe)) - _ALIKE


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_recipes_own_value_lies_inside_its_range(recipe: Recipe) -> None:
    for knob, values in recipe.ranges.items():
        own = getattr(recipe, knob)
        inside = values.low <= own <= values.high if isinstance(values, Between) else own in values.values
        assert inside, knob


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_ends_of_a_range_can_be_used_and_written_with_set(recipe: Recipe) -> None:
    for knob, values in recipe.ranges.items():
        for end in ends(values):
            assert set_knobs(recipe, [f"{knob}={end}"]) == replace(recipe, **{knob: end})


@pytest.mark.parametrize(("low", "high", "log"), [(2.0, 1.0, False), (1.0, 1.0, False), (0.0, 1.0, True)])
def test_a_range_without_room_or_with_doublings_from_zero_is_refused(low: float, high: float, log: bool) -> None:
    with pytest.raises(TrainingError, match=f"from {low} to {high}"):
        Between(low=low, high=high, log=log)


@pytest.mark.parametrize("values", [(), (1,), (1, 1), (1, 2, 1)])
def test_no_choice_is_refused(values: tuple[int, ...]) -> None:
    with pytest.raises(TrainingError, match="at least two different"):
        OneOf(values=values)
