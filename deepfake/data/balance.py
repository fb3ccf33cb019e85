"""Equal say for both classes and for every set, whatever their sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from deepfake.data.layouts import Dataset

BALANCE_METHODS = ("undersample", "oversample", "weights", "none")
Labels = npt.NDArray[np.int64]  # (n,), 0 real, 1 fake
Weights = npt.NDArray[np.float32]  # (n,), mean 1


def balance_classes(labels: Labels, method: str, *, seed: int) -> tuple[npt.NDArray[np.intp], Weights]:
    """Choose rows, and their weights in the loss, so that real and fake count alike.

    Args:
        labels: Shape (n,), 0 or 1.
        method: "undersample" drops rows of the larger class, "oversample" repeats rows of the smaller,
            "weights" keeps all rows and weighs them, "none" keeps all rows as they are.
        seed: Chooses which rows are dropped or repeated.

    Returns:
        Row numbers, sorted, shape (m,), and a weight for each, float32, with mean 1.

    Raises:
        ValueError: Unknown method, or a class without a row.
    """
    if method not in BALANCE_METHODS:
        raise ValueError(f"Unknown balance method {method!r}. Expected one of {', '.join(BALANCE_METHODS)}.")
    by_class = [np.flatnonzero(labels == label) for label in (0, 1)]
    sizes = [len(rows) for rows in by_class]
    if 0 in sizes:
        raise ValueError(f"Both classes need rows. Received {sizes[0]} real and {sizes[1]} fake.")
    if method in ("none", "weights"):
        weight_of = np.array([len(labels) / (2 * size) for size in sizes] if method == "weights" else [1.0, 1.0])
        return np.arange(len(labels)), weight_of[labels].astype(np.float32)
    rng = np.random.default_rng(seed)
    target = min(sizes) if method == "undersample" else max(sizes)
    chosen = [_resize(rows, target, rng) for rows in by_class]
    rows = np.sort(np.concatenate(chosen))
    return rows, np.ones(len(rows), dtype=np.float32)


def draw_alike(labels: Labels, most: int, *, seed: int) -> npt.NDArray[np.intp]:
    """Choose at most so many rows, each class keeping its share.

    Args:
        labels: Shape (n,), 0 or 1.
        most: Rows to keep at most.
        seed: Chooses them.

    Returns:
        Row numbers, sorted, shape (min(n, most),) but for rounding down a class.
    """
    if len(labels) <= most:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    by_class = [np.flatnonzero(labels == label) for label in (0, 1)]
    return np.sort(np.concatenate([rng.permutation(rows)[: len(rows) * most // len(labels)] for rows in by_class]))


def draw_files(dataset: Dataset, most: int, *, seed: int) -> Dataset:
    """The set with at most so many of its files, each class keeping its share; a file's split stays the same."""
    labels = np.array([sample.label for sample in dataset.samples])
    return replace(dataset, samples=tuple(dataset.samples[row] for row in draw_alike(labels, most, seed=seed)))


def _resize(rows: npt.NDArray[np.intp], target: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    if len(rows) >= target:
        return rng.permutation(rows)[:target]
    whole, rest = divmod(target, len(rows))
    return np.concatenate([np.tile(rows, whole), rng.permutation(rows)[:rest]])
