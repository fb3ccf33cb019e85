"""Explanations measured on a set: does what they point to move the probability, and do other seeds point there too?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from deepfake.classifier.classifier import Classifier
from deepfake.evaluation.faces import LabelledFace
from deepfake.evaluation.metrics import mean_estimate
from deepfake.explain.agreement import rank_correlation, top_overlap
from deepfake.explain.base import METHODS, Explanation, ExplanationSettings
from deepfake.explain.checks import check_by_hiding, hiding_curve, order_of_hiding, random_orders
from deepfake.explain.explaining import EXPLAINERS, explain
from deepfake.explain.perturbed import PerturbedFace

_OTHER_SEED = 10_000  # beyond all repeats of the first
_NUM_ORDERS = 10
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One explanation of one face. Areas and effects are of the probability of the side that the face is on.

    Attributes:
        deletion_area: Mean probability while segments are hidden, those that push to its side first; low is good.
        insertion_area: While they are shown in that order, starting from the baseline; high is good.
        effect: By how much hiding the leading ones takes the probability off its side; 0 where none pushes there.
        random_effect: The same of as many random ones, on average.
        beats_random: Whether that is further than each of 20 random choices; not where none pushes there.
        is_stable: Whether the repeats agree.
        rank_correlation: With an explanation by other seeds.
        top_overlap: Share of five leading segments that the two have in common.
        fidelity: Weighted R2; NaN for methods without a surrogate.
        num_samples: Variants of the face that it rests on.
        seconds: Time taken, from the crop to the map.
    """

    deletion_area: float
    insertion_area: float
    effect: float
    random_effect: float
    beats_random: bool
    is_stable: bool
    rank_correlation: float
    top_overlap: float
    fidelity: float
    num_samples: int
    seconds: float


def measure_explanations(
    faces: Sequence[LabelledFace],
    classifier: Classifier,
    settings: ExplanationSettings,
    *,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Explain each face by each method and check the explanations.

    Args:
        faces: From `draw_faces`.
        classifier: Weights and card.
        settings: How thoroughly; the method does not matter, all are measured.
        on_progress: Called with (faces done, faces in all).

    Returns:
        By method the mean of each attribute of `Trial` with its interval; under `random`, the area under random orders,
        which deletion has to go below and insertion above.
    """
    trials: dict[str, list[Trial]] = {method: [] for method in METHODS}
    random_areas = []
    for done, face in enumerate(faces, start=1):
        for method in METHODS:
            trials[method].append(_try(face, classifier, replace(settings, method=method)))
        random_areas.append(_random_area(face.perturbed(classifier, settings), classifier, settings.seed))
        if on_progress is not None:
            on_progress(done, len(faces))
    sources = [face.source for face in faces]
    return {
        "num_real": sum(face.label == 0 for face in faces),
        "num_fake": sum(face.label == 1 for face in faces),
        "num_sources": len(set(sources)),
        "settings": {name: value for name, value in settings.to_dict().items() if name != "method"},
        "methods": {method: _means(made, sources) for method, made in trials.items()},
        "random": {"area": mean_estimate(random_areas, sources)},
    }


def _try(face: LabelledFace, classifier: Classifier, settings: ExplanationSettings) -> Trial:
    started = time.perf_counter()
    perturbed = face.perturbed(classifier, settings)  # afresh: what another method judged must not make it look fast
    explanation = explain(perturbed, settings)
    seconds = time.perf_counter() - started
    threshold = classifier.card.rules.threshold
    towards_fake = explanation.probability >= threshold
    order = order_of_hiding(explanation, towards_fake=towards_fake)
    check = check_by_hiding(perturbed, explanation, threshold=threshold, seed=settings.seed)
    other = _with_other_seed(perturbed, explanation, settings)
    chance = explanation.agreement.chance if explanation.agreement else 0.0
    return Trial(
        deletion_area=_of_side(hiding_curve(perturbed, order).area, towards_fake=towards_fake),
        insertion_area=_of_side(hiding_curve(perturbed, order, showing=True).area, towards_fake=towards_fake),
        effect=check.effect if check else 0.0,
        random_effect=check.random_effect if check else 0.0,
        beats_random=check is not None and check.beats_random,
        is_stable=explanation.is_stable,
        rank_correlation=rank_correlation(explanation.weights, other.weights, chance=chance),
        top_overlap=top_overlap(explanation.weights, other.weights, chance=chance),
        fidelity=np.nan if explanation.fidelity is None else explanation.fidelity,
        num_samples=explanation.num_samples,
        seconds=seconds,
    )


def _with_other_seed(face: PerturbedFace, explanation: Explanation, settings: ExplanationSettings) -> Explanation:
    if not EXPLAINERS[settings.method].is_random:
        return explanation
    return explain(face, replace(settings, seed=settings.seed + _OTHER_SEED))


def _random_area(face: PerturbedFace, classifier: Classifier, seed: int) -> float:
    """Of hiding in random orders; showing in random orders has the same on average."""
    areas = [hiding_curve(face, order).area for order in random_orders(face.num_segments, _NUM_ORDERS, seed=seed)]
    return _of_side(float(np.mean(areas)), towards_fake=face.probability >= classifier.card.rules.threshold)


def _of_side(probability: float, *, towards_fake: bool) -> float:
    return probability if towards_fake else 1 - probability


def _means(trials: Sequence[Trial], sources: Sequence[str]) -> dict[str, Any]:
    columns = {field.name: [asdict(trial)[field.name] for trial in trials] for field in fields(Trial)}
    return {name: mean_estimate(values, sources) for name, values in columns.items() if not np.isnan(values).any()}
