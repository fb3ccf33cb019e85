"""The same files, worse or smaller: what recompression and halving do to a model.

All still sets here are JPEG of about quality 75; uploads are often sharper or worse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from deepfake.classifier.classifier import Classifier
from deepfake.data.prepare import PreparedSet
from deepfake.errors import DataError, InputError
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.detectors import Detector, make_detector
from deepfake.media.faces import central_face
from deepfake.media.images import RGBImage, decode_image, recompress, shrink

_MAX_FILES = 1000  # a set; enough for an AUC within 0.02, and minutes less


CHANGES: dict[str, Callable[[RGBImage], RGBImage]] = {
    "unchanged": lambda pixels: pixels,
    "jpeg_quality_50": lambda pixels: recompress(pixels, 50),
    "half_size": lambda pixels: shrink(pixels, 2),
    "half_size_jpeg_quality_95": lambda pixels: recompress(shrink(pixels, 2), 95),
}


def measure_robustness(
    classifier: Classifier, sets: Sequence[PreparedSet], *, split: str, seed: int = 0
) -> dict[str, Any]:
    """Measure each set again after each change of the whole file, the face found anew.

    Args:
        classifier: Weights and card.
        sets: Cut as the card says.
        split: Which split's files.
        seed: Chooses the files where a set has more than a thousand.

    Returns:
        By set and change: image AUC (None for one class), mean probability of real and fake files, n judged.
    """
    detector = make_detector(classifier.card.crop.detector)
    return {
        one.name: {
            name: _measure(classifier, one, split, change, detector, np.random.default_rng(seed))
            for name, change in CHANGES.items()
        }
        for one in sets
        if len(one.rows(split))
    }


def _measure(
    classifier: Classifier,
    prepared: PreparedSet,
    split: str,
    change: Callable[[RGBImage], RGBImage],
    detector: Detector,
    rng: np.random.Generator,
) -> dict[str, Any]:
    rows = np.sort(rng.permutation(prepared.rows(split))[:_MAX_FILES])
    samples = prepared.sample_of_row()
    crop_settings = classifier.card.crop
    inputs, labels = [], []
    for row in rows:
        path = prepared.dataset.root / samples[row].path
        try:
            pixels = change(decode_image(path.read_bytes()).pixels)
        except InputError:
            continue
        except OSError as error:  # not a file without a face, as which it was counted before
            raise DataError(
                f"{path} can no longer be read ({error.strerror}). Expected the files of {prepared.name} to stay until "
                "the model is measured. Restore them and type the same command again, or add --no-robustness."
            ) from error
        face = central_face(detector.find(pixels), pixels.shape[:2])
        if face is not None:
            crop = crop_face(pixels, face.box, margin=crop_settings.margin)
            inputs.append(resize_square(crop, crop_settings.side_px))
            labels.append(samples[row].label)
    side = crop_settings.side_px
    crops = np.stack(inputs) if inputs else np.zeros((0, side, side, 3), np.float32)
    probabilities, truth = classifier.probabilities(crops), np.array(labels, np.int64)
    return {
        "auc": float(roc_auc_score(truth, probabilities)) if 0 < truth.sum() < len(truth) else None,
        "mean_probability_real": _mean(probabilities[truth == 0]),
        "mean_probability_fake": _mean(probabilities[truth == 1]),
        "n": len(truth),
        "without_face": len(rows) - len(truth),
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
