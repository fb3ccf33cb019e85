"""How models are made: one frozen dataclass a recipe, every knob of it in one place."""

from __future__ import annotations

from deepfake.errors import TrainingError
from deepfake.training.recipes.base import Phase, Recipe
from deepfake.training.recipes.celebdf import CelebDfLeakyRelu, CelebDfPRelu
from deepfake.training.recipes.cnn64 import Cnn64
from deepfake.training.recipes.cnn128 import Cnn128Regularized
from deepfake.training.recipes.pretrained import (
    EfficientNetB0,
    EfficientNetLite0,
    EfficientNetLite0Uploads,
    ResNet50,
    Xception,
)

__all__ = ["RECIPES", "Phase", "Recipe", "find_recipe"]

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Cnn64(),
        CelebDfPRelu(),
        CelebDfLeakyRelu(),
        Cnn128Regularized(),
        EfficientNetB0(),
        EfficientNetLite0(),
        EfficientNetLite0Uploads(),
        Xception(),
        ResNet50(),
    )
}


def find_recipe(name: str) -> Recipe:
    """A recipe by name.

    Raises:
        TrainingError: No such recipe.
    """
    if name not in RECIPES:
        raise TrainingError(
            f"There is no recipe {name!r}. Expected one of: {', '.join(RECIPES)}. `python train.py --list` describes "
            "them."
        )
    return RECIPES[name]
