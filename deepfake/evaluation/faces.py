"""Faces of a prepared set at the resolution of their files, where crops of the model's size are too small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepfake.classifier.classifier import Classifier
from deepfake.data.prepare import PreparedSet
from deepfake.errors import InputError
from deepfake.explain.base import ExplanationSettings
from deepfake.explain.explaining import perturb_face
from deepfake.explain.perturbed import PerturbedFace
from deepfake.files import read_whole
from deepfake.media.crops import CropSettings, crop_face, points_in_crop
from deepfake.media.detectors import make_detector
from deepfake.media.faces import Point, central_face
from deepfake.media.images import RGBImage, decode_image


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledFace:
    """One file's face.

    Attributes:
        path: Of the file, relative to its set's root.
        label: 0 real, 1 fake.
        source: The clip or person that it comes from.
        crop: Shape (s, s, 3), uint8, at the file's resolution.
        landmarks: As `points_in_crop` gives them.
    """

    path: str
    label: int
    source: str
    crop: RGBImage
    landmarks: tuple[Point, ...]

    def perturbed(self, classifier: Classifier, settings: ExplanationSettings) -> PerturbedFace:
        """The face ready to be explained; see `perturb_face`. A fresh one remembers nothing that was judged before."""
        return perturb_face(
            self.crop,
            classifier.probabilities,
            side_px=classifier.card.crop.side_px,
            settings=settings,
            landmarks=self.landmarks,
        )


def draw_faces(
    prepared: PreparedSet, settings: CropSettings, *, split: str, count: int, seed: int
) -> list[LabelledFace]:
    """Draw faces of a split at random, as many of each class.

    Args:
        prepared: The set.
        settings: How crops are cut.
        split: "train", "valid", "test" or "all".
        count: Wanted, both classes together; fewer come where a class has no more.
        seed: Of the draw.
    """
    rng = np.random.default_rng(seed)
    rows = rng.permutation(prepared.rows(split))
    labels = np.unique(prepared.labels[rows])
    detector = make_detector(settings.detector)
    samples = prepared.sample_of_row()
    faces = []
    for label in labels:
        wanted = count // len(labels)
        for row in rows[prepared.labels[rows] == label]:
            if not wanted:
                break
            try:
                pixels = decode_image(read_whole(prepared.dataset.root / samples[row].path)).pixels
            except InputError:
                continue
            face = central_face(detector.find(pixels), pixels.shape[:2])
            if face is None:
                continue
            faces.append(
                LabelledFace(
                    path=samples[row].path,
                    label=int(label),
                    source=prepared.sources[row],
                    crop=crop_face(pixels, face.box, margin=settings.margin),
                    landmarks=points_in_crop(face.landmarks, face.box, margin=settings.margin),
                )
            )
            wanted -= 1
    return faces
