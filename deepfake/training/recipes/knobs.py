"""Knobs of a recipe set from text, as `train.py --set knob=value` gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, get_type_hints

from deepfake.classifier.architectures.cnn64 import Blocks
from deepfake.errors import TrainingError
from deepfake.media.detectors import DetectorSettings
from deepfake.training.recipes.base import Recipe

_NOT_KNOBS = ("name", "summary")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def knob_names(recipe: Recipe) -> list[str]:
    """All that may be set, in the recipe's order."""
    return [field.name for field in fields(recipe) if field.name not in _NOT_KNOBS]


def set_knobs(recipe: Recipe, assignments: Sequence[str]) -> Recipe:
    """Change knobs; the last word on each counts.

    Args:
        recipe: To be changed.
        assignments: Each "knob=value", the value written as the knob's type asks.

    Raises:
        TrainingError: No such knob, or a value that it cannot take.
    """
    types = get_type_hints(type(recipe))
    changes = {}
    for assignment in assignments:
        knob, equals, text = assignment.partition("=")
        knob, text = knob.strip(), text.strip()
        if not equals or not text:
            raise TrainingError(f"--set received {assignment!r}. Expected knob=value, as in --set batch_size=16.")
        if knob not in knob_names(recipe):
            raise TrainingError(
                f"The recipe {recipe.name} has no knob {knob!r}. Expected one of: {', '.join(knob_names(recipe))}."
            )
        changes[knob] = _parse(knob, text, types[knob])
    return replace(recipe, **changes)


def _parse(knob: str, text: str, kind: Any) -> Any:
    parse, expected = _PARSERS[kind]
    try:
        return parse(text)
    except (ValueError, KeyError) as error:
        raise TrainingError(
            f"--set {knob}={text} cannot be used. Expected {expected}. Write it as --set {knob}=..."
        ) from error


def _parse_blocks(text: str) -> Blocks:
    return tuple(tuple(int(filters) for filters in block.split(",")) for block in text.split(";"))


_PARSERS: dict[Any, tuple[Any, str]] = {
    str: (str, "a word"),
    int: (int, "a whole number, such as 16"),
    float: (float, "a number, such as 0.001 or 1e-3"),
    bool: (lambda text: _TRUTHS[text.lower()], "true or false"),
    Blocks: (_parse_blocks, "filters, blocks parted by semicolons, such as '24;48;64,64'"),
    DetectorSettings: (lambda text: DetectorSettings(name=text), "the name of a face detector: yunet or haar"),
}
