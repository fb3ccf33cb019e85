"""What a model makes of one known picture: on its card since it was published, repeated to see that all is well."""

from __future__ import annotations

from deepfake.analysis import analyze_image
from deepfake.classifier.classifier import Classifier
from deepfake.media.portrait import portrait_png

TOLERANCE = 0.01  # another processor or version moves a probability by less; another face box by more


def judge_portrait(classifier: Classifier) -> float | None:
    """P(fake) of the public-domain portrait, from its file to the number; None where no face is found in it."""
    return analyze_image(portrait_png(), classifier, faces="central").verdict.probability
