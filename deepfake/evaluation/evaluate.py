"""Judge prepared sets with a model and measure it: what `train.py` and `python -m deepfake evaluate` write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from deepfake.classifier.calibration import Values
from deepfake.classifier.classifier import Classifier
from deepfake.data.prepare import PreparedSet
from deepfake.evaluation.groups import false_alarms_by_group
from deepfake.evaluation.metrics import evaluate_set, macro_average
from deepfake.evaluation.montages import measure_montages

EVALUATION_FORMAT_VERSION = 1
_BLOCK = 4096


def evaluate(classifier: Classifier, sets: Sequence[PreparedSet], *, split: str, seed: int = 0) -> dict[str, Any]:
    """Measure a model on one split of each set.

    Args:
        classifier: Weights and card.
        sets: Cut as the model's card says.
        split: "train", "valid", "test" or "all".
        seed: Of the intervals' resampling.

    Returns:
        As `evaluation.json` stores it. Files without a face are counted beside the metrics, not in them. The
        macro-average is over the sets that have both classes. A set whose names tell who is shown also has the false
        alarms of each group.
    """
    rules = classifier.card.rules
    results = {}
    real_probabilities = {}
    for one in sets:
        rows = one.rows(split)
        if not len(rows):
            continue
        probabilities = set_probabilities(classifier, one, split)
        labels = one.labels[rows]
        measured = evaluate_set(probabilities, labels, [one.sources[row] for row in rows], rules, seed=seed)
        results[one.name] = {**measured, "num_without_face": len(one.crop_set.paths_with("no_face"))}
        if one.dataset.is_all_real:
            real_probabilities[one.name] = probabilities
        if one.dataset.layout == "utkface":
            samples = one.sample_of_row()
            names = [PurePosixPath(samples[row].path).name for row in rows]
            groups = false_alarms_by_group(probabilities, names, [one.sources[row] for row in rows], rules, seed=seed)
            results[one.name]["false_alarms_by_group"] = groups
    return {
        "format_version": EVALUATION_FORMAT_VERSION,
        "model": classifier.card.name,
        "split": split,
        "seed": seed,
        "threshold": rules.threshold,
        "band": [rules.band_low, rules.band_high],
        "sets": results,
        "macro": macro_average([one for one in results.values() if one["roc"] is not None]),
        "montages": measure_montages(real_probabilities, rules, seed=seed),
    }


def set_probabilities(classifier: Classifier, prepared: PreparedSet, split: str) -> Values:
    """P(fake) of every crop of a split, in the order of its rows, read from disk in blocks."""
    return classifier.card.calibration.apply(set_scores(classifier, prepared, split))


def set_scores(classifier: Classifier, prepared: PreparedSet, split: str) -> Values:
    """Raw scores of every crop of a split, in the order of its rows, read from disk in blocks."""
    rows = prepared.rows(split)
    blocks = [
        classifier.scores(prepared.crop_set.crops[rows[start : start + _BLOCK]].astype(np.float32))
        for start in range(0, len(rows), _BLOCK)
    ]
    return np.concatenate([np.zeros(0), *blocks])
