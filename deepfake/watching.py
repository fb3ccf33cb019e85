"""A clip while it is being judged: faces found frame by frame, linked to people, judged in batches."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepfake.classifier.classifier import Classifier
from deepfake.media.clips import Frame
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.detectors import Detector
from deepfake.media.faces import Face
from deepfake.media.images import RGBImage
from deepfake.media.quality import measure_quality
from deepfake.media.tracks import Tracker
from deepfake.people import Sighting
from deepfake.verdicts import unfit_reasons

_BATCH = 16  # faces judged in one call
_KEPT_CROP_PX = 256  # of each face of each frame, for explanations
_FACES_KEPT_WHOLE = 4  # in a frame; of more, smaller crops are kept, so that a crowd takes no more memory


class Watching:
    """What was seen of a clip so far.

    Attributes:
        tracks: The judged sightings of each person, by track number.
        times_s: Of every frame looked at, with or without a face.
        detect_s, judge_s: Seconds taken.
    """

    def __init__(self, classifier: Classifier, finder: Detector, *, bits_per_pixel: float | None) -> None:
        self.tracks: defaultdict[int, list[Sighting]] = defaultdict(list)
        self.times_s: list[float] = []
        self.detect_s = self.judge_s = 0.0
        self._classifier = classifier
        self._finder = finder
        self._bits_per_pixel = bits_per_pixel
        self._tracker = Tracker()
        self._waiting: list[_Seen] = []

    def look_at(self, frame: Frame) -> None:
        """Find and link the faces of the next frame; when enough wait, judge them."""
        started = time.perf_counter()
        crop = self._classifier.card.crop
        found = self._finder.find(frame.pixels)
        kept_px = round(_KEPT_CROP_PX * min(1.0, math.sqrt(_FACES_KEPT_WHOLE / max(1, len(found)))))
        for face, track in zip(found, self._tracker.link(frame.pixels, frame.time_s, found), strict=True):
            pixels = crop_face(frame.pixels, face.box, margin=crop.margin)
            kept = pixels if len(pixels) <= kept_px else np.rint(resize_square(pixels, kept_px))
            self._waiting.append(
                _Seen(
                    frame=len(self.times_s),
                    time_s=frame.time_s,
                    track=track,
                    face=face,
                    crop=kept.astype(np.uint8),
                    model_input=resize_square(pixels, crop.side_px),
                )
            )
        self.times_s.append(frame.time_s)
        self.detect_s += time.perf_counter() - started
        if len(self._waiting) >= _BATCH:
            self.judge()

    def judge(self) -> None:
        """Judge all faces that wait for it, in one call."""
        if not self._waiting:
            return
        started = time.perf_counter()
        waiting, self._waiting = self._waiting, []
        card = self._classifier.card
        scores = self._classifier.scores(np.stack([one.model_input for one in waiting]))
        probabilities = card.calibration.apply(scores)
        for one, score, probability in zip(waiting, scores, probabilities, strict=True):
            quality = measure_quality(one.model_input, one.face.box, bits_per_pixel=self._bits_per_pixel)
            self.tracks[one.track].append(
                Sighting(
                    frame=one.frame,
                    time_s=one.time_s,
                    face=one.face,
                    crop=one.crop,
                    quality=quality,
                    score=float(score),
                    probability=float(probability),
                    obstacles=unfit_reasons(quality, card.rules),
                )
            )
        self.judge_s += time.perf_counter() - started


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A face that waits to be judged."""

    frame: int
    time_s: float
    track: int
    face: Face
    crop: RGBImage
    model_input: npt.NDArray[np.float32]
