"""What a model makes of one known picture: on its card since it was published, repeated to see that all is well."""

from __future__ import annotations

from deepfake.classifier.classifier import Classifier
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.images import decode_image
from deepfake.media.portrait import PORTRAIT_FACE, portrait_png

TOLERANCE = 0.01  # other processors and engines differ by less than a thousandth


def judge_portrait(classifier: Classifier) -> float:
    """P(fake) of the face in the public-domain portrait, from its file to the number.

    The face's box is given: found anew, it may differ by a pixel on another machine, and the probability by 0.07.
    """
    crop = classifier.card.crop
    pixels = decode_image(portrait_png()).pixels
    square = resize_square(crop_face(pixels, PORTRAIT_FACE, margin=crop.margin), crop.side_px)
    return float(classifier.probabilities(square[None])[0])
