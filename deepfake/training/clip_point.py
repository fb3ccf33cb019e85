"""What turns the frames of a person into a verdict on a clip: pooling, calibration, threshold and band.

Clips are few and frames of one person err together, so every choice is made by cross-validation over sources
(pairs of people): a clip's probability always comes from a calibration that saw neither of its people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepfake.classifier.calibration import Calibration, Values, fit_calibration, lower_for_number
from deepfake.classifier.card import ClipRules
from deepfake.classifier.pooling import POOLING_RULES, pool_scores
from deepfake.errors import EmptyDatasetError
from deepfake.training.operating_point import MAX_FALSE_ALARMS, MIN_CORRECTNESS, choose_band, choose_threshold

MIN_FRAMES = 3  # a face seen in fewer judged frames is as often a hand or a poster as a person
MIN_DETECTION_SCORE = 0.75  # YuNet's median on people; on hands and posters of the FaceForensics++ clips it is lower
_NUM_FOLDS = 5
_NUM_REPEATS = 10
_KINDS = ("temperature", "slope_offset")  # the simplest first
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipScores:
    """A clip as the model saw it.

    Attributes:
        name: Of the file, for people.
        label: 0 real, 1 fake.
        source: The clip, person or pair of people that it comes from.
        people: Raw scores of the frames that count, of each person who was judged; empty where nobody was.
        frames: Raw scores of the frames that count of those people who are known to be real or fake.
        problem: Why the clip could not be read; empty where it could.
    """

    name: str
    label: int
    source: str
    people: tuple[Values, ...]
    frames: Values
    problem: str = ""

    def pooled(self, pooling: str) -> float:
        """The raw score of the clip: that of its most suspicious person."""
        return max(pool_scores(scores, pooling) for scores in self.people)


def choose_clip_rules(
    sets: Mapping[str, Sequence[ClipScores]], *, shift_per_log_person: float = 0.0, seed: int
) -> tuple[ClipRules, dict[str, Values]]:
    """Choose how people in clips are judged.

    Of pooling rules and kinds of calibration, the simplest is taken whose log loss on left-out sources is within
    one standard error of the best. Where no band makes firm verdicts right often enough on every set, no firm
    verdict is given at all.

    Args:
        sets: Clips by set, on which the model was not trained; those without a judged person are passed over.
        shift_per_log_person: The card's `logit_shift_per_log_face`, by which limits rise with the number of people.
        seed: Deals the folds.

    Returns:
        The rules; and by set, of those in which anybody was judged, the probability of each clip with a judged
        person from a calibration that did not see its source.

    Raises:
        EmptyDatasetError: Too few sources, or a class is missing.
    """
    clips = [clip for one in sets.values() for clip in one if clip.people]
    names = [name for name, one in sets.items() for clip in one if clip.people]
    labels = np.array([clip.label for clip in clips], np.int64)
    sources = np.array([clip.source for clip in clips])
    _require_enough(labels, sources)
    losses, probabilities = {}, {}
    for pooling in POOLING_RULES:
        scores = np.array([clip.pooled(pooling) for clip in clips])
        for kind in _KINDS:
            probabilities[pooling, kind] = _left_out(scores, labels, sources, names, kind, seed)
            losses[pooling, kind] = _loss_by_source(probabilities[pooling, kind], labels, sources)
    pooling, kind = _simplest_within_noise(losses)
    scores = np.array([clip.pooled(pooling) for clip in clips])
    by_set = {name: probabilities[pooling, kind][np.array(names) == name] for name in dict.fromkeys(names)}
    labels_by_set = {name: labels[np.array(names) == name] for name in by_set}
    numbers = np.array([len(clip.people) for clip in clips])
    compared = {
        name: lower_for_number(by_set[name], numbers[np.array(names) == name], shift_per_log_person) for name in by_set
    }
    threshold = choose_threshold(
        {name: compared[name][labels_by_set[name] == 0] for name in by_set if not labels_by_set[name].all()}
    )
    band = choose_band(compared, labels_by_set, threshold)
    rules = ClipRules(
        pooling=pooling,
        calibration=fit_calibration(scores, labels, _weights(labels, names), kind=kind),
        threshold=threshold,
        band_low=0.0 if band.unmet else band.low,
        band_high=1.0 if band.unmet else band.high,
        min_frames=MIN_FRAMES,
        min_detection_score=MIN_DETECTION_SCORE,
        note={
            "chosen_on": {name: _counts(labels_by_set[name]) for name in by_set},
            "num_sources": len(set(sources)),
            "log_loss_on_left_out_sources": {
                f"{rule}, {one}": round(float(loss.mean()), 4) for (rule, one), loss in losses.items()
            },
            "threshold_rule": f"false alarms at most {MAX_FALSE_ALARMS:.0%} on the real clips of every set",
            "band_rule": f"firm verdicts at least {MIN_CORRECTNESS:.0%} right on every set, else none at all",
            "unmet": list(band.unmet),
            "correctness_if_firm": band.correctness,
        },
    )
    return rules, by_set


def _require_enough(labels: Labels, sources: npt.NDArray[np.str_]) -> None:
    num_sources = len(set(sources))
    if num_sources < 2 * _NUM_FOLDS or not 0 < labels.sum() < len(labels):
        raise EmptyDatasetError(
            f"Clips can be calibrated on {2 * _NUM_FOLDS} sources (pairs of people) or more, real and fake. Received "
            f"{num_sources} sources with {int((labels == 0).sum())} real and {int(labels.sum())} fake clips in which a "
            "person could be judged. Add clips, or name another set."
        )


def _counts(labels: Labels) -> dict[str, int]:
    return {"real": int((labels == 0).sum()), "fake": int(labels.sum())}


def _weights(labels: Labels, names: Sequence[str]) -> Values:
    """The same say for every set, and in a set for every class that it has."""
    groups = list(zip(names, labels.tolist(), strict=True))
    return np.array([1 / groups.count(group) for group in groups])


def _left_out(
    scores: Values, labels: Labels, sources: npt.NDArray[np.str_], names: Sequence[str], kind: str, seed: int
) -> Values:
    """Calibrated probabilities, each the mean over repeats of fits without its source."""
    unique = np.unique(sources)
    rng = np.random.default_rng(seed)
    weights = _weights(labels, names)
    total = np.zeros(len(scores))
    for _ in range(_NUM_REPEATS):
        fold_of = dict(zip(rng.permutation(unique), np.arange(len(unique)) % _NUM_FOLDS, strict=True))
        folds = np.array([fold_of[source] for source in sources])
        for fold in range(_NUM_FOLDS):
            out = folds == fold
            fitted = _fit(scores[~out], labels[~out], weights[~out], kind)
            total[out] += fitted.apply(scores[out])
    return total / _NUM_REPEATS


def _fit(scores: Values, labels: Labels, weights: Values, kind: str) -> Calibration:
    if not 0 < labels.sum() < len(labels):
        return Calibration()
    return fit_calibration(scores, labels, weights, kind=kind)


def _loss_by_source(probabilities: Values, labels: Labels, sources: npt.NDArray[np.str_]) -> Values:
    """Log loss of each source: the mean of that of its real and that of its fake clips."""
    truth = np.where(labels == 1, probabilities, 1 - probabilities)
    losses = -np.log(np.clip(truth, 1e-12, 1))
    by_source = []
    for source in np.unique(sources):
        here = [losses[(sources == source) & (labels == label)] for label in (0, 1)]
        by_source.append(np.mean([one.mean() for one in here if len(one)]))
    return np.array(by_source)


def _simplest_within_noise(losses: Mapping[tuple[str, str], Values]) -> tuple[str, str]:
    """The first choice whose loss is within one standard error of the best one's."""
    best = min(losses, key=lambda choice: float(losses[choice].mean()))
    for choice, loss in losses.items():
        difference = loss - losses[best]
        if difference.mean() <= difference.std(ddof=1) / np.sqrt(len(difference)):
            return choice
    return best
