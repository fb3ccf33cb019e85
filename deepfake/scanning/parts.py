"""Results on disk: whole parts while a scan runs, one Parquet file when it is done.

```
results.parquet           written last, in one step; a scan that has it is done
results.manifest.json     what was scanned with what, counts, and errors
results.parquet.parts/    gone when the scan is done
    scan.json             what the scan is: where it looks, which model
    listing.parquet       every file, and the batch it belongs to
    part-000000.parquet   rows of whole batches; each written in one step
```
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from deepfake.errors import FileAccessError, ScanError
from deepfake.files import begun_beside, write_whole
from deepfake.scanning.judging import Row

SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("kind", pa.string()),
        ("verdict", pa.string()),
        ("probability", pa.float64()),
        ("score", pa.float64()),
        ("num_faces", pa.int32()),  # of a clip: people
        ("reasons", pa.list_(pa.string())),
        ("model", pa.string()),
        ("error", pa.string()),
        ("seconds", pa.float64()),
        ("sha256", pa.string()),
        ("size_bytes", pa.int64()),
        ("duplicate_of", pa.string()),
        ("details", pa.string()),  # the line that `check --json` writes
        ("batch", pa.int64()),
    ]
)
_PATTERN = "part-*.parquet"


class Parts:
    """The parts of a scan that runs or was killed."""

    def __init__(self, folder: Path) -> None:
        """Take the folder they lie in."""
        self._folder = folder

    def paths(self) -> list[Path]:
        """The whole ones, in order."""
        return sorted(self._folder.glob(_PATTERN))

    def finished_batches(self, num_batches: int) -> np.ndarray:
        """Whether each batch is in a part, shape (num_batches,), bool.

        Raises:
            ScanError: A part was damaged since it was written.
        """
        finished = np.zeros(num_batches, dtype=bool)
        for path in self.paths():
            finished[np.unique(_read(path, columns=["batch"])["batch"].to_numpy())] = True
        return finished

    def write(self, rows: Sequence[Row]) -> None:
        """Add a part with the rows of whole batches; a kill leaves it whole or not there."""
        paths = self.paths()
        number = int(paths[-1].stem.rpartition("-")[2]) + 1 if paths else 0
        file = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), file, compression="zstd")
        write_whole(self._folder / f"part-{number:06d}.parquet", file.getvalue())

    def merge_into(self, out: Path) -> None:
        """One file of all parts, in constant memory and in one step.

        Raises:
            FileAccessError: The place cannot be written, or is full.
            ScanError: A part was damaged since it was written.
        """
        try:
            with begun_beside(out) as scratch, pq.ParquetWriter(scratch, SCHEMA, compression="zstd") as writer:
                for path in self.paths():
                    writer.write_table(_read(path))
        except OSError as error:
            raise FileAccessError(
                f"{out} cannot be written ({error}). Expected a folder that has room. Make some, and start the same "
                "command again: nothing is judged anew."
            ) from error


def _read(path: Path, columns: list[str] | None = None) -> pa.Table:
    try:
        return pq.read_table(path, columns=columns, schema=SCHEMA)
    except (pa.ArrowInvalid, OSError) as error:
        raise ScanError(
            f"{path} is damaged ({error}). Expected a part as it was written. Delete it, and start the same command "
            "again: its files are judged anew."
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What came of the files of a scan.

    Attributes:
        num_files: In all.
        verdicts: Files by verdict; refused ones have none.
        num_errors: Files that were refused.
        num_duplicates: Files whose answer is that of a file with the same bytes.
        judged_seconds: Time that workers spent on them, added up.
        first_errors: Path and reason of the first refusals, by the order of the results.
    """

    num_files: int
    verdicts: dict[str, int]
    num_errors: int
    num_duplicates: int
    judged_seconds: float
    first_errors: tuple[tuple[str, str], ...]


def count(results: Path, *, max_errors: int) -> Counts:
    """Count what a finished scan's results say, in constant memory."""
    verdicts: Counter[str] = Counter()
    num_files = num_errors = num_duplicates = 0
    judged_seconds = 0.0
    errors: list[tuple[str, str]] = []
    for row in _few_columns(results, ["path", "verdict", "error", "duplicate_of", "seconds"]):
        num_files += 1
        num_duplicates += row["duplicate_of"] is not None
        judged_seconds += row["seconds"]
        if row["error"] is None:
            verdicts[row["verdict"]] += 1
            continue
        num_errors += 1
        if len(errors) < max_errors:
            errors.append((row["path"], row["error"]))
    return Counts(
        num_files=num_files,
        verdicts=dict(sorted(verdicts.items())),
        num_errors=num_errors,
        num_duplicates=num_duplicates,
        judged_seconds=judged_seconds,
        first_errors=tuple(errors),
    )


def _few_columns(results: Path, columns: list[str]) -> Iterator[Row]:
    with pq.ParquetFile(results) as file:
        for group in file.iter_batches(columns=columns):
            yield from group.to_pylist()
