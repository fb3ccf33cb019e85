"""Models side by side, from what lies beside each of them: numbers in, table or figure out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from deepfake.classifier.card import Card
from deepfake.evaluation.published import PUBLISHED
from deepfake.reports.figures import Palette, draw_dots
from deepfake.reports.tables import interval, markdown_row

_NOTHING = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A model in a comparison.

    Attributes:
        card: Its card.
        evaluation: As `evaluation.json` stores it.
        num_epochs: Epochs in its log; None for an imported model, whose training nobody here saw.
    """

    card: Card
    evaluation: dict[str, Any]
    num_epochs: int | None


def comparison_table(models: Sequence[Compared]) -> str:
    """A row a model: how it was made, image AUC a set and together, false alarms on sets of real faces alone."""
    with_fakes = _set_names(models, both_classes=True)
    all_real = _set_names(models, both_classes=False)
    head = ["model", "recipe", "starts from", "parameters", "training crops, epochs", "measured on"]
    head += [f"image AUC, {name}" for name in with_fakes] + ["mean AUC"]
    head += [f"real above the threshold, {name}" for name in all_real] + ["clip AUC"]
    lines = [markdown_row(head), "|" + "---|" * len(head)]
    return "\n".join(lines + [_row(one, with_fakes, all_real) for one in models])


def published_table() -> str:
    """What the sources of the recipes report, and what differs."""
    lines = ["| recipe | reported | on | what differs here |", "|---|---|---|---|"]
    return "\n".join(lines + [markdown_row([one.recipe, one.figures, one.data, one.difference]) for one in PUBLISHED])


def draw_comparison(models: Sequence[Compared], *, palette: Palette) -> Figure:
    """Image AUC of each model on each set, with its 95 % interval."""
    names = _set_names(models, both_classes=True)
    series = {
        one.card.name: [
            (metric["value"], metric["low"], metric["high"]) if (metric := _auc(one, name)) else None for name in names
        ]
        for one in models
    }
    return draw_dots(names, series, label="image AUC (0.5 = guessing)", palette=palette)


def _row(one: Compared, with_fakes: Sequence[str], all_real: Sequence[str]) -> str:
    card = one.card
    cells = [card.name, str(card.recipe.get("name", card.architecture)), _start(card), f"{card.num_parameters:,}"]
    cells += [_training(one), str(one.evaluation.get("split", _NOTHING))]
    cells += [interval(_auc(one, name)) for name in with_fakes]
    cells.append(interval(one.evaluation.get("macro", {}).get("auc")))
    sets = one.evaluation.get("sets", {})
    cells += [
        interval(sets[name]["metrics"].get("false_alarm_rate")) if name in sets else _NOTHING for name in all_real
    ]
    clips = one.evaluation.get("clips", {})
    aucs = [f"{name} {interval(values['clip']['metrics'].get('auc'))}" for name, values in clips.items()]
    return markdown_row([*cells, "; ".join(aucs) or _NOTHING])


def _start(card: Card) -> str:
    if card.imported is not None:
        return f"imported from {card.imported.file}"
    others = str(card.recipe.get("start_from", "nothing"))
    if others != "nothing":
        return re.sub(r", sha256 [0-9a-f]+", "", others)
    return str(card.recipe.get("backbone_weights", "random weights")).split(",", maxsplit=1)[0]


def _training(one: Compared) -> str:
    if one.num_epochs is None:
        return "not known"
    learned = [values for name, values in one.card.training_data.items() if one.card.learned_from(name)]
    num_crops = sum(sum(values["balance"]["after"].values()) for values in learned if values.get("balance"))
    return f"{num_crops:,}, {one.num_epochs}"


def _auc(one: Compared, name: str) -> dict[str, Any] | None:
    values = one.evaluation.get("sets", {}).get(name)
    metric: dict[str, Any] | None = values["metrics"].get("auc") if values else None
    return metric if metric and metric["value"] is not None else None


def _set_names(models: Sequence[Compared], *, both_classes: bool) -> list[str]:
    names = {
        name: None
        for one in models
        for name, values in one.evaluation.get("sets", {}).items()
        if bool(values["num_real"] and values["num_fake"]) == both_classes
    }
    return list(names)
