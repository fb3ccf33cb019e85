"""What separates the classes without being the forgery: python benchmarks/leaks.py DATA_SET...

For each set, the cross-validated AUC of a random forest and a linear classifier that see only side information: the
file, the compression, the light, the place of the face, its landmarks, the detector's own score. 0.5 means no leak.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deepfake.data.layouts import Dataset, read_dataset
from deepfake.media.detectors import Detector, DetectorSettings, make_detector
from deepfake.media.faces import central_face

_MAX_FILES = 1500
Features = dict[str, list[float]]


def main() -> None:
    """Print one Markdown table a set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        _report(read_dataset(folder))


def _report(dataset: Dataset) -> None:
    detector = make_detector(DetectorSettings())
    rows: dict[str, list[list[float]]] = defaultdict(list)
    labels, sources = [], []
    for index in np.random.default_rng(0).permutation(len(dataset.samples))[:_MAX_FILES]:
        sample = dataset.samples[index]
        features = _features((dataset.root / sample.path).read_bytes(), detector)
        if features is not None:
            for name, values in features.items():
                rows[name].append(values)
            labels.append(sample.label)
            sources.append(sample.source)
    print(f"\n{dataset.name}, n={len(labels)}\n\n| seen alone | linear | forest |\n|---|---|---|")
    for name, table in rows.items():
        linear, forest = (_cross_validated(model, table, labels, sources) for model in _models())
        print(f"| {name} | {linear:.3f} | {forest:.3f} |")


def _features(data: bytes, detector: Detector) -> Features | None:
    with Image.open(io.BytesIO(data)) as image:
        tables = [float(np.mean(table)) for table in getattr(image, "quantization", {}).values()]
        pixels = np.asarray(image.convert("RGB"))
    face = central_face(detector.find(pixels), pixels.shape[:2])
    if face is None:
        return None
    height, width = pixels.shape[:2]
    box, (left, top) = face.box, (face.box.x_min, face.box.y_min)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return {
        "file size and picture size": [float(len(data)), float(width), float(height)],
        "quantization tables": [*tables, 0.0, 0.0][:2],
        "mean and spread of colors": [*pixels.mean((0, 1)), *pixels.std((0, 1))],
        "sharpness of the file": [float(cv2.Laplacian(gray, cv2.CV_32F).var())],
        "place and size of the face": [float(value) for value in box.to_list()],
        "landmarks within the box": [
            v for x, y in face.landmarks for v in ((x - left) / box.side, (y - top) / box.side)
        ],
        "detection score": [face.detection_score],
    }


def _models() -> list[object]:
    return [
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        RandomForestClassifier(200, min_samples_leaf=5, random_state=0),
    ]


def _cross_validated(model: object, table: list[list[float]], labels: list[int], sources: list[str]) -> float:
    scores = cross_val_predict(
        model, np.array(table), np.array(labels), groups=sources, cv=GroupKFold(5), method="predict_proba"
    )
    return float(roc_auc_score(labels, scores[:, 1]))


if __name__ == "__main__":
    main()
