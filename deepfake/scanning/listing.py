"""The list of all files of a scan, made once and kept: what lets a killed run go on, and two copies meet.

Files of equal size go into one batch, because only they can be copies of each other. A worker that gets the whole
batch therefore finds every copy by itself, by its sha256, and judges it once: no table of hashes has to be shared,
however many files and workers there are.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deepfake.scanning.sources import FoundFile

BATCH_FILES = 32
BATCH_BYTES = 100_000_000
_MAX_TOGETHER = 4096  # files of one size in one batch; with more, copies in different batches are judged once in each
_SCHEMA = pa.schema([("path", pa.binary()), ("batch", pa.int64())])


class Listing:
    """Every file of a scan with the batch that it belongs to.

    Attributes:
        num_files: In all.
        num_batches: Numbered from 0.
    """

    def __init__(self, table: pa.Table) -> None:
        """Take a table of `_SCHEMA`, its batches in order and without gaps."""
        self._paths = table["path"].combine_chunks()
        ends = pc.value_counts(table["batch"]).field("counts").to_numpy().cumsum()
        self._starts: list[int] = [0, *ends.tolist()]
        self.num_files = len(self._paths)
        self.num_batches = len(self._starts) - 1

    def paths_of(self, batch: int) -> list[str]:
        """The files of a batch."""
        start, end = self._starts[batch], self._starts[batch + 1]
        return [_decoded(path) for path in self._paths[start:end].to_pylist()]

    def num_files_of(self, batch: int) -> int:
        """How many they are."""
        return self._starts[batch + 1] - self._starts[batch]


def deal_batches(files: Sequence[FoundFile], *, seed: int = 0) -> list[list[str]]:
    """Paths in batches of about `BATCH_FILES`, those of equal size together.

    Args:
        files: Each once.
        seed: Deals the order of the batches, so that the first hour of a scan is like the last.
    """
    by_size = sorted(files, key=lambda file: (file.size_bytes is None, file.size_bytes or 0, file.path))
    batches = list(_filled(by_size))
    random.Random(seed).shuffle(batches)
    return batches


def _filled(by_size: Sequence[FoundFile]) -> Iterator[list[str]]:
    paths: list[str] = []
    num_bytes = 0
    for alike in _alike(by_size):
        more_bytes = sum(file.size_bytes or 0 for file in alike)
        if paths and (len(paths) + len(alike) > BATCH_FILES or num_bytes + more_bytes > BATCH_BYTES):
            yield paths
            paths, num_bytes = [], 0
        paths += [file.path for file in alike]
        num_bytes += more_bytes
    if paths:
        yield paths


def _alike(by_size: Sequence[FoundFile]) -> Iterator[list[FoundFile]]:
    """What must stay together: files of one size, unless they are too many; a file of unknown size by itself."""
    for size, group in groupby(by_size, key=lambda file: file.size_bytes):
        files = list(group)
        together = 1 if size is None else _MAX_TOGETHER
        yield from (files[start : start + together] for start in range(0, len(files), together))


def listing_bytes(batches: Sequence[Sequence[str]]) -> bytes:
    """A listing as a Parquet file; see `read_listing`."""
    rows = [(_encoded(path), number) for number, paths in enumerate(batches) for path in paths]
    columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), _SCHEMA, strict=True)]
    file = io.BytesIO()
    pq.write_table(pa.table(columns, schema=_SCHEMA), file, compression="zstd")
    return file.getvalue()


def read_listing(data: bytes) -> Listing:
    """A listing that `listing_bytes` wrote."""
    return Listing(pq.read_table(io.BytesIO(data)))


def _encoded(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")  # names that are no UTF-8 come back as they were


def _decoded(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
