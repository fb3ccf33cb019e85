"""What hidden segments look like to a model: python benchmarks/baselines.py DATA_SET...

Hides random segments of real and fake validation faces under each baseline and prints by how much that alone moves the
probability: a baseline should say as little as possible by itself. The default one of `explain/base.py` was chosen by
the column "half".
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.layouts import read_dataset
from deepfake.data.prepare import prepare_set
from deepfake.evaluation.faces import LabelledFace, draw_faces
from deepfake.explain.base import ExplanationSettings
from deepfake.explain.baselines import BASELINES

_NUM_DRAWS = 20
_SHARES = {"one": 0.0, "half": 0.5, "all": 1.0}


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="DATA_SET")
    parser.add_argument("--model")
    parser.add_argument("--count", type=int, default=50, help="faces of each class, from all sets alike")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    classifier = load_model_named(options.model)
    faces = [
        face
        for number, folder in enumerate(options.folders)
        for face in _validation_faces(
            folder, classifier, 2 * _part(options.count, number, len(options.folders)), options.seed
        )
    ]
    numbers = {label: sum(face.label == label for face in faces) for label in (0, 1)}
    print(f"{classifier.card.name}, {numbers[0]} real and {numbers[1]} fake validation faces; mean change of P(fake), "
          "and mean size of the change\n")  # fmt: skip
    columns = [f"{share} hidden, {label}" for share in _SHARES for label in ("real", "fake")]
    print(f"| baseline | {' | '.join(columns)} | half, mean size |\n|{'---|' * (len(columns) + 2)}")
    for baseline in BASELINES:
        changes = [_changes(face, classifier, baseline, options.seed) for face in faces]
        cells = [
            np.stack([change[share] for change, face in zip(changes, faces, strict=True) if face.label == label])
            for share in _SHARES
            for label in (0, 1)
        ]
        half = [np.abs(cell).mean() for cell in cells[2:4]]
        shown = " | ".join(f"{cell.mean():+.3f}, {np.abs(cell).mean():.3f}" for cell in cells)
        print(f"| {baseline} | {shown} | {np.mean(half):.3f} |", flush=True)


def _part(count: int, number: int, num_folders: int) -> int:
    """How many of `count` faces the set of this number gives."""
    return count * (number + 1) // num_folders - count * number // num_folders


def _validation_faces(folder: Path, classifier: Classifier, count: int, seed: int) -> list[LabelledFace]:
    dataset, card = read_dataset(folder), classifier.card
    prepared = prepare_set(dataset, card.crop, seed=card.split_seed(dataset.name), cache_dir=default_cache_dir())
    return draw_faces(prepared, card.crop, split="valid", count=count, seed=seed)


def _changes(face: LabelledFace, classifier: Classifier, baseline: str, seed: int) -> dict[str, np.ndarray]:
    """P(fake) with random segments hidden, less that of the face as it is."""
    perturbed = face.perturbed(classifier, ExplanationSettings(baseline=baseline))
    rng = np.random.default_rng(seed)
    orders = np.argsort(rng.random((_NUM_DRAWS, perturbed.num_segments)), axis=1)
    counts = {name: max(1, round(share * perturbed.num_segments)) for name, share in _SHARES.items()}
    return {name: perturbed.judge(orders >= count) - perturbed.probability for name, count in counts.items()}


if __name__ == "__main__":
    main()
