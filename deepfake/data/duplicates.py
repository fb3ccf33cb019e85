"""The same picture twice: found by bytes and by perceptual hash, so that no split tests what another taught.

A byte-identical picture, or a perceptual match (pHash distance of 2 bits or less, confirmed on the pixels),
makes two sources one. Looser matches chain strangers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

_MAX_DISTANCE_BITS = 2
_MAX_MEAN_DIFFERENCE = 4.0  # of 255: recompression stays below, another photo of the same person does not
_BANDS = 4  # 64 bits in 4 bands of 16: two flipped bits leave at least two bands whole


def find_duplicates(
    digests: Sequence[str], hashes: npt.NDArray[np.uint64], crops: npt.NDArray[np.uint8]
) -> list[tuple[int, int]]:
    """Find pairs of rows that show the same picture.

    Args:
        digests: sha256 of each file.
        hashes: Shape (n,), each picture's 64-bit pHash.
        crops: Shape (n, side, side, 3): what a match is confirmed on.

    Returns:
        Pairs (i, j), i < j. Transitive pairs may be left out: join them with `merge_sources`.
    """
    pairs = set(_chain(digests))
    for i, j in _near_hashes(hashes):
        difference = np.abs(crops[i].astype(np.int16) - crops[j].astype(np.int16)).mean()
        if difference <= _MAX_MEAN_DIFFERENCE:
            pairs.add((i, j))
    return sorted(pairs)


def merge_sources(sources: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Give rows that share a picture one source, the alphabetically first of theirs.

    Args:
        sources: One a row.
        pairs: Rows that show the same picture.

    Returns:
        The sources after merging, one a row.
    """
    parent = {source: source for source in sources}

    def root(source: str) -> str:
        while parent[source] != source:
            parent[source] = parent[parent[source]]
            source = parent[source]
        return source

    for i, j in pairs:
        first, second = sorted((root(sources[i]), root(sources[j])))
        parent[second] = first
    return [root(source) for source in sources]


def _chain(keys: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """Pairs (first row with a key, later row with the same key)."""
    first: dict[Hashable, int] = {}
    for row, key in enumerate(keys):
        if key in first:
            yield first[key], row
        else:
            first[key] = row


def _near_hashes(hashes: npt.NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    for band in range(_BANDS):
        buckets: dict[int, list[int]] = defaultdict(list)
        for row, value in enumerate((hashes >> np.uint64(16 * band)) & np.uint64(0xFFFF)):
            buckets[int(value)].append(row)
        for rows in buckets.values():
            for i, j in combinations(rows, 2):
                if (int(hashes[i]) ^ int(hashes[j])).bit_count() <= _MAX_DISTANCE_BITS and (i, j) not in seen:
                    seen.add((i, j))
                    yield i, j
