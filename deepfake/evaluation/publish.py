"""From a network with weights to a model folder that the app can offer: judged, described, put in place at once."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.card import Card, JudgingRules, write_card
from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE, Classifier, load_scorer, sha256_of
from deepfake.classifier.library import EVALUATION_FILE, HISTORY_FILE, TRIALS_FILE
from deepfake.classifier.lite import LITE_FILE, write_lite
from deepfake.data.prepare import PreparedSet
from deepfake.errors import ModelExistsError
from deepfake.evaluation.drafts import limits_of
from deepfake.evaluation.evaluate import evaluate, set_scores
from deepfake.evaluation.robustness import measure_robustness
from deepfake.evaluation.self_test import judge_portrait
from deepfake.media.faces import Box
from deepfake.media.quality import measure_quality
from deepfake.training.callbacks import HistoryRow, write_history
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
from deepfake.training.trials import Search

_QUALITY_PERCENTILE = 0.5
_SMALLEST_FACE_PX = 64  # a smaller face would be enlarged far beyond any that was validated: detail that is not there
_HEADLINES = ("auc", "accuracy", "false_alarm_rate", "recall_fake", "eer", "ap", "log_loss", "brier", "ece")


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
    model: Any,
    draft: Card,
    sets: Sequence[PreparedSet],
    folder: Path,
    *,
    history: Sequence[HistoryRow] = (),
    overwrite: bool,
    split: str = "test",
    left_out: Sequence[PreparedSet] = (),
    robustness: bool = True,
    search: Search | None = None,
) -> tuple[Card, dict[str, Any]]:
    """Choose the operating point on validation splits, evaluate on another split, and write the model folder.

    The folder appears whole: it is written beside its place and renamed.

    Args:
        model: The `keras.Model`.
        draft: What is known of it so far, see `drafts.py`.
        sets: Those that the draft speaks of.
        folder: `models/NAME`.
        history: The log of its training; none is written where it is empty.
        overwrite: Whether a model that is there may be replaced.
        split: What to evaluate on; "valid" for experiments, which must leave the test splits unseen. The card then
            says so.
        left_out: Sets that are measured too, and from which nothing was learned or chosen.
        robustness: Whether worse and smaller files are measured too. Their faces are found anew, which takes longer
            than all the rest.
        search: What the knobs were chosen from; its table is kept beside the model.

    Returns:
        The card and the evaluation, as written.

    Raises:
        ModelExistsError: See `refuse_to_replace`.
    """
    refuse_to_replace(folder, overwrite=overwrite)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        model.save(scratch / WEIGHTS_FILE, include_optimizer=False)
        card = replace(
            draft,
            weights_sha256=sha256_of(scratch / WEIGHTS_FILE),
            lite_sha256=write_lite(model, scratch / LITE_FILE),
        )
        classifier = _with_operating_point(Classifier(load_scorer(scratch, card), card), sets)  # as it will answer
        seed = int(card.recipe["seed"])
        evaluation = evaluate(classifier, sets, split=split, seed=seed)
        if left_out:  # beside the others, and not in their mean
            evaluation["sets"] |= evaluate(classifier, left_out, split=split, seed=seed)["sets"]
        evaluation["robustness"] = measure_robustness(classifier, sets, split=split) if robustness else {}
        card = replace(
            classifier.card,
            metrics=_headlines(evaluation),
            limits=limits_of(classifier.card, split=split),
            notes=classifier.card.notes | ({"search": search.note()} if search else {}),
        )
        card = replace(card, portrait_probability=judge_portrait(classifier.with_card(card)))
        write_card(scratch / CARD_FILE, card)
        if history:
            write_history(scratch / HISTORY_FILE, history)
        if search:
            (scratch / TRIALS_FILE).write_bytes(search.to_csv().encode())
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


def _with_operating_point(classifier: Classifier, sets: Sequence[PreparedSet]) -> Classifier:
    """Calibration, threshold, group shift, band and quality limits, all from validation splits."""
    judged = {
        one.name: ValidationScores(scores=set_scores(classifier, one, "valid"), labels=one.labels[one.rows("valid")])
        for one in sets
    }
    calibration, calibration_note = choose_calibration(judged)
    calibrated = classifier.with_card(replace(classifier.card, calibration=calibration))
    probabilities = {name: calibration.apply(one.scores) for name, one in judged.items()}
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
