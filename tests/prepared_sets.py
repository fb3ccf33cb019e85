"""Small prepared sets made in memory: crops whose class shows in their brightness, no files behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepfake.data.crop_cache import CropRow, CropSet
from deepfake.data.layouts import Dataset, Sample
from deepfake.data.prepare import PreparedSet

_SPLITS = ("train", "train", "train", "valid", "test")


def make_prepared_set(
    name: str = "toy", *, num_crops: int = 80, side_px: int = 16, seed: int = 0, all_real: bool = False
) -> PreparedSet:
    """Every second crop is fake and a little brighter; three fifths are for training."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(num_crops, np.int64) if all_real else np.arange(num_crops) // 5 % 2
    base = rng.integers(0, 150, (num_crops, side_px, side_px, 3))
    crops = (base + 60 * labels[:, None, None, None] + rng.integers(0, 40, (num_crops, 1, 1, 1))).astype(np.uint8)
    samples = tuple(
        Sample(path=f"{index:04}.png", label=int(label), source=f"s{index}") for index, label in enumerate(labels)
    )
    rows = tuple(
        CropRow(sample=sample, status="ok", sha256=f"{index:064x}", phash=index, outside=0.0, row=index)
        for index, sample in enumerate(samples)
    )
    names = ("valid", "test") if all_real else _SPLITS
    return PreparedSet(
        crop_set=CropSet(
            dataset=Dataset(name=name, layout="folders", root=Path("nowhere"), samples=samples), rows=rows, crops=crops
        ),
        labels=labels,
        sources=tuple(sample.source for sample in samples),
        splits=tuple(names[index % len(names)] for index in range(num_crops)),
        num_merged_sources=0,
        num_dropped=0,
        seed=seed,
    )
