"""Whether a second model that disagrees should silence a verdict: python benchmarks/disagreement.py $DATA/140k ...

On validation splits: of the strong model's verdicts the most certain share is kept firm, once by its own certainty
alone, once after those are taken away on which the other model disagrees by more than a limit. Both times as many
verdicts stay firm; the rule is worth having where fewer of them are wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from deepfake.classifier.calibration import Values, logit
from deepfake.classifier.library import load_model_named
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.opening import open_dataset
from deepfake.data.prepare import prepare_set
from deepfake.evaluation.evaluate import set_probabilities

_COVERAGES = (0.1, 0.25, 0.5)
_LIMITS = (1.0, 1.5, 2.0, 3.0)  # difference of the two probabilities, in logits
_DRAWS = 1000


def main() -> None:
    """Print a table: a row a set, coverage and limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--models", nargs=2, required=True, metavar=("STRONG", "OTHER"))
    options = parser.parse_args()
    strong, other = (load_model_named(name) for name in options.models)
    print("| set | n | firm | limit | wrong, by certainty alone | wrong, with the rule | difference, 95 % interval |")
    print("|---|---|---|---|---|---|---|")
    for folder in options.folders:
        judged = {}
        for model in (strong, other):
            dataset = open_dataset(folder, model.card.crop, cache_dir=default_cache_dir())
            seed = model.card.split_seed(dataset.name)
            prepared = prepare_set(dataset, model.card.crop, seed=seed, cache_dir=default_cache_dir())
            rows = prepared.rows("valid")
            samples = prepared.sample_of_row()
            probabilities = set_probabilities(model, prepared, "valid")
            judged[model.card.name] = {
                samples[row].path: (value, prepared.labels[row]) for row, value in zip(rows, probabilities, strict=True)
            }
        first, second = judged[strong.card.name], judged[other.card.name]
        shared = sorted(set(first) & set(second))  # a face may be found or a duplicate dropped for one size alone
        ours = logit(np.array([first[path][0] for path in shared]))
        theirs = logit(np.array([second[path][0] for path in shared]))
        labels = np.array([first[path][1] for path in shared])
        for coverage in _COVERAGES:
            for limit in _LIMITS:
                _print_row(dataset.name, ours, theirs, labels, coverage, limit)


def _print_row(name: str, ours: Values, theirs: Values, labels: np.ndarray, coverage: float, limit: float) -> None:
    rng = np.random.default_rng(0)
    draws = [np.arange(len(ours)), *(rng.integers(0, len(ours), len(ours)) for _ in range(_DRAWS))]
    pairs = [_wrong_shares(ours[rows], theirs[rows], labels[rows], coverage, limit) for rows in draws]
    usable = [pair for pair in pairs if pair is not None]
    if pairs[0] is None or len(usable) < _DRAWS // 2:
        print(f"| {name} | {len(ours)} | {coverage:.0%} | {limit} | - | too few agree | - |")
        return
    alone, ruled = pairs[0]
    low, high = np.percentile([b - a for a, b in usable], [2.5, 97.5])
    print(
        f"| {name} | {len(ours)} | {coverage:.0%} | {limit} | {alone:.3f} | {ruled:.3f} "
        f"| {ruled - alone:+.3f} [{low:+.3f}, {high:+.3f}] |"
    )


def _wrong_shares(
    ours: Values, theirs: Values, labels: np.ndarray, coverage: float, limit: float
) -> tuple[float, float] | None:
    wanted = max(1, round(coverage * len(ours)))
    wrong = (ours > 0) != (labels == 1)
    certain = np.argsort(-np.abs(ours), kind="stable")
    agreed = certain[np.abs(ours - theirs)[certain] <= limit]
    if len(agreed) < wanted:
        return None
    return float(wrong[certain[:wanted]].mean()), float(wrong[agreed[:wanted]].mean())


if __name__ == "__main__":
    sys.exit(main())
