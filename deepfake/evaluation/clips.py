"""Clips judged as the app judges them, and measured twice: frame by frame, and as wholes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from deepfake.analysis import analyze_clip
from deepfake.classifier.calibration import Values, lower_for_number
from deepfake.classifier.card import Card
from deepfake.classifier.classifier import Classifier
from deepfake.data.clip_layouts import ClipSet, LabelledClip
from deepfake.data.layouts import FAKE
from deepfake.errors import InputError
from deepfake.evaluation.metrics import evaluate_set
from deepfake.files import read_whole
from deepfake.media.detectors import make_detector
from deepfake.people import Person
from deepfake.training.clip_point import ClipScores

_RANKING = ("auc", "ap", "eer")
OnProgress = Callable[[int, int], None]


def judge_clips(
    dataset: ClipSet, clips: Sequence[LabelledClip], classifier: Classifier, *, on_progress: OnProgress | None = None
) -> list[ClipScores]:
    """Judge clips through the same door as the app.

    Args:
        dataset: Whose clips they are.
        clips: Those to judge.
        classifier: Weights and card.
        on_progress: Called with (clips done, clips in all).

    Returns:
        One a clip, in their order; a clip that cannot be read has no people, and says why.
    """
    detector = make_detector(classifier.card.crop.detector)
    judged = []
    for done, clip in enumerate(clips, start=1):
        try:
            people = analyze_clip(read_whole(dataset.root / clip.path), classifier, detector=detector).people
        except InputError as error:
            judged.append(_scores(clip, [], problem=str(error)))
        else:
            judged.append(_scores(clip, [person for person in people if person.is_judged]))
        if on_progress is not None:
            on_progress(done, len(clips))
    return judged


def _scores(clip: LabelledClip, people: Sequence[Person], *, problem: str = "") -> ClipScores:
    """Of a fake clip, only the longest and largest person is known to be altered."""
    by_person = tuple(_counted(person) for person in people)
    if clip.label == FAKE and people:
        known = [by_person[int(np.argmax([person.presence for person in people]))]]
    else:
        known = list(by_person)
    return ClipScores(
        name=clip.path,
        label=clip.label,
        source=clip.source,
        people=by_person,
        frames=np.concatenate([np.zeros(0), *known]),
        problem=problem,
    )


def _counted(person: Person) -> Values:
    return np.array([one.score for one in person.sightings if not one.obstacles])


def evaluate_clips(
    clips: Sequence[ClipScores], card: Card, *, probabilities: Values | None = None, seed: int = 0
) -> dict[str, Any]:
    """Measure a set of clips, frame by frame and as wholes; intervals are resampled by source.

    Args:
        clips: Judged.
        card: Of the model; without clip rules only frames are measured.
        probabilities: P(fake) of each clip that has people, from a calibration that did not see it; by default those of
            the card.
        seed: Of the resampling.

    Returns:
        `frame` and `clip`, each as `evaluate_set` gives them, and how many clips had nobody to judge.
    """
    seen = [clip for clip in clips if clip.people]
    num_unreadable = sum(bool(clip.problem) for clip in clips)
    result: dict[str, Any] = {
        "num_clips": len(clips),
        "num_unreadable": num_unreadable,
        "num_without_person": len(clips) - len(seen) - num_unreadable,
    }
    if not seen:
        return result
    result["frame"] = evaluate_set(
        card.calibration.apply(np.concatenate([clip.frames for clip in seen])),
        np.concatenate([np.full(len(clip.frames), clip.label, np.int64) for clip in seen]),
        [clip.source for clip in seen for _ in clip.frames],
        card.rules,
        unit="frame",
        seed=seed,
    )
    if card.clips is not None:
        pooled = np.array([clip.pooled(card.clips.pooling) for clip in seen])
        numbers = np.array([len(clip.people) for clip in seen])
        shift = card.rules.logit_shift_per_log_face
        of_card = lower_for_number(card.clips.calibration.apply(pooled), numbers, shift)
        result["clip"] = _as_wholes(seen, of_card, card, seed)
        if probabilities is not None:
            left_out = _as_wholes(seen, lower_for_number(probabilities, numbers, shift), card, seed)
            # each fold has a calibration of its own, which must not mix up the order of clips from different folds
            ranking = {name: result["clip"]["metrics"][name] for name in _RANKING if name in result["clip"]["metrics"]}
            curves = {name: result["clip"][name] for name in ("roc", "precision_recall")}
            result["clip"] = {**left_out, **curves, "metrics": {**left_out["metrics"], **ranking}}
    return result


def _as_wholes(clips: Sequence[ClipScores], probabilities: Values, card: Card, seed: int) -> dict[str, Any]:
    return evaluate_set(
        probabilities,
        np.array([clip.label for clip in clips], np.int64),
        [clip.source for clip in clips],
        card.rules_of_people(),
        unit="clip",
        seed=seed,
    )
