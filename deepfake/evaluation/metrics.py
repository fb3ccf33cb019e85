"""The field's measures for one set of probabilities, with 95 % intervals resampled by source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from deepfake.classifier.calibration import Values
from deepfake.classifier.card import JudgingRules

Labels = npt.NDArray[np.int64]
StoredEstimate = dict[str, float | int | None]
MIN_SOURCES = 10  # with fewer, resampling them says nothing of the next one
_NUM_RESAMPLES = 500
_NUM_BINS = 10
_MAX_CURVE_POINTS = 200


def evaluate_set(
    probabilities: Values,
    labels: Labels,
    sources: Sequence[str],
    rules: JudgingRules,
    *,
    unit: str = "image",
    seed: int = 0,
) -> dict[str, Any]:
    """Measure one set.

    Args:
        probabilities: P(fake), shape (n,).
        labels: 0 real, 1 fake, shape (n,). Where one class is missing, what needs both is left out.
        sources: What is resampled together, one a sample: clips, people, pairs. Fewer than ten have no interval.
        rules: Threshold and band.
        unit: What a sample is: "image", "frame" or "clip".
        seed: Of the resampling.

    Returns:
        As `evaluation.json` stores it: `metrics` by name, each with value, low, high and n; the confusion matrix
        (rows truly real and fake, columns called so at the threshold); firm verdicts; curves; reliability bins.
    """
    both = bool(0 < labels.sum() < len(labels))
    measures = {**_ANY_CLASS, **(_BOTH_CLASSES if both else {})}
    firm = (probabilities <= rules.band_low) | (probabilities >= rules.band_high)
    draws = _resampled_rows(sources, seed) if len(set(sources)) >= MIN_SOURCES else []
    metrics = {
        name: _estimate(partial(_under_rules, measure, rules), probabilities, labels, draws)
        for name, measure in measures.items()
    }
    return {
        "unit": unit,
        "num_real": int((labels == 0).sum()),
        "num_fake": int((labels == 1).sum()),
        "num_sources": len(set(sources)),
        "metrics": metrics,
        "confusion": confusion_matrix(probabilities, labels, rules.threshold),
        "firm": {
            "coverage": _estimate(lambda p, y: _coverage(p, rules), probabilities, labels, draws),
            "correctness": {
                **_estimate(lambda p, y: _firm_correctness(p, y, rules), probabilities, labels, draws),
                "n": int(firm.sum()),
            },
            "verdicts": _verdict_counts(probabilities, labels, rules),
        },
        "mean_probability": {
            name: float(probabilities[labels == label].mean()) if (labels == label).any() else None
            for label, name in enumerate(("real", "fake"))
        },
        "roc": _roc(probabilities, labels) if both else None,
        "precision_recall": _precision_recall(probabilities, labels) if both else None,
        "reliability": reliability_bins(probabilities, labels),
    }


def macro_average(sets: Sequence[dict[str, Any]]) -> dict[str, StoredEstimate]:
    """Mean over sets of each metric that all of them have; every set counts the same.

    The interval is that of a mean of independent estimates, from each set's own; without one of those there is none.
    """
    shared = set.intersection(*(set(one["metrics"]) for one in sets)) if sets else set()
    result: dict[str, StoredEstimate] = {}
    for name in sorted(shared):
        values = [one["metrics"][name] for one in sets]
        if any(value["value"] is None for value in values):
            continue  # undefined on one set, so undefined as a mean of all
        mean = float(np.mean([value["value"] for value in values]))
        low = high = None
        if all(value["low"] is not None for value in values):
            half = float(np.sqrt(np.sum([((value["high"] - value["low"]) / 2) ** 2 for value in values])) / len(values))
            low, high = mean - half, mean + half
        result[name] = {"value": mean, "low": low, "high": high, "n": sum(v["n"] for v in values)}
    return result


def mean_estimate(values: Sequence[float], sources: Sequence[str], *, seed: int = 0) -> StoredEstimate:
    """A mean with its interval; whole sources are resampled, and fewer than ten of them have no interval.

    Args:
        values: One a sample.
        sources: What is resampled together, one a sample.
        seed: Of the resampling.
    """
    if not len(values):
        return {"value": None, "low": None, "high": None, "n": 0}
    array = np.asarray(values, dtype=np.float64)
    low = high = None
    if len(set(sources)) >= MIN_SOURCES:
        resampled = [array[rows].mean() for rows in _resampled_rows(sources, seed)]
        low, high = (float(bound) for bound in np.percentile(resampled, [2.5, 97.5]))
    return {"value": float(array.mean()), "low": low, "high": high, "n": len(array)}


def confusion_matrix(probabilities: Values, labels: Labels, threshold: float) -> list[list[int]]:
    """[[real called real, real called fake], [fake called real, fake called fake]]."""
    called = (probabilities >= threshold).astype(int)
    return [[int(((labels == truth) & (called == said)).sum()) for said in (0, 1)] for truth in (0, 1)]


def equal_error_rate(probabilities: Values, labels: Labels) -> float:
    """Where false alarms and misses are equally frequent, interpolated between the curve's points."""
    false_alarms, detected, _ = roc_curve(labels, probabilities)
    gap = (1 - detected) - false_alarms
    after = int(np.argmax(gap <= 0))
    if after == 0:
        return float(false_alarms[0])
    step = gap[after - 1] / (gap[after - 1] - gap[after])
    return float(false_alarms[after - 1] + step * (false_alarms[after] - false_alarms[after - 1]))


def expected_calibration_error(probabilities: Values, labels: Labels) -> float:
    """Mean distance of probability and frequency over ten even bins (Naeini et al., AAAI 2015)."""
    return sum(
        float(bin_["n"] / len(labels) * abs(bin_["mean_probability"] - bin_["share_fake"]))
        for bin_ in reliability_bins(probabilities, labels)
    )


def reliability_bins(probabilities: Values, labels: Labels) -> list[dict[str, Any]]:
    """Probability against frequency in ten even bins; empty ones are left out."""
    numbers = np.minimum((probabilities * _NUM_BINS).astype(int), _NUM_BINS - 1)
    return [
        {
            "low": number / _NUM_BINS,
            "high": (number + 1) / _NUM_BINS,
            "n": int((numbers == number).sum()),
            "mean_probability": float(probabilities[numbers == number].mean()),
            "share_fake": float(labels[numbers == number].mean()),
        }
        for number in np.unique(numbers)
    ]


def _log_loss(p: Values, y: Labels, _: JudgingRules) -> float:
    clipped = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(np.where(y == 1, np.log(clipped), np.log1p(-clipped))))


def _rate(numerator: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> float:
    return float(numerator[among].mean()) if among.any() else float("nan")


def _called(p: Values, rules: JudgingRules) -> npt.NDArray[np.bool_]:
    return np.asarray(p >= rules.threshold)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def _precision_fake(p: Values, y: Labels, rules: JudgingRules) -> float:
    return _rate(y == 1, _called(p, rules))


def _precision_real(p: Values, y: Labels, rules: JudgingRules) -> float:
    return _rate(y == 0, ~_called(p, rules))


def _recall_fake(p: Values, y: Labels, rules: JudgingRules) -> float:
    return _rate(_called(p, rules), y == 1)


def _recall_real(p: Values, y: Labels, rules: JudgingRules) -> float:
    return _rate(~_called(p, rules), y == 0)


Measure = Callable[[Values, Labels, JudgingRules], float]
_ANY_CLASS: dict[str, Measure] = {
    "accuracy": lambda p, y, rules: float((_called(p, rules) == (y == 1)).mean()),
    "false_alarm_rate": lambda p, y, rules: _rate(_called(p, rules), y == 0),
    "log_loss": _log_loss,
    "brier": lambda p, y, _: float(np.mean((p - y) ** 2)),
}
_BOTH_CLASSES: dict[str, Measure] = {
    "auc": lambda p, y, _: float(roc_auc_score(y, p)),
    "eer": lambda p, y, _: equal_error_rate(p, y),
    "ap": lambda p, y, _: float(average_precision_score(y, p)),
    "ece": lambda p, y, _: expected_calibration_error(p, y),
    "precision_fake": _precision_fake,
    "recall_fake": _recall_fake,
    "f1_fake": lambda p, y, rules: _f1(_precision_fake(p, y, rules), _recall_fake(p, y, rules)),
    "precision_real": _precision_real,
    "recall_real": _recall_real,
    "f1_real": lambda p, y, rules: _f1(_precision_real(p, y, rules), _recall_real(p, y, rules)),
}


def _under_rules(measure: Measure, rules: JudgingRules, p: Values, y: Labels) -> float:
    return measure(p, y, rules)


def _coverage(p: Values, rules: JudgingRules) -> float:
    return float(((p <= rules.band_low) | (p >= rules.band_high)).mean())


def _firm_correctness(p: Values, y: Labels, rules: JudgingRules) -> float:
    right = np.where(y == 1, p >= rules.band_high, p <= rules.band_low)
    return _rate(right, (p <= rules.band_low) | (p >= rules.band_high))


def _verdict_counts(p: Values, y: Labels, rules: JudgingRules) -> dict[str, dict[str, int]]:
    said = np.where(p >= rules.band_high, "fake", np.where(p <= rules.band_low, "real", "uncertain"))
    return {
        truth: {name: int(((y == label) & (said == name)).sum()) for name in ("real", "uncertain", "fake")}
        for label, truth in enumerate(("real", "fake"))
    }


def _resampled_rows(sources: Sequence[str], seed: int) -> list[npt.NDArray[np.intp]]:
    """Rows of each bootstrap draw: whole sources, with replacement."""
    _, numbers = np.unique(np.asarray(sources), return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(numbers))[:-1])
    rng = np.random.default_rng(seed)
    return [
        np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))]) for _ in range(_NUM_RESAMPLES)
    ]


def _estimate(
    measure: Callable[[Values, Labels], float], p: Values, y: Labels, draws: list[npt.NDArray[np.intp]]
) -> StoredEstimate:
    """A value with its percentile interval, without one where nothing was drawn; None where it is undefined."""
    value = measure(p, y)
    if not draws:
        return {"value": float(value) if np.isfinite(value) else None, "low": None, "high": None, "n": len(p)}
    usable = [rows for rows in draws if len(np.unique(y[rows])) == len(np.unique(y))]
    resampled = np.array([measure(p[rows], y[rows]) for rows in usable])
    resampled = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or not len(resampled):
        return {"value": None, "low": None, "high": None, "n": len(p)}
    low, high = np.percentile(resampled, [2.5, 97.5])
    return {"value": float(value), "low": float(low), "high": float(high), "n": len(p)}


def _roc(p: Values, y: Labels) -> dict[str, list[float]]:
    false_alarms, detected, _ = roc_curve(y, p)
    keep = _thin(len(false_alarms))
    return {"false_alarm_rate": _rounded(false_alarms[keep]), "detection_rate": _rounded(detected[keep])}


def _precision_recall(p: Values, y: Labels) -> dict[str, list[float]]:
    precision, recall, _ = precision_recall_curve(y, p)
    keep = _thin(len(precision))
    return {"recall": _rounded(recall[keep]), "precision": _rounded(precision[keep])}


def _thin(num_points: int) -> npt.NDArray[np.intp]:
    return np.unique(np.linspace(0, num_points - 1, min(num_points, _MAX_CURVE_POINTS)).astype(np.intp))


def _rounded(values: Values) -> list[float]:
    return [round(float(value), 4) for value in values]
