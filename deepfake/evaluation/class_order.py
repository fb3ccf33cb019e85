"""Whether a model that was trained elsewhere calls the same class 1 as we do, told from validation splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepfake.classifier.classifier import Classifier
from deepfake.data.prepare import PreparedSet
from deepfake.errors import ForeignWeightsError
from deepfake.evaluation.evaluate import evaluate, set_scores

_GUESSING = 0.5


def validation_auc(classifier: Classifier, sets: Sequence[PreparedSet]) -> dict[str, Any]:
    """Mean image AUC over the validation splits of the sets with fakes, with its 95 % interval.

    Args:
        classifier: Weights and a card on which nothing was chosen yet.
        sets: At least one with both classes.

    Raises:
        ForeignWeightsError: The scores are no numbers.
    """
    for one in sets:
        scores = set_scores(classifier, one, "valid")
        if not np.isfinite(scores).all():
            raise ForeignWeightsError(
                f"With these weights {int((~np.isfinite(scores)).sum())} of {len(scores)} faces of {one.name} get a "
                "score that is no number. Expected one for each. The weights are damaged, or not of this network."
            )
    both = [one for one in sets if not one.dataset.is_all_real]
    auc: dict[str, Any] = evaluate(classifier, both, split="valid")["macro"]["auc"]
    return auc


def is_turned_around(auc: dict[str, Any]) -> bool:
    """Whether real faces clearly get the higher scores: there is a 95 % interval, all of it below guessing."""
    return auc["high"] is not None and bool(auc["high"] < _GUESSING)
