"""Stand-ins whose right answer is known: scorers, a detector, a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.calibration import Calibration
from deepfake.classifier.card import Card, ClipRules, JudgingRules
from deepfake.classifier.classifier import Classifier, Scorer
from deepfake.evaluation.estimates import Estimate
from deepfake.evaluation.left_out import LeftOut, LeftOutRow
from deepfake.media.crops import Crops, CropSettings
from deepfake.media.detectors import DetectorSettings
from deepfake.media.faces import Box, Face
from deepfake.media.images import RGBImage

Patch = tuple[slice, slice]  # rows and columns of the model's input


def brightness(crops: Crops) -> npt.NDArray[np.float32]:
    """Score = mean brightness: black is surely real, white surely fake."""
    return np.asarray(crops.mean(axis=(1, 2, 3)) / 255, dtype=np.float32)


def constant(value: float) -> Scorer:
    """Score = `value`, whatever it sees: no area has any influence."""
    return lambda crops: np.full(len(crops), value, dtype=np.float32)


def patch_brightness(patch: Patch) -> Scorer:
    """Score = mean brightness of one patch: no other area has any influence."""
    return lambda crops: np.asarray(crops[(slice(None), *patch)].mean(axis=(1, 2, 3)) / 255, dtype=np.float32)


def patch_difference(towards_fake: Patch, towards_real: Patch) -> Scorer:
    """Score = 0.5 and half the brightness of one patch less half that of another."""
    plus, minus = patch_brightness(towards_fake), patch_brightness(towards_real)
    return lambda crops: 0.5 + (plus(crops) - minus(crops)) / 2


def never(crops: Crops) -> npt.NDArray[np.float32]:
    """A scorer that must not be asked."""
    raise AssertionError(f"the scorer was asked for {len(crops)} crops")


class FixedDetector:
    """Finds the faces it was given, in any picture."""

    def __init__(self, faces: Sequence[Face]) -> None:
        self._faces = list(faces)

    def find(self, image: RGBImage) -> list[Face]:
        """The faces it was given."""
        return list(self._faces)


def face_at(x: int, y: int, side: int) -> Face:
    """A square face with its top-left corner at (x, y)."""
    return Face(box=Box.from_xywh(x, y, side, side), detection_score=0.9)


def make_rules(**changes: Any) -> JudgingRules:
    """Real up to 0.2, fake from 0.8; every face is fit to be judged."""
    values: dict[str, Any] = {
        "threshold": 0.5,
        "band_low": 0.2,
        "band_high": 0.8,
        "logit_shift_per_log_face": 0.0,
        "min_face_px": 1,
        "min_brightness": 0.0,
        "min_sharpness": 0.0,
    }
    return JudgingRules(**(values | changes))


def make_clip_rules(**changes: Any) -> ClipRules:
    """Real up to 0.2, fake from 0.8, by the mean of the logits; one frame is enough."""
    values: dict[str, Any] = {
        "pooling": "mean",
        "calibration": Calibration(),
        "threshold": 0.5,
        "band_low": 0.2,
        "band_high": 0.8,
        "min_frames": 1,
        "min_detection_score": 0.0,
        "note": {},
    }
    return ClipRules(**(values | changes))


def make_card(**changes: Any) -> Card:
    """A valid card: 64 px crops without margin, scores taken as probabilities."""
    values: dict[str, Any] = {
        "name": "fake-scorer",
        "title": "A fake scorer",
        "architecture": "cnn64",
        "crop": CropSettings(detector=DetectorSettings(), margin=0.0, side_px=64),
        "calibration": Calibration(),
        "rules": make_rules(),
        "weights_sha256": "0" * 64,
        "recipe": {"name": "cnn64", "seed": 0},
        "training_data": {"made-up": {"files": {"real": 1, "fake": 1}}},
        "metrics": {"made-up": {"auc": 0.5}},
        "notes": {},
        "limits": ("It has learned nothing.", "It is for tests."),
        "licence": "MIT",
        "versions": {"keras": "3"},
        "num_parameters": 1,
        "best_epoch": 0,
    }
    return Card(**(values | changes))


def make_left_out_row(**changes: Any) -> LeftOutRow:
    """A sister that never saw CIPLAB and is hardly better than guessing on it."""
    values: dict[str, Any] = {
        "set_name": "ciplab",
        "level": "image",
        "split": "test",
        "sister": "the same recipe, 6 epochs",
        "num_train_crops": 6000,
        "auc": Estimate(value=0.55, low=0.5, high=0.6, n=261),
        "in_set": {"140k": Estimate(value=0.8, low=0.7, high=0.9, n=248)},
        "false_alarm_rate": {"lfw": Estimate(value=0.07, low=0.05, high=0.09, n=748)},
    }
    return LeftOutRow(**(values | changes))


def make_left_out(*rows: LeftOutRow) -> LeftOut:
    """What was measured with sets left out."""
    return LeftOut(rows=rows, command="python measure_left_out.py")


def make_classifier(scorer: Scorer = brightness, **changes: Any) -> Classifier:
    """A scorer with a valid card, changed as wished."""
    return Classifier(scorer, make_card(**changes))
