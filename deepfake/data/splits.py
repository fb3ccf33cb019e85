"""Who learns from what: train, validation and test splits that never share a source.

A source's split follows from a hash of (seed, source) alone. So a split can be made again from its seed,
and stays the same for a source when other files come or go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepfake.data.layouts import SPLIT_NAMES

_FRACTIONS = {"train": 0.70, "valid": 0.15, "test": 0.15}
_ALL_REAL_FRACTIONS = {"train": 0.0, "valid": 0.5, "test": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """The split of each row, and what duplicates cost.

    Attributes:
        splits: "train", "valid", "test", or "dropped" for a row whose twin is in a later split.
        num_dropped: Rows dropped because an owner's splits share their picture.
    """

    splits: tuple[str, ...]
    num_dropped: int


def assign_splits(
    owner_splits: Sequence[str | None], sources: Sequence[str], *, all_real: bool, seed: int
) -> SplitPlan:
    """Decide which split each row belongs to.

    An owner's split is kept; of validation and test, one that it lacks is dealt from its training split. Where
    its splits share a source, the row in the test split stays, and its twin in validation or training is dropped.
    Without any owner's split, sources are dealt 70/15/15; sets of real faces alone are halved into validation and
    test, since they teach nothing.

    Args:
        owner_splits: The owner's split of each row, or None.
        sources: The source of each row, duplicates merged.
        all_real: Whether the set holds real faces alone.
        seed: Deals another hand.
    """
    if all(split is not None for split in owner_splits):
        return _keep_owner_splits([str(split) for split in owner_splits], sources, seed)
    fractions = _ALL_REAL_FRACTIONS if all_real else _FRACTIONS
    return SplitPlan(splits=tuple(_deal(source, fractions, seed) for source in sources), num_dropped=0)


def _keep_owner_splits(owner_splits: list[str], sources: Sequence[str], seed: int) -> SplitPlan:
    share = {name: 0.0 if name in owner_splits else _FRACTIONS[name] for name in ("valid", "test")}
    if any(share.values()):
        owner_splits = [
            _deal(source, share, seed) if split == "train" else split
            for split, source in zip(owner_splits, sources, strict=True)
        ]
    latest: dict[str, int] = {}
    for split, source in zip(owner_splits, sources, strict=True):
        latest[source] = max(latest.get(source, 0), SPLIT_NAMES.index(split))
    kept = [
        split if SPLIT_NAMES.index(split) == latest[source] else "dropped"
        for split, source in zip(owner_splits, sources, strict=True)
    ]
    return SplitPlan(splits=tuple(kept), num_dropped=kept.count("dropped"))


def _deal(source: str, fractions: dict[str, float], seed: int) -> str:
    digest = hashlib.sha256(f"{seed}:{source}".encode("utf-8", "surrogateescape")).digest()
    point = int.from_bytes(digest[:8], "big") / 2**64
    if point < fractions["test"]:
        return "test"
    if point < fractions["test"] + fractions["valid"]:
        return "valid"
    return "train"


def rows_of(splits: Sequence[str], name: str) -> npt.NDArray[np.intp]:
    """The row numbers of one split, or of every row not dropped where `name` is "all"."""
    values = np.asarray(splits)
    return np.flatnonzero(values != "dropped" if name == "all" else values == name)
