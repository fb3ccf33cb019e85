"""What a wider network costs: python benchmarks/architectures.py.

Times a forward pass of 1,000 random crops, in batches of 128, through each width that was tried, interleaved, and
prints each against the shipped one. Random weights: the time does not depend on them.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deepfake.classifier.architectures import Blocks, build_cnn64
from deepfake.classifier.classifier import compile_scorer
from deepfake.training.recipes import RECIPES

WIDTHS: dict[str, Blocks] = {
    "shipped": RECIPES["cnn64"].blocks,
    "narrow": ((16,), (32,), (64,), (128,)),
    "narrow, deeper": ((16,), (32,), (64, 64), (128, 128)),
    "seven convolutions": ((24,), (48, 48), (96, 96), (160, 160)),
}
_NUM_CROPS, _BATCH, _REPEATS = 1000, 128, 5


def main() -> None:
    """Print one Markdown table; the best of five rounds counts."""
    crops = np.random.default_rng(0).uniform(0, 255, (_NUM_CROPS, 64, 64, 3)).astype(np.float32)
    models = {
        name: build_cnn64(blocks=blocks, block_dropout=0.0, dense_units=64, dense_dropout=0.0)
        for name, blocks in WIDTHS.items()
    }
    scorers = {name: compile_scorer(model) for name, model in models.items()}
    best = dict.fromkeys(scorers, np.inf)
    for scorer in scorers.values():
        scorer(crops[:_BATCH])
    for _ in range(_REPEATS):
        for name, scorer in scorers.items():
            started = time.perf_counter()
            for start in range(0, _NUM_CROPS, _BATCH):
                scorer(crops[start : start + _BATCH])
            best[name] = min(best[name], time.perf_counter() - started)
    print("| network | filters | parameters | seconds for 1,000 crops | time against the shipped one |")
    print("|---|---|---|---|---|")
    for name, blocks in WIDTHS.items():
        filters = " / ".join(" ".join(map(str, block)) for block in blocks)
        ratio = best[name] / best["shipped"]
        print(f"| {name} | {filters} | {models[name].count_params():,} | {best[name]:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
