"""One data set made ready: read by layout, cut to crops, duplicates joined, split by source."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.data.crop_cache import CropSet, OnProgress, load_crops
from deepfake.data.duplicates import find_duplicates, merge_sources
from deepfake.data.layouts import SPLIT_NAMES, Dataset, Sample
from deepfake.data.splits import assign_splits, rows_of
from deepfake.errors import EmptyDatasetError
from deepfake.media.crops import CropSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSet:
    """A data set's crops with labels, sources and splits.

    Attributes:
        crop_set: The crops and where they come from.
        labels: Shape (n,), int64, 0 real, 1 fake; a row a crop.
        sources: A row's source, duplicates merged.
        splits: A row's split: "train", "valid", "test" or "dropped".
        num_merged_sources: Sources that became one with another because they share a picture.
        num_dropped: Rows dropped because the owner's splits share their picture.
        seed: Dealt the splits.
    """

    crop_set: CropSet
    labels: npt.NDArray[np.int64]
    sources: tuple[str, ...]
    splits: tuple[str, ...]
    num_merged_sources: int
    num_dropped: int
    seed: int

    @property
    def dataset(self) -> Dataset:
        return self.crop_set.dataset

    @property
    def name(self) -> str:
        return self.dataset.name

    def rows(self, split: str) -> npt.NDArray[np.intp]:
        """Row numbers of "train", "valid", "test", or "all"."""
        return rows_of(self.splits, split)

    def require_both_classes(self, *splits: str) -> None:
        """Refuse a set that lacks a class in one of some splits.

        Raises:
            EmptyDatasetError: It does.
        """
        for split in splits:
            labels = self.labels[self.rows(split)]
            if not 0 < labels.sum() < len(labels):
                raise EmptyDatasetError(
                    f"The {split} split of {self.name} has {int((labels == 0).sum())} real and {int(labels.sum())} "
                    "fake faces. Expected both. Add pictures of the missing class, or leave this set out."
                )

    def sample_of_row(self) -> list[Sample]:
        """The file behind each crop."""
        return [row.sample for row in self.crop_set.usable()]

    def summary(self) -> dict[str, Any]:
        """What a card says of the set: counts a split and class, and what was left out."""
        counts = Counter(zip(self.splits, self.labels.tolist(), strict=True))
        tested = sorted(
            sample.path for sample, split in zip(self.sample_of_row(), self.splits, strict=True) if split == "test"
        )
        return {
            "layout": self.dataset.layout,
            "files": self.dataset.counts(),
            "splits": {
                split: {"real": counts[split, 0], "fake": counts[split, 1]} for split in (*SPLIT_NAMES, "dropped")
            },
            "split_seed": self.seed if self.dataset.split_seed is None else self.dataset.split_seed,
            "test_files_sha256": hashlib.sha256("\n".join(tested).encode("utf-8", "surrogateescape")).hexdigest(),
            "without_face": len(self.crop_set.paths_with("no_face")),
            "unreadable": len(self.crop_set.paths_with("unreadable")),
            "sources_merged": self.num_merged_sources,
            "duplicates_dropped": self.num_dropped,
            "mean_share_outside_file": round(self.crop_set.mean_outside(), 4),
        }


def prepare_set(
    dataset: Dataset, settings: CropSettings, *, seed: int, cache_dir: Path, on_progress: OnProgress | None = None
) -> PreparedSet:
    """Cut, deduplicate and split a data set.

    Args:
        dataset: From `read_dataset`.
        settings: How crops are cut.
        seed: Deals the splits where the owner gives none.
        cache_dir: Where crops are kept.
        on_progress: Called with (files done, files in all) while cutting.

    Raises:
        EmptyDatasetError: No file of it shows a face.
        DataError: The crops cannot be written.
    """
    crop_set = load_crops(dataset, settings, cache_dir=cache_dir, on_progress=on_progress)
    usable = crop_set.usable()
    if not usable:
        raise EmptyDatasetError(
            f"None of the {len(dataset.samples)} files of {dataset.root} shows a face "
            f"({len(crop_set.paths_with('unreadable'))} could not be read). Expected pictures of faces."
        )
    before = [row.sample.source for row in usable]
    pairs = find_duplicates(
        [row.sha256 for row in usable], np.array([row.phash for row in usable], np.uint64), crop_set.crops
    )
    sources = merge_sources(before, pairs)
    plan = assign_splits([row.sample.split for row in usable], sources, all_real=dataset.is_all_real, seed=seed)
    return PreparedSet(
        crop_set=crop_set,
        labels=np.array([row.sample.label for row in usable], np.int64),
        sources=tuple(sources),
        splits=plan.splits,
        num_merged_sources=len(set(before)) - len(set(sources)),
        num_dropped=plan.num_dropped,
        seed=seed,
    )
