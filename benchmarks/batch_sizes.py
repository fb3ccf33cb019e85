"""Batches as large as they come, or padded to a few sizes? python benchmarks/batch_sizes.py.

LiteRT makes room anew when the number of crops changes; padding would spare that and judge more crops. Rounds in
turns, the best of them; read the ratios.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

import numpy as np

from deepfake.classifier.classifier import Classifier, load_classifier
from deepfake.classifier.library import find_model, list_models
from deepfake.classifier.lite import has_lite_engine

COUNTS = (1, 3, 5, 12, 50)
PADDED_TO = (1, 4, 16, 64)
_OTHER = 2  # crops judged between, so that the size changes
_ROUNDS = 15


def main() -> None:
    """Print a table for each model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("models", nargs="*", help="all that ship by default")
    for name in parser.parse_args().models or list_models():
        show(name, load_classifier(find_model(name)))


def show(name: str, classifier: Classifier) -> None:
    """One Markdown table."""
    side = classifier.card.crop.side_px
    crops = np.random.default_rng(0).uniform(0, 255, (max(PADDED_TO), side, side, 3)).astype(np.float32)
    print(f"\n{name}, {'LiteRT' if has_lite_engine() else 'TensorFlow'}, best of {_ROUNDS} rounds\n")
    print("| crops | of one size all along, ms | after another size, ms | ratio | padded to | padded, ms | ratio |")
    print("|---|---|---|---|---|---|---|")
    for count in COUNTS:
        larger = min(size for size in PADDED_TO if size >= count)
        same, after, padded = [], [], []
        for _ in range(_ROUNDS):
            classifier.scores(crops[:count])
            same.append(seconds(classifier, crops[:count]))
            classifier.scores(crops[:_OTHER])
            after.append(seconds(classifier, crops[:count]))
            classifier.scores(crops[:larger])
            padded.append(seconds(classifier, crops[:larger]))
        one, changed, more = (1000 * min(taken) for taken in (same, after, padded))
        cells = [count, f"{one:.1f}", f"{changed:.1f}", f"{changed / one:.2f}"]
        cells += [larger, f"{more:.1f}", f"{more / one:.2f}"]
        print(f"| {' | '.join(map(str, cells))} |")


def seconds(classifier: Classifier, crops: np.ndarray) -> float:
    """One call."""
    started = time.perf_counter()
    classifier.scores(crops)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
