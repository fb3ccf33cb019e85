"""The story from end to end: the bytes of a file in, verdicts out.

The app, the command line and the tests all call `analyze_image` and `analyze_clip`, so the same file gets the
same numbers through every door. Each step names the module to open next.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.classifier.card import Card
from deepfake.classifier.classifier import Classifier
from deepfake.errors import UnreadableImageError
from deepfake.media.clips import ClipEnd, ClipInfo, Frame, Sampling, is_clip
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.decoder import DecodedClip, open_clip
from deepfake.media.detectors import Detector, make_detector
from deepfake.media.faces import Face, central_face
from deepfake.media.images import RGBImage, decode_image
from deepfake.media.quality import FaceQuality, measure_quality
from deepfake.people import Person, judge_people
from deepfake.verdicts import Verdict, judge_face, pool, unfit_reasons
from deepfake.watching import Watching

FACE_CHOICES = ("all", "central")
FRAMES_PER_SECOND = 3.0
_PROGRESS_EVERY_S = 0.5
MAX_FRAMES = 240  # judged in one clip; longer clips are judged in moments


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
        pixels: The upright picture, shape (h, w, 3), uint8; keepers may shrink it.
        size_wh: Its width and height as it was judged, pixels; boxes are in these.
        verdict: Of the whole file, with its probability and reasons.
        score: Raw output for the face that the file's probability comes from, or None.
        faces: Largest first.
        notes: What a person should know of the file, in sentences.
        model: Name of the model that answered.
        seconds: Time taken.
    """

    kind: str
    pixels: RGBImage
    size_wh: tuple[int, int]
    verdict: Verdict
    score: float | None
    faces: tuple[FaceAnalysis, ...]
    notes: tuple[str, ...]
    model: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSeconds:
    """Where the time went. Decoding runs beside the other two, in its own process."""

    decode_s: float
    detect_s: float
    judge_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipAnalysis:
    """A clip, or what was seen of it so far, and what is said of it.

    Attributes:
        kind: "clip".
        info: What the file says of itself.
        end: How the decoding ended; None while it goes on.
        frame_times_s: Of every judged frame, with or without a face.
        people: Those who were judged first.
        verdict: Of the whole clip.
        score: Pooled raw score of the person that the clip's probability comes from, or None.
        notes: What a person should know of the file, in sentences.
        model: Name of the model that answered.
        stages: Seconds by stage.
        seconds: Time taken.
    """

    kind: str
    info: ClipInfo
    end: ClipEnd | None
    frame_times_s: tuple[float, ...]
    people: tuple[Person, ...]
    verdict: Verdict
    score: float | None
    notes: tuple[str, ...]
    model: str
    stages: StageSeconds
    seconds: float

    @property
    def duration_s(self) -> float | None:
        """As declared; as decoded where nothing is declared."""
        if self.info.duration_s is not None:
            return self.info.duration_s
        return self.end.last_time_s if self.end else None


OnClipProgress = Callable[[ClipAnalysis], None]
OnFrame = Callable[[int, Frame], None]


def analyze(
    data: bytes, classifier: Classifier, *, faces: str = "all", detector: Detector | None = None
) -> Analysis | ClipAnalysis:
    """Judge a file, whatever it is; see `analyze_image` and `analyze_clip`."""
    if is_clip(data):  # media/clips.py
        return analyze_clip(data, classifier, detector=detector)
    return analyze_image(data, classifier, faces=faces, detector=detector)


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
    qualities = [
        measure_quality(crop, face.box, jpeg_quality=picture.jpeg_quality)
        for crop, face in zip(inputs, found, strict=True)
    ]
    fit = [not unfit_reasons(quality, card.rules) for quality in qualities]  # verdicts.py
    verdicts = [
        judge_face(float(probability), quality, card.rules, num_faces=max(1, sum(fit)))
        for probability, quality in zip(probabilities, qualities, strict=True)
    ]
    overall = pool(verdicts, fit)
    return Analysis(
        kind="image",
        pixels=picture.pixels,
        size_wh=(picture.pixels.shape[1], picture.pixels.shape[0]),
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


def analyze_clip(
    data: bytes,
    classifier: Classifier,
    *,
    frames_per_second: float = FRAMES_PER_SECOND,
    max_frames: int = MAX_FRAMES,
    detector: Detector | None = None,
    on_progress: OnClipProgress | None = None,
    on_frame: OnFrame | None = None,
) -> ClipAnalysis:
    """Judge every person of a clip.

    Args:
        data: The file's bytes: MP4, MOV, AVI, WebM, MKV, GIF or WebP.
        classifier: Weights with their card.
        frames_per_second: So many frames are judged of each second.
        max_frames: At most so many; a clip that would need more is judged in moments spread over its length.
        detector: To reuse one over many files; made as the card says by default.
        on_progress: Called with what is known so far, from the first frame on; what it raises ends the work and leaves
            nothing behind.
        on_frame: Called with each judged frame's position and the frame, to keep a picture of it.

    Raises:
        UnreadableClipError: No frame can be decoded, or a limit is passed.
    """
    started = time.perf_counter()
    finder = detector or make_detector(classifier.card.crop.detector)  # media/detectors.py
    with open_clip(data, Sampling(per_second=frames_per_second, max_frames=max_frames)) as clip:  # media/decoder.py
        watched = Watching(classifier, finder, bits_per_pixel=clip.info.bits_per_pixel)  # watching.py
        told = -math.inf
        for frame in clip.frames():
            if on_frame is not None:
                on_frame(len(watched.times_s), frame)
            watched.look_at(frame)
            if on_progress is not None and time.perf_counter() - told > _PROGRESS_EVERY_S:
                watched.judge()
                on_progress(_clip_analysis(clip, watched, classifier.card, started))
                told = time.perf_counter()
        watched.judge()
        return _clip_analysis(clip, watched, classifier.card, started)


def _clip_analysis(clip: DecodedClip, watched: Watching, card: Card, started: float) -> ClipAnalysis:
    """What is known of the clip by now."""
    people, overall = judge_people(watched.tracks, card)  # people.py, then verdicts.py
    behind = [person.score for person in people if person.verdict.probability == overall.probability]
    return ClipAnalysis(
        kind="clip",
        info=clip.info,
        end=clip.end,
        frame_times_s=tuple(watched.times_s),
        people=people,
        verdict=overall,
        score=behind[0] if behind else None,
        notes=_clip_notes(clip.end, len(watched.times_s)),
        model=card.name,
        stages=StageSeconds(
            decode_s=clip.end.decode_s if clip.end else 0.0, detect_s=watched.detect_s, judge_s=watched.judge_s
        ),
        seconds=time.perf_counter() - started,
    )


def _clip_notes(end: ClipEnd | None, num_frames: int) -> tuple[str, ...]:
    if end is None:
        return ()
    notes = []
    if end.is_damaged:
        declared = f" of {end.num_expected}" if end.num_expected and end.num_expected > end.num_decoded else ""
        notes.append(
            f"The clip is damaged or cut off: {end.num_decoded}{declared} frames could be decoded, and only those were "
            "judged."
        )
    if end.is_in_moments:
        notes.append(
            f"The clip is long, so {num_frames} frames from moments spread over its length were judged, not all of it."
        )
    if end.is_cut_short:
        notes.append(
            f"Only the first {end.last_time_s:.0f} seconds were judged: a limit of time or frames was reached."
        )
    return tuple(notes)


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
