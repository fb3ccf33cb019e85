"""From weights that were trained elsewhere to a network of ours that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deepfake.classifier.card import ImportedFrom
from deepfake.classifier.foreign.adapting import scale_pixels, swap_classes
from deepfake.classifier.foreign.fitting import fill, fits
from deepfake.classifier.foreign.weights import StoredWeights
from deepfake.errors import ForeignWeightsError, TrainingError
from deepfake.training.recipes import RECIPES, Recipe, find_recipe
from deepfake.training.recipes.knobs import knob_names, set_knobs
from deepfake.training.recipes.pretrained import Pretrained

_SHAPING = ("input_side_px", "blocks", "dense_units", "margin", "detector", "seed")  # the seed deals the splits
_SAID_OF_RECIPE = ("name", "backbone", *_SHAPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedModel:
    """A network with a stranger's weights.

    Attributes:
        model: The `keras.Model`: RGB 0..255 in, score for fake out.
        recipe: Whose network it is. How it was trained is not known.
        origin: Where the weights come from.
    """

    model: Any
    recipe: Recipe
    origin: ImportedFrom

    def knobs(self) -> dict[str, Any]:
        """What of the recipe holds for this model."""
        return {knob: value for knob, value in self.recipe.to_dict().items() if knob in _SAID_OF_RECIPE}


def shaped_recipe(name: str, assignments: Sequence[str]) -> Recipe:
    """A recipe for a network that was trained elsewhere.

    Args:
        name: The recipe's.
        assignments: As for `set_knobs`.

    Raises:
        TrainingError: No such recipe, or a knob that has no say in anything but training.
    """
    recipe = find_recipe(name)
    allowed = [knob for knob in knob_names(recipe) if knob in _SHAPING]
    for assignment in assignments:
        knob = assignment.partition("=")[0].strip()
        if knob not in allowed:
            raise TrainingError(
                f"--set received {assignment!r}. Expected a knob that shapes the network of {name} or its crops: "
                f"{', '.join(allowed)}. The others have a say in training alone."
            )
    return set_knobs(recipe, assignments)


def put_weights_into(recipe: Recipe, stored: StoredWeights, *, fake_is: int, pixels: str) -> ImportedModel:
    """Build a recipe's network around stored weights.

    Args:
        recipe: Whose network it is.
        stored: From `read_weights`.
        fake_is: The label, 0 or 1, that meant fake where they were trained.
        pixels: See `scale_pixels`.

    Raises:
        ForeignWeightsError: The weights do not fit; the message names the first mismatch, and the recipes whose weights
            they could be.
    """
    model = recipe.build()
    try:
        fill(model, stored)
    except ForeignWeightsError as error:
        raise ForeignWeightsError(
            f"{stored.file} does not fit {recipe.name}. {error} {_hint(recipe, stored)}"
        ) from error
    scale_pixels(model, pixels, recipe.backbone if isinstance(recipe, Pretrained) else None)
    if fake_is == 0:
        swap_classes(model)
    origin = ImportedFrom(file=stored.file, sha256=stored.sha256, fake_is=fake_is, pixels=pixels)
    return ImportedModel(model=model, recipe=recipe, origin=origin)


def _hint(recipe: Recipe, stored: StoredWeights) -> str:
    fitting = [name for name, other in RECIPES.items() if name != recipe.name and fits(other.build(), stored)]
    if fitting:
        return f"Its shapes are those of {' and '.join(fitting)}: say --recipe {fitting[0]}."
    return (
        "Expected the weights of this very network. Name another --recipe (`python train.py --list` describes them), "
        "or change its shape with --set, such as --set dense_units=128."
    )
