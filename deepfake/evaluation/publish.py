"""From a trained network to a model folder that the app can offer: judged, described, then put in place at once."""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.calibration import Calibration
from deepfake.classifier.card import Card, JudgingRules, write_card
from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE, Classifier, compile_scorer, sha256_of
from deepfake.classifier.library import EVALUATION_FILE, HISTORY_FILE
from deepfake.data.prepare import PreparedSet
from deepfake.data.terms import terms_of
from deepfake.errors import ModelExistsError
from deepfake.evaluation.evaluate import evaluate, set_probabilities, set_scores
from deepfake.evaluation.robustness import measure_robustness
from deepfake.media.faces import Box
from deepfake.media.quality import measure_quality
from deepfake.training.callbacks import write_history
from deepfake.training.operating_point import (
    MAX_FALSE_ALARMS,
    MIN_CORRECTNESS,
    Band,
    ValidationScores,
    choose_band,
    choose_calibration,
    choose_group_shift,
    choose_threshold,
)
from deepfake.training.recipes import Recipe
from deepfake.training.trainer import TrainedModel

_QUALITY_PERCENTILE = 0.5
_SMALLEST_FACE_PX = 64  # a smaller face would be enlarged far beyond any that was validated: detail that is not there
_LIBRARIES = ("tensorflow", "keras", "numpy", "opencv-python-headless", "scikit-learn", "lime", "scikit-image")
_HEADLINES = ("auc", "accuracy", "false_alarm_rate", "recall_fake", "eer", "ap", "log_loss", "brier", "ece")
_UNDECIDED = JudgingRules(
    threshold=0.5,
    band_low=0.5,
    band_high=0.5,
    logit_shift_per_log_face=0.0,
    min_face_px=1,
    min_brightness=0.0,
    min_sharpness=0.0,
)


def refuse_to_replace(folder: Path, *, overwrite: bool) -> None:
    """Stop before any work is done for a model that could not be kept.

    Raises:
        ModelExistsError: The folder is there and `overwrite` is False.
    """
    if folder.exists() and not overwrite:
        raise ModelExistsError(
            f"There is a model at {folder} already. Expected a new name, so that nothing is lost. "
            "Choose another --name, or add --overwrite to replace it."
        )


def publish_model(
    trained: TrainedModel,
    recipe: Recipe,
    sets: Sequence[PreparedSet],
    folder: Path,
    *,
    overwrite: bool,
    split: str = "test",
    left_out: Sequence[PreparedSet] = (),
    robustness: bool = True,
) -> tuple[Card, dict[str, Any]]:
    """Choose the operating point on validation splits, evaluate on another split, and write the model folder.

    The folder appears whole: it is written beside its place and renamed.

    Args:
        trained: From `train`.
        recipe: What it was trained by.
        sets: Those it was trained on, and sets of real faces alone, which count false alarms.
        folder: `models/NAME`.
        overwrite: Whether a model that is there may be replaced.
        split: What to evaluate on; "valid" for experiments, which must leave the test splits unseen. The card then
            says so.
        left_out: Sets that are measured too, and from which nothing was learned or chosen.
        robustness: Whether worse and smaller files are measured too. Their faces are found anew, which takes longer
            than all the rest.

    Returns:
        The card and the evaluation, as written.

    Raises:
        ModelExistsError: See `refuse_to_replace`.
    """
    refuse_to_replace(folder, overwrite=overwrite)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        trained.model.save(scratch / WEIGHTS_FILE, include_optimizer=False)
        draft = _draft_card(trained, recipe, sets, left_out, folder.name, sha256_of(scratch / WEIGHTS_FILE))
        classifier = _with_operating_point(Classifier(compile_scorer(trained.model), draft), sets)
        evaluation = evaluate(classifier, sets, split=split, seed=recipe.seed)
        if left_out:  # beside the others, and not in their mean
            evaluation["sets"] |= evaluate(classifier, left_out, split=split, seed=recipe.seed)["sets"]
        evaluation["robustness"] = measure_robustness(classifier, sets, split=split) if robustness else {}
        card = replace(
            classifier.card,
            metrics=_headlines(evaluation),
            limits=_limits(split, classifier.card.notes["band"]["unmet"]),
        )
        write_card(scratch / CARD_FILE, card)
        write_history(scratch / HISTORY_FILE, trained.history)
        (scratch / EVALUATION_FILE).write_text(json.dumps(evaluation, indent=1) + "\n", encoding="utf-8")
        scratch.chmod(0o755)  # mkdtemp's folder is for its owner alone
        _put_in_place(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return card, evaluation


def _put_in_place(scratch: Path, folder: Path) -> None:
    """Swap folders; a kill in between leaves the old one under its hidden name."""
    old = folder.with_name(f".{folder.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    scratch.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _draft_card(
    trained: TrainedModel,
    recipe: Recipe,
    sets: Sequence[PreparedSet],
    left_out: Sequence[PreparedSet],
    name: str,
    weights_sha256: str,
) -> Card:
    """The card before anything was chosen or measured."""
    balanced = {rows.name: rows for rows in trained.rows}
    training_data = {}
    for one in (*sets, *left_out):
        terms = terms_of(one.dataset)
        rows = balanced.get(one.name)
        unseen = "false alarms only" if one.dataset.is_all_real else "left out"
        training_data[one.name] = {
            "title": terms.title,
            "shows": terms.shows,
            "terms": terms.terms,
            "role": "training" if rows else unseen,
            "balance": {"method": recipe.balance, "before": rows.counts_before, "after": rows.counts_after}
            if rows
            else None,
            **one.summary(),
        }
    return Card(
        name=name,
        title=recipe.title(),
        architecture=recipe.name,
        crop=recipe.crop_settings(),
        calibration=Calibration(),
        rules=_UNDECIDED,
        weights_sha256=weights_sha256,
        recipe=recipe.to_dict(),
        training_data=training_data,
        metrics={},
        notes={},
        limits=(),
        licence="Code: MIT. Weights: research and non-commercial use, as the terms of the training data ask.",
        versions={library: _version(library) for library in _LIBRARIES} | {"python": platform.python_version()},
        num_parameters=int(trained.model.count_params()),
        best_epoch=trained.best_epoch,
    )


def _version(library: str) -> str:
    """The installed version; TensorFlow and OpenCV are also sold under other names."""
    for name in (library, f"{library}-cpu", library.removesuffix("-headless")):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"


def _with_operating_point(classifier: Classifier, sets: Sequence[PreparedSet]) -> Classifier:
    """Calibration, threshold, group shift, band and quality limits, all from validation splits."""
    judged = {
        one.name: ValidationScores(scores=set_scores(classifier, one, "valid"), labels=one.labels[one.rows("valid")])
        for one in sets
    }
    calibration, calibration_note = choose_calibration(judged)
    calibrated = classifier.with_card(replace(classifier.card, calibration=calibration))
    probabilities = {one.name: set_probabilities(calibrated, one, "valid") for one in sets}
    all_real = [one.name for one in sets if one.dataset.is_all_real] or list(judged)
    reals = {name: probabilities[name][judged[name].labels == 0] for name in all_real}
    threshold = choose_threshold(reals)
    band = choose_band(probabilities, {name: one.labels for name, one in judged.items()}, threshold)
    min_brightness, min_sharpness = _quality_limits(sets)
    rules = JudgingRules(
        threshold=threshold,
        band_low=band.low,
        band_high=band.high,
        logit_shift_per_log_face=choose_group_shift(reals),
        min_face_px=min(classifier.card.crop.side_px, _SMALLEST_FACE_PX),
        min_brightness=min_brightness,
        min_sharpness=min_sharpness,
    )
    notes = {
        "calibration": calibration_note,
        "threshold": {
            "rule": f"false alarms at most {MAX_FALSE_ALARMS:.0%} on the validation reals of {', '.join(all_real)}",
            "false_alarm_rate": {name: float((values >= threshold).mean()) for name, values in reals.items()},
        },
        "band": _band_note(band),
        "quality_limits": f"brightness and sharpness: the lowest {_QUALITY_PERCENTILE} % of validation crops lie below",
    }
    return calibrated.with_card(replace(calibrated.card, rules=rules, notes=notes))


def _band_note(band: Band) -> dict[str, Any]:
    return {
        "rule": f"firm verdicts at least {MIN_CORRECTNESS:.0%} right on every validation set, as narrow as that allows",
        "unmet": list(band.unmet),
        "coverage": band.coverage,
        "correctness": band.correctness,
    }


def _quality_limits(sets: Sequence[PreparedSet]) -> tuple[float, float]:
    """Brightness and sharpness below which crops are unlike nearly all that the model was validated on."""
    lowest = []
    for one in sets:
        crops: npt.NDArray[np.uint8] = one.crop_set.crops[one.rows("valid")]
        whole = Box.from_xywh(0, 0, crops.shape[2], crops.shape[1])
        qualities = [measure_quality(crop.astype(np.float32), whole) for crop in crops]
        lowest.append(
            np.percentile(
                [(quality.brightness, quality.sharpness) for quality in qualities], _QUALITY_PERCENTILE, axis=0
            )
        )
    brightness, sharpness = np.min(lowest, axis=0)
    return round(float(brightness), 2), round(float(sharpness), 2)


def _headlines(evaluation: dict[str, Any]) -> dict[str, Any]:
    """The card's share of the evaluation: headline numbers a set, and their mean."""
    by_set = {
        name: {metric: one["metrics"][metric] for metric in _HEADLINES if metric in one["metrics"]}
        | {"firm_coverage": one["firm"]["coverage"], "firm_correctness": one["firm"]["correctness"]}
        for name, one in evaluation["sets"].items()
    }
    macro = {metric: evaluation["macro"][metric] for metric in _HEADLINES if metric in evaluation["macro"]}
    return {"split": evaluation["split"], "sets": by_set, "macro": macro}


def _limits(split: str, unmet: Sequence[str]) -> tuple[str, ...]:
    """What the model cannot do, but for what its metrics say already: on which set it is best and worst."""
    sentences = [
        "Pictures from newer generators such as diffusion models are untested: there, 'no sign found' means little.",
        "It judges one face at a time, from its pixels alone; it knows nothing of the scene or the source.",
        "It learned from JPEG files of medium quality; sharper or worse ones are less well known to it.",
    ]
    if split == "valid":
        sentences.append(
            "It is an experiment: its numbers are from the validation splits that its threshold, calibration and best "
            "epoch were chosen on, and better than they would be on files it has never met."
        )
    if unmet:
        sentences.append(
            f"On {', '.join(unmet)} even its firm verdicts were right less than nine times in ten on validation files."
        )
    return tuple(sentences)
