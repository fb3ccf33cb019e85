"""The story from end to end: the bytes of a file in, verdicts out.

The app, the command line and the tests all call `analyze_image`, so the same file gets the same numbers
through every door. Each step names the module to open next.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.classifier.classifier import Classifier
from deepfake.errors import UnreadableImageError
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.detectors import Detector, make_detector
from deepfake.media.faces import Face, central_face
from deepfake.media.images import RGBImage, decode_image
from deepfake.media.quality import FaceQuality, measure_quality
from deepfake.verdicts import Verdict, judge_face, pool, unfit_reasons

FACE_CHOICES = ("all", "central")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAnalysis:
    """One face and what is said of it.

    Attributes:
        face: Where it is.
        crop: What was cut out around it, shape (s, s, 3), uint8, at the file's own resolution.
        quality: How much there is to see.
        score: The model's raw output, 0..1.
        verdict: What is said of it, with its probability and reasons.
    """

    face: Face
    crop: RGBImage
    quality: FaceQuality
    score: float
    verdict: Verdict

    @property
    def probability(self) -> float:
        """P(fake), calibrated, 0..1."""
        assert self.verdict.probability is not None  # a face that was cut out always has one
        return self.verdict.probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A file and what is said of it.

    Attributes:
        kind: "image".
        pixels: The upright picture, shape (h, w, 3), uint8.
        verdict: Of the whole file, with its probability and reasons.
        score: Raw output for the face that the file's probability comes from, or None.
        faces: Largest first.
        notes: What a person should know of the file, in sentences.
        model: Name of the model that answered.
        seconds: Time taken.
    """

    kind: str
    pixels: RGBImage
    verdict: Verdict
    score: float | None
    faces: tuple[FaceAnalysis, ...]
    notes: tuple[str, ...]
    model: str
    seconds: float


def analyze_image(
    data: bytes, classifier: Classifier, *, faces: str = "all", detector: Detector | None = None
) -> Analysis:
    """Judge every face of a picture.

    Args:
        data: The file's bytes: JPEG, PNG, WebP or GIF.
        classifier: Weights with their card.
        faces: "all", or "central" for the one face that a data-set file stands for.
        detector: To reuse one over many files; made as the card says by default.

    Raises:
        UnreadableImageError: The bytes are no picture we can open.
        ImageTooLargeError: More pixels than the stated limit.
    """
    try:
        return _analyze(data, classifier, faces, detector)
    except (cv2.error, MemoryError) as error:
        raise UnreadableImageError(
            f"The picture could be opened but not judged ({type(error).__name__}). Expected one that fits into memory. "
            "Make it smaller, or cut out the part with the face."
        ) from error


def _analyze(data: bytes, classifier: Classifier, faces: str, detector: Detector | None) -> Analysis:
    started = time.perf_counter()
    card = classifier.card
    picture = decode_image(data)  # media/images.py
    finder = detector or make_detector(card.crop.detector)  # media/detectors.py
    found = _choose(finder.find(picture.pixels), picture.pixels.shape[:2], faces)
    crops = [crop_face(picture.pixels, face.box, margin=card.crop.margin) for face in found]  # media/crops.py
    inputs = _model_inputs(crops, card.crop.side_px)
    scores = classifier.scores(inputs)  # classifier/classifier.py
    probabilities = card.calibration.apply(scores)  # classifier/calibration.py
    qualities = [measure_quality(crop, face.box) for crop, face in zip(inputs, found, strict=True)]
    fit = [not unfit_reasons(quality, card.rules) for quality in qualities]  # verdicts.py
    verdicts = [
        judge_face(float(probability), quality, card.rules, num_faces=max(1, sum(fit)))
        for probability, quality in zip(probabilities, qualities, strict=True)
    ]
    overall = pool(verdicts, fit)
    return Analysis(
        kind="image",
        pixels=picture.pixels,
        verdict=overall,
        score=_score_behind(overall, verdicts, scores),
        faces=tuple(
            FaceAnalysis(face=face, crop=crop, quality=quality, score=float(score), verdict=verdict)
            for face, crop, quality, score, verdict in zip(found, crops, qualities, scores, verdicts, strict=True)
        ),
        notes=_notes(picture.num_frames),
        model=card.name,
        seconds=time.perf_counter() - started,
    )


def _choose(found: list[Face], image_hw: tuple[int, ...], faces: str) -> list[Face]:
    if faces not in FACE_CHOICES:
        raise ValueError(f"Unknown choice of faces {faces!r}. Expected one of {', '.join(FACE_CHOICES)}.")
    if faces == "all":
        return found
    central = central_face(found, (image_hw[0], image_hw[1]))
    return [central] if central is not None else []


def _model_inputs(crops: list[RGBImage], side_px: int) -> npt.NDArray[np.float32]:
    if not crops:
        return np.zeros((0, side_px, side_px, 3), np.float32)
    return np.stack([resize_square(crop, side_px) for crop in crops])


def _score_behind(overall: Verdict, verdicts: list[Verdict], scores: npt.NDArray[np.float64]) -> float | None:
    """The raw score of the face whose probability the file carries."""
    for verdict, score in zip(verdicts, scores, strict=True):
        if overall.probability is not None and verdict.probability == overall.probability:
            return float(score)
    return None


def _notes(num_frames: int) -> tuple[str, ...]:
    if num_frames == 1:
        return ()
    return (f"This is an animation of {num_frames} frames; only the first one was judged.",)
