"""The rules of judging: from a probability to a verdict, from faces to a file. All numbers come from the card."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deepfake.classifier.card import JudgingRules
from deepfake.media.quality import FaceQuality

FAKE, REAL, UNCERTAIN, NO_FACE = "fake", "real", "uncertain", "no_face"
VERDICTS = (FAKE, REAL, UNCERTAIN, NO_FACE)
_MANY = {
    "picture": ("faces", "too small, dark or blurred to be judged"),
    "clip": ("people", "too small, dark, blurred, seen too briefly, or perhaps no face, and so not judged"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of a face or a file.

    Attributes:
        verdict: One of `VERDICTS`.
        probability: P(fake), calibrated, 0..1; None where there is no face.
        reasons: Why, in sentences for people; the first one weighs most.
    """

    verdict: str
    probability: float | None
    reasons: tuple[str, ...]


def judge_face(probability: float, quality: FaceQuality, rules: JudgingRules, *, num_faces: int) -> Verdict:
    """Judge one face.

    Args:
        probability: P(fake), calibrated, 0..1.
        quality: How much there is to see of it.
        rules: From the model's card.
        num_faces: Faces of the same file that are fit to be judged, this one counted; the more there are, the
            more it takes to call one fake.
    """
    return judge(probability, unfit_reasons(quality, rules), rules, num_faces=num_faces, medium="picture")


def judge(
    probability: float, obstacles: tuple[str, ...], rules: JudgingRules, *, num_faces: int, medium: str
) -> Verdict:
    """Judge one face of a picture, or one person of a clip.

    Args:
        probability: P(fake), calibrated, 0..1.
        obstacles: Why it cannot be judged, in sentences; empty where it can.
        rules: From the model's card, for faces or for people.
        num_faces: As in `judge_face`; of a clip, its people.
        medium: "picture" or "clip", for the sentences.
    """
    if obstacles:
        return Verdict(verdict=UNCERTAIN, probability=probability, reasons=obstacles)
    if probability >= fake_limit(rules, num_faces):
        return Verdict(
            verdict=FAKE,
            probability=probability,
            reasons=("The model found signs that it has learned from manipulated faces.",),
        )
    if probability <= rules.band_low:
        return Verdict(
            verdict=REAL,
            probability=probability,
            reasons=(f"The model found no sign of manipulation. This does not prove that the {medium} is authentic.",),
        )
    return Verdict(
        verdict=UNCERTAIN,
        probability=probability,
        reasons=("The signs are too weak or too mixed for this model to tell.",),
    )


def unfit_reasons(quality: FaceQuality, rules: JudgingRules) -> tuple[str, ...]:
    """Why a face cannot be judged; empty where it can."""
    reasons = []
    if quality.side_px < rules.min_face_px:
        reasons.append(
            f"The face is small: {quality.side_px} pixels, and the model needs {rules.min_face_px}. "
            "A larger copy may help."
        )
    if quality.brightness < rules.min_brightness:
        reasons.append("The face is too dark for the model to see anything in it.")
    if quality.sharpness < rules.min_sharpness:
        reasons.append("The face is blurred beyond what the model has learned from.")
    return tuple(reasons)


def fake_limit(rules: JudgingRules, num_faces: int) -> float:
    """The probability from which one of `num_faces` faces is called fake.

    Of many real faces the most suspicious one looks more suspicious, so the limit rises with their number.
    """
    return _shifted(rules.band_high, rules.logit_shift_per_log_face * math.log(max(1, num_faces)))


def _shifted(probability: float, shift: float) -> float:
    if not 0 < probability < 1:
        return probability
    return 1 / (1 + math.exp(-(math.log(probability / (1 - probability)) + shift)))


def pool(faces: Sequence[Verdict], fit: Sequence[bool], *, medium: str = "picture") -> Verdict:
    """Judge a file by its faces; a clip by its people.

    The file's probability is that of its most suspicious face that is fit to be judged. One fake face makes
    the file `fake`; only where every fit face is `real` is it `real`. Where no face is fit, the file is
    `uncertain`, with the probability of its largest face.

    Args:
        faces: The verdict of each face, largest first.
        fit: Whether each face was fit to be judged.
        medium: "picture" or "clip", for the sentences.
    """
    many, left_out = _MANY[medium]
    if not faces:
        return Verdict(
            verdict=NO_FACE,
            probability=None,
            reasons=("No face was found. This tool judges faces only; a larger, frontal, sharper one helps.",),
        )
    judged = [face for face, is_fit in zip(faces, fit, strict=True) if is_fit]
    if not judged:
        return Verdict(verdict=UNCERTAIN, probability=faces[0].probability, reasons=faces[0].reasons)
    top = max(judged, key=lambda face: face.probability or 0.0)
    by_verdict = {name: sum(face.verdict == name for face in judged) for name in (FAKE, UNCERTAIN, REAL)}
    verdict = next(name for name in (FAKE, UNCERTAIN, REAL) if by_verdict[name])
    reasons = next(face.reasons for face in judged if face.verdict == verdict)
    if len(faces) > 1:
        counted = {
            FAKE: f"{by_verdict[FAKE]} of {len(faces)} {many} {_looks(by_verdict[FAKE])} manipulated.",
            UNCERTAIN: f"{by_verdict[UNCERTAIN]} of {len(faces)} {many} cannot be told either way.",
            REAL: f"No sign of manipulation in {by_verdict[REAL]} of {len(faces)} {many}.",
        }[verdict]
        reasons = (counted, *reasons)
    num_left_out = len(faces) - len(judged)
    if num_left_out:
        reasons = (*reasons, f"{num_left_out} of {len(faces)} {many} were {left_out}.")
    return Verdict(verdict=verdict, probability=top.probability, reasons=reasons)


def _looks(count: int) -> str:
    return "looks" if count == 1 else "look"
