"""Verdicts and confidence in words for people, on the page and in reports. Pure functions."""

from __future__ import annotations

from deepfake.phrases import percent
from deepfake.verdicts import FAKE, NO_FACE, REAL, UNCERTAIN, Verdict

HEADLINES = {
    FAKE: "Likely manipulated",
    REAL: "No sign of manipulation found",
    UNCERTAIN: "Inconclusive",
    NO_FACE: "No face found",
}
MEANINGS = {
    FAKE: "the model found signs that it has learned from manipulated faces. It can be wrong: beauty filters, heavy "
    "compression, make-up or unusual light can look like such signs.",
    REAL: "the model found none of the signs it knows. This does not prove that the picture is authentic, and it says "
    "nothing about whether the scene, the date or the caption is true.",
    UNCERTAIN: "the signs are too weak or too mixed, or the face is too small, dark or blurred. This is an honest "
    "answer; where a leaning is named, it is too weak to rely on.",
    NO_FACE: "this tool judges faces only. It says nothing about the rest of a picture.",
}
PERCENTAGE = (
    "The percentage estimates how often a verdict like this one is right, from sets of pictures in which half the "
    "faces are manipulated. It is a mean over these sets; on some of them such verdicts are right less often. Among "
    "pictures that are mostly real, more of the alarms are false."
)
NOTHING_FIRM = "\N{EN DASH}"  # stands in tables where there is no number
REFUSED = "Could not read this file"
COLORS = {FAKE: "#D55E00", REAL: "#0072B2", UNCERTAIN: "#6B7280", NO_FACE: "#6B7280", REFUSED: "#6B7280"}
CONFIDENCE_BASIS = "Measured on sets in which half the faces are fake."
CLIP_CONFIDENCE_BASIS = "Measured on clips whose true answer is known."
NEW_METHODS = "New methods may leave no sign that this model knows."
DIFFUSION = (
    "This model has not been tested on pictures and clips made by newer generators (diffusion). For those, “no "
    "sign found” means little."
)


def headline(verdict: Verdict, num_faces: int) -> str:
    """The first thing a person reads of a file; a clip's people count as faces here."""
    if verdict.verdict == FAKE and num_faces > 1:
        return verdict.reasons[0].rstrip(".")  # "1 of 12 faces looks manipulated"
    return HEADLINES[verdict.verdict]


def explaining_sentences(verdict: Verdict, num_faces: int) -> list[str]:
    """What stands under the headline."""
    said = headline(verdict, num_faces)
    sentences = [reason for reason in verdict.reasons if reason.rstrip(".") != said]
    return [*sentences, NEW_METHODS] if verdict.verdict == REAL else sentences


def confidence_of(verdict: Verdict) -> float | None:
    """How sure a firm verdict is, 0..1; None where nothing firm is said."""
    if verdict.probability is None:
        return None
    if verdict.verdict == FAKE:
        return verdict.probability
    return 1 - verdict.probability if verdict.verdict == REAL else None


def confidence_words(verdict: Verdict, *, num_faces: int = 1, noun: str = "face") -> str:
    r"""How sure the verdict is, in words; empty where nothing was judged.

    >>> confidence_words(Verdict(verdict="fake", probability=0.998, reasons=()))
    'Very high confidence: more than 99\xa0%'
    """
    confidence = confidence_of(verdict)
    if confidence is not None:
        said = f"{_degree(confidence)} confidence: {percent(confidence)}"
        return f"{said}, for the most suspicious {noun}" if num_faces > 1 else said
    if verdict.verdict == UNCERTAIN and verdict.probability is not None:
        return f"{leaning(verdict.probability)}."
    return ""


def short_confidence(verdict: Verdict) -> str:
    """For tables: the percentage, or a dash where nothing firm is said."""
    confidence = confidence_of(verdict)
    return NOTHING_FIRM if confidence is None else percent(confidence)


def leaning(probability: float) -> str:
    """Which way an inconclusive face leans, P(fake) in words."""
    if probability < 0.2:
        return "Leaning towards no sign of manipulation, but not enough to say so"
    if probability < 0.4:
        return "Leaning slightly towards no sign of manipulation"
    if probability <= 0.6:
        return "About even: the model cannot tell"
    if probability <= 0.8:
        return "Leaning slightly towards manipulated"
    return "Leaning towards manipulated, but not enough to say so"


def _degree(confidence: float) -> str:
    if confidence >= 0.95:
        return "Very high"
    if confidence >= 0.85:
        return "High"
    return "Moderate" if confidence >= 0.7 else "Low"
