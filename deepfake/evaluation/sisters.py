"""What a model is worth on the sets that it never saw, beside what it is worth on those it learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deepfake.classifier.card import Card
from deepfake.classifier.classifier import Classifier
from deepfake.data.prepare import PreparedSet
from deepfake.errors import ForeignWeightsError
from deepfake.evaluation.estimates import Estimate
from deepfake.evaluation.evaluate import evaluate
from deepfake.evaluation.left_out import LeftOutRow


def measure_left_out(classifier: Classifier, sets: Sequence[PreparedSet], *, split: str) -> list[LeftOutRow]:
    """Measure a model on every set that it knows and on every one that was kept from it.

    Args:
        classifier: The sister: made by the same recipe as the model of interest, or that model itself.
        sets: Cut as her card says; those that she neither learned from nor counts false alarms on were left out.
        split: Of all sets: "valid" while choices are made, "test" once at the end.

    Returns:
        A row for each set that was left out.

    Raises:
        ForeignWeightsError: She was trained elsewhere, so nobody knows what was kept from her.
    """
    card = classifier.card
    if card.imported is not None:
        raise ForeignWeightsError(
            f"{card.name} was imported, and what it learned from is not known. Expected a model that was trained here, "
            "of which one can say what it never saw. Leave it out of --sisters."
        )
    measured = evaluate(classifier, sets, split=split)["sets"]
    unseen = [one for one in sets if not card.learned_from(one.name) and not one.dataset.is_all_real]
    aucs = {name: one["metrics"]["auc"] for name, one in measured.items() if one["roc"] is not None}
    alarms = {
        one.name: Estimate.from_dict(measured[one.name]["metrics"]["false_alarm_rate"])
        for one in sets
        if one.dataset.is_all_real
    }
    return [
        LeftOutRow(
            set_name=one.name,
            level="frame" if one.dataset.layout == "clip-crops" else "image",
            split=split,
            sister=_in_words(card),
            num_train_crops=_num_train_crops(card),
            auc=Estimate.from_dict(aucs[one.name]),
            in_set={name: Estimate.from_dict(auc) for name, auc in aucs.items() if card.learned_from(name)},
            false_alarm_rate=alarms,
        )
        for one in unseen
        if one.name in aucs
    ]


def _in_words(card: Card) -> str:
    recipe: dict[str, Any] = card.recipe
    crops = _num_train_crops(card)
    if recipe.get("steps_per_epoch"):
        crops = recipe["steps_per_epoch"] * recipe["batch_size"]
    return f"{card.name}: {recipe['name']}, {recipe['epochs']} epochs of {crops:,} crops"


def _num_train_crops(card: Card) -> int:
    learned = [values for name, values in card.training_data.items() if card.learned_from(name)]
    return sum(sum(values["balance"]["after"].values()) for values in learned if values.get("balance"))
