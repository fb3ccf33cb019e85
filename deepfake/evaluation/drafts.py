"""What is known of a model before anything was chosen or measured, and what to say of it when it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deepfake.classifier.calibration import Calibration
from deepfake.classifier.card import Card, JudgingRules
from deepfake.data.prepare import PreparedSet
from deepfake.data.terms import terms_of
from deepfake.evaluation.versions import library_versions
from deepfake.training.importing import ImportedModel
from deepfake.training.recipes import Recipe
from deepfake.training.trainer import TrainedModel

_UNDECIDED = JudgingRules(
    threshold=0.5,
    band_low=0.5,
    band_high=0.5,
    logit_shift_per_log_face=0.0,
    min_face_px=1,
    min_brightness=0.0,
    min_sharpness=0.0,
)


def draft_of_trained(
    trained: TrainedModel,
    recipe: Recipe,
    sets: Sequence[PreparedSet],
    *,
    left_out: Sequence[PreparedSet] = (),
    name: str,
) -> Card:
    """The card of a model that was trained here.

    Args:
        trained: From `train`.
        recipe: What it was trained by.
        sets: Those it was trained on, and sets of real faces alone, which count false alarms.
        left_out: Sets that are measured too, and from which nothing was learned or chosen.
        name: Of its folder.
    """
    balanced = {rows.name: rows for rows in trained.rows}
    training_data = {}
    for one in (*sets, *left_out):
        rows = balanced.get(one.name)
        unseen = "false alarms only" if one.dataset.is_all_real else "left out"
        training_data[one.name] = {
            **_about(one),
            "role": "training" if rows else unseen,
            "balance": {"method": recipe.balance, "before": rows.counts_before, "after": rows.counts_after}
            if rows
            else None,
        }
    return _draft(
        trained.model,
        recipe,
        name=name,
        title=recipe.title(),
        recipe_values=recipe.to_dict(),
        licence="Code: MIT. Weights: research and non-commercial use, as the terms of the training data ask.",
        training_data=training_data,
        best_epoch=trained.best_epoch,
    )


def draft_of_imported(imported: ImportedModel, sets: Sequence[PreparedSet], *, name: str) -> Card:
    """The card of a model that was trained elsewhere: nothing is said of what nobody here knows.

    Args:
        imported: From `put_weights_into`.
        sets: Those it will be measured on.
        name: Of its folder.
    """
    return _draft(
        imported.model,
        imported.recipe,
        name=name,
        title=f"{imported.recipe.title()}, imported",
        recipe_values=imported.knobs(),
        licence="Code: MIT. Weights: imported from a file; their terms are not known to this program.",
        training_data={},
        best_epoch=None,
        imported=imported.origin,
        chosen_on={one.name: _about(one) for one in sets},
    )


def _draft(model: Any, recipe: Recipe, *, recipe_values: dict[str, Any], **known: Any) -> Card:
    return Card(
        architecture=recipe.name,
        crop=recipe.crop_settings(),
        calibration=Calibration(),
        rules=_UNDECIDED,
        weights_sha256="",
        recipe=recipe_values,
        metrics={},
        notes={},
        limits=(),
        versions=library_versions(),
        num_parameters=int(model.count_params()),
        **known,
    )


def _about(one: PreparedSet) -> dict[str, Any]:
    terms = terms_of(one.dataset)
    return {"title": terms.title, "shows": terms.shows, "terms": terms.terms, **one.summary()}


_ALONE = "It judges one face at a time, from its pixels alone; it knows nothing of the scene or the source."


def limits_of(card: Card, *, split: str) -> tuple[str, ...]:
    """What the model cannot do, but for what its metrics say already: on which set it is best and worst.

    Args:
        card: With its operating point.
        split: What it is measured on.
    """
    sentences = [*(_limits_of_trained() if card.imported is None else _limits_of_imported(card))]
    if split == "valid":
        sentences.append(
            "It is an experiment: its numbers are from the validation splits that its threshold, calibration and best "
            "epoch were chosen on, and better than they would be on files it has never met."
        )
    unmet = card.notes["band"]["unmet"]
    if unmet:
        sentences.append(
            f"On {', '.join(unmet)} even its firm verdicts were right less than nine times in ten on validation files."
        )
    return tuple(sentences)


def _limits_of_trained() -> tuple[str, ...]:
    return (
        "Pictures from newer generators such as diffusion models are untested: there, 'no sign found' means little.",
        _ALONE,
        "It learned from JPEG files of medium quality; sharper or worse ones are less well known to it.",
    )


def _limits_of_imported(card: Card) -> tuple[str, ...]:
    sets = ", ".join(card.chosen_on)
    return (
        "It was trained elsewhere and imported as numbers alone: what it learned from is not known here.",
        f"Its threshold, its band and its percentages were chosen on a part of {sets}, and it was measured on another "
        f"part. Whether it learned from pictures of {sets} before is not known; if it did, the numbers shown here are "
        "too good.",
        "On what is not in there, be it another kind of manipulation or a newer generator, it is untested: for that, "
        "'no sign found' means little.",
        _ALONE,
    )
