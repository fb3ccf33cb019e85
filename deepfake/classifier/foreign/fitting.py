"""Stored weights put into a network of ours: matched by name, then by order, and by shape without exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from deepfake.classifier.architectures.pretrained import all_layers
from deepfake.classifier.foreign.weights import StoredLayer, StoredWeights
from deepfake.errors import ForeignWeightsError

Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A layer of ours that takes weights."""

    layer: Any
    variables: tuple[Any, ...]

    @property
    def name(self) -> str:
        return str(self.layer.name)

    @property
    def kind(self) -> str:
        return type(self.layer).__name__.lower()

    @property
    def shapes(self) -> Shapes:
        return tuple(tuple(one.shape) for one in self.variables)


def fill(model: Any, stored: StoredWeights) -> None:
    """Put stored weights into a model, all of them and everywhere.

    Args:
        model: A `keras.Model` of one of our recipes.
        stored: From `read_weights`.

    Raises:
        ForeignWeightsError: They do not fit; the first mismatch is named, and the model is as it was.
    """
    for place, layer in _pairs(model, stored):
        for variable, values in zip(place.variables, layer.arrays, strict=True):
            variable.assign(values)
        if hasattr(place.layer, "finalize_state"):
            place.layer.finalize_state()  # Normalization keeps what it computed from them


def fits(model: Any, stored: StoredWeights) -> bool:
    """Whether `fill` would succeed."""
    try:
        _pairs(model, stored)
    except ForeignWeightsError:
        return False
    return True


def _pairs(model: Any, stored: StoredWeights) -> list[tuple[_Place, StoredLayer]]:
    """Our layers with theirs; where a file says of which kind its layers are, it knows their order in a kind alone."""
    places = _places(model)
    if not any(layer.kind for layer in stored.layers):
        return _pairs_in_order(places, stored.layers)
    kinds = dict.fromkeys([*(place.kind for place in places), *(layer.kind for layer in stored.layers)])
    pairs = []
    for kind in kinds:
        theirs = [layer for layer in stored.layers if layer.kind == kind]
        pairs += _pairs_in_order([place for place in places if place.kind == kind], theirs)
    return pairs


def _places(model: Any) -> list[_Place]:
    """Layers with weights; counters, which are whole numbers, say nothing of what a model does."""
    places = []
    for layer in all_layers(model):
        variables = tuple(one for one in layer.weights if "float" in one.dtype)
        if variables and not isinstance(layer, keras.Model):
            places.append(_Place(layer=layer, variables=variables))
    return places


def _pairs_in_order(places: Sequence[_Place], layers: Sequence[StoredLayer]) -> list[tuple[_Place, StoredLayer]]:
    """Layers of the same name and shapes belong together; what is left, in its order.

    The order alone would not do: of a partly frozen model inside a model, Keras writes what learned before the rest.
    """
    count = Counter([*(place.name for place in places), *(layer.name for layer in layers)])
    named = {layer.name: layer for layer in layers if count[layer.name] == 2}  # once here, once there
    pairs = [
        (place, named[place.name])
        for place in places
        if place.name in named and named[place.name].shapes == place.shapes
    ]
    taken = {id(one) for pair in pairs for one in pair}
    places_left = [place for place in places if id(place) not in taken]
    layers_left = [layer for layer in layers if id(layer) not in taken]
    for place, layer in zip(places_left, layers_left, strict=False):
        if place.shapes != layer.shapes:
            raise ForeignWeightsError(
                f"Its layer '{layer.path}' has {_in_words(layer.shapes)}, where '{place.name}' of the recipe has "
                f"{_in_words(place.shapes)}."
            )
        pairs.append((place, layer))
    if len(layers_left) > len(places_left):
        layer = layers_left[len(places_left)]
        raise ForeignWeightsError(
            f"Its layer '{layer.path}' with {_in_words(layer.shapes)} has no counterpart in the recipe."
        )
    if len(places_left) > len(layers_left):
        place = places_left[len(layers_left)]
        raise ForeignWeightsError(
            f"It has no layer for '{place.name}' of the recipe, which has {_in_words(place.shapes)}."
        )
    return pairs


def _in_words(shapes: Shapes) -> str:
    return "shape " + " and ".join(" x ".join(map(str, shape)) or "none" for shape in shapes)
