"""Trained models that training starts from: one, or the mean of several.

The mean of weights that grew from the same start often generalizes better than each of them (Wortsman et al. 2022,
"Model soups", https://arxiv.org/abs/2203.05482). What a head's BatchNormalization remembers belongs to the weights that
it was counted with: after averaging it is wrong, and an epoch of training at a low rate counts it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.card import read_card
from deepfake.classifier.classifier import CARD_FILE, load_network
from deepfake.errors import TrainingError
from deepfake.phrases import listed

FROM_NOTHING = "nothing"
_SEPARATOR = ","


def fill_from(model: Any, start_from: str, recipe_name: str) -> None:
    """Give a network the weights of the model that is named, or the mean of those that are.

    Args:
        model: A `keras.Model`.
        start_from: Folders of models, separated by commas.
        recipe_name: Of the network, for messages.

    Raises:
        ModelError: A model cannot be read.
        TrainingError: It has other shapes, or was not trained here.
    """
    wanted = [one.shape for one in model.get_weights()]
    all_weights = [_weights_of(folder, wanted, recipe_name) for folder in _folders(start_from)]
    model.set_weights([np.mean(arrays, axis=0, dtype=np.float64) for arrays in zip(*all_weights, strict=True)])


def start_in_words(start_from: str) -> str:
    """Names and hashes, since paths differ between machines."""
    cards = [read_card(folder / CARD_FILE) for folder in _folders(start_from)]
    names = listed([f"the model {card.name}, sha256 {card.weights_sha256}" for card in cards])
    return names if len(cards) == 1 else f"the mean of {names}"


def _folders(start_from: str) -> list[Path]:
    return [Path(folder.strip()) for folder in start_from.split(_SEPARATOR)]


def _weights_of(folder: Path, wanted: Sequence[tuple[int, ...]], recipe_name: str) -> list[npt.NDArray[np.float32]]:
    card = read_card(folder / CARD_FILE)
    if card.imported is not None:
        raise TrainingError(
            f"The model in {folder} was imported, and what it learned from is not known. Expected one that was "
            "trained here, since a card must say what its model has seen. Name another in --set start_from=..."
        )
    weights: list[npt.NDArray[np.float32]] = load_network(folder, card).get_weights()
    given = [one.shape for one in weights]
    if given != list(wanted):
        raise TrainingError(
            f"The model in {folder} has other shapes than the recipe {recipe_name}: {len(given)} arrays, of which "
            f"{sum(one == other for one, other in zip(given, wanted, strict=False))} fit, where {len(wanted)} were "
            "expected. Name a model of this recipe with the same input size and layers in --set start_from=..."
        )
    return weights
