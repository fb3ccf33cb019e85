"""What each recipe costs: python benchmarks/recipes.py [RECIPE ...].

Builds every recipe with random weights, on which times do not depend, and prints parameters, file size, milliseconds
a crop (one at a time, and in batches of 128) and training time for a thousand crops, all in one run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from deepfake.classifier.classifier import compile_scorer
from deepfake.training.recipes import RECIPES

_BATCH, _REPEATS = 128, 3
_TRAINING_STEPS = 2


def main() -> None:
    """Print one Markdown table; the best of three rounds counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("recipes", nargs="*", choices=[[], *RECIPES], default=[], metavar="RECIPE")
    names = list(dict.fromkeys(["cnn64", *(parser.parse_args().recipes or RECIPES)]))
    print("| recipe | input | parameters | file, MB | ms a crop, one at a time | ms a crop, 128 at a time "
          "| training, s for 1,000 crops | against cnn64 |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    first = None
    for name in names:
        cost = measure(name)
        first = first or cost["batch_ms"]
        cells = [name, f"{cost['side']:.0f}", f"{cost['parameters']:,.0f}", f"{cost['file_mb']:.1f}"]
        cells += [f"{cost['single_ms']:.1f}", f"{cost['batch_ms']:.2f}", f"{cost['training_s']:.0f}"]
        print(f"| {' | '.join(cells)} | {cost['batch_ms'] / first:.0f} x |", flush=True)


def measure(name: str) -> dict[str, float]:
    recipe = RECIPES[name]
    if hasattr(recipe, "backbone_weights"):
        recipe = replace(recipe, backbone_weights="none")
    keras.utils.clear_session()
    model = recipe.build()
    side = recipe.input_side_px
    crops = np.random.default_rng(0).uniform(0, 255, (_BATCH, side, side, 3)).astype(np.float32)
    scorer = compile_scorer(model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path, include_optimizer=False)
        file_mb = path.stat().st_size / 1e6
    return {
        "side": side,
        "parameters": model.count_params(),
        "file_mb": file_mb,
        "single_ms": 1000 * best(lambda: scorer(crops[:1])),
        "batch_ms": 1000 * best(lambda: scorer(crops)) / _BATCH,
        "training_s": 1000 * training_seconds(model, crops[: recipe.batch_size]),
    }


def training_seconds(model: keras.Model, crops: np.ndarray) -> float:
    """Seconds a crop of a full training step, all layers learning."""
    model.compile(optimizer="adam", loss="binary_crossentropy")
    labels = np.arange(len(crops)).reshape(-1, 1) % 2
    model.train_on_batch(crops, labels)  # the first step compiles
    started = time.perf_counter()
    for _ in range(_TRAINING_STEPS):
        model.train_on_batch(crops, labels)
    return (time.perf_counter() - started) / (_TRAINING_STEPS * len(crops))


def best(work: object) -> float:
    work()  # type: ignore[operator]
    taken = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        work()  # type: ignore[operator]
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    main()
