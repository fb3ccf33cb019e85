"""What models are worth on validation and on sets they never saw: python benchmarks/unseen.py MODEL_DIR ... --help.

For choosing between runs without a look at any test split: of sets that taught, the validation split; of sets that did
not, the training split too, since nothing was learned from it.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.metrics import roc_auc_score

from deepfake.classifier.classifier import Classifier, load_classifier
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.opening import open_dataset
from deepfake.data.prepare import prepare_set
from deepfake.evaluation.evaluate import set_scores


def main() -> None:
    """Print a Markdown table: a row a model, a column a set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL_DIR")
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="DIR", help="validation splits are used")
    parser.add_argument("--unseen", nargs="*", type=Path, default=[], metavar="DIR", help="nobody learned from these")
    options = parser.parse_args()
    folders = [(folder, ("valid",)) for folder in options.data]
    folders += [(folder, ("train", "valid")) for folder in options.unseen]
    print(f"| model | {' | '.join(folder.name for folder, _ in folders)} |")
    print("|---" * (len(folders) + 1) + "|")
    for model_dir in options.models:
        model = load_classifier(model_dir)
        cells = [image_auc(model, folder, splits) for folder, splits in folders]
        print(f"| {model_dir.name} | {' | '.join(cells)} |", flush=True)


def image_auc(model: Classifier, folder: Path, splits: tuple[str, ...]) -> str:
    """Image AUC over all crops of the splits, with their number."""
    dataset = open_dataset(folder, model.card.crop, cache_dir=default_cache_dir())
    seed = model.card.split_seed(dataset.name)
    prepared = prepare_set(dataset, model.card.crop, seed=seed, cache_dir=default_cache_dir())
    scores = np.concatenate([set_scores(model, prepared, split) for split in splits])
    labels = np.concatenate([prepared.labels[prepared.rows(split)] for split in splits])
    return f"{roc_auc_score(labels, scores):.3f} (n={len(labels)})"


if __name__ == "__main__":
    main()
