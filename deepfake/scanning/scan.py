"""A scan from end to end: list, judge, write parts, merge. Killed at any moment, the same call goes on.

Only this process writes. Workers give rows back, each batch once, so a file can be neither lost nor there twice.
"""

from __future__ import annotations

import json
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepfake import __version__
from deepfake.classifier.card import Card
from deepfake.errors import ScanError
from deepfake.files import hold_alone, read_whole, write_whole
from deepfake.scanning import PATIENCE_S
from deepfake.scanning.cluster import Batch, connect, judge_all
from deepfake.scanning.judging import Orders, Row
from deepfake.scanning.listing import Listing, deal_batches, listing_bytes, read_listing
from deepfake.scanning.parts import Counts, Parts, count
from deepfake.scanning.sources import find_files

PART_S = 15.0  # so much work is lost at most when this process is killed
PART_ROWS = 50_000
MAX_ERRORS = 1000  # named in the manifest; all of them are rows of the results
_FORMAT_VERSION = 1
_HEADER_FILE, _LISTING_FILE, _LOCK_FILE = "scan.json", "listing.parquet", ".lock"
OnProgress = Callable[[int, int], None]  # files done, files in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A finished scan.

    Attributes:
        results: The Parquet file.
        manifest: Beside it.
        counts: What came of the files.
        num_skipped: Files that are no pictures or clips by their names.
    """

    results: Path
    manifest: Path
    counts: Counts
    num_skipped: int


def scan(
    address: str,
    out: Path,
    card: Card,
    *,
    faces: str = "all",
    scheduler: str | None = None,
    num_workers: int | None = None,
    part_s: float = PART_S,
    patience_s: float = PATIENCE_S,
    on_progress: OnProgress | None = None,
) -> Scan:
    """Judge every picture and clip at or below an address, or go on with what a killed scan left.

    Args:
        address: A folder, a file, or any address that fsspec understands.
        out: The Parquet file to write; beside it lie its manifest and, until it is done, its parts.
        card: Of the model that judges; workers load it by its name and refuse other weights.
        faces: As in `analyze`.
        scheduler: Address of a Dask scheduler; None for workers on this machine.
        num_workers: Processes on this machine; as many as cores by default.
        part_s: Seconds from one part to the next.
        patience_s: How long to wait where there is no worker, be it that none came yet or that all died.
        on_progress: Called with (files done, files in all).

    Raises:
        ScanError: The address cannot be listed, `out` is taken, or the cluster fails. What was done stays, and the same
            call goes on from there.
        FileAccessError: `out` cannot be written.
        ModelError: A worker lacks the model.
    """
    header = _header(address, card, faces)
    folder = out.with_name(f"{out.name}.parts")
    if out.exists():
        return _already_done(out, folder, header)
    with _alone_in(folder):
        parts = Parts(folder)
        listing, num_skipped = _begin_or_go_on(address, folder, header)
        finished = parts.finished_batches(listing.num_batches)
        num_done = sum(listing.num_files_of(int(number)) for number in np.flatnonzero(finished))
        if on_progress is not None:
            on_progress(num_done, listing.num_files)
        if not finished.all():
            orders = Orders(model=card.name, weights_sha256=card.weights_sha256, faces=faces)
            waiting = (
                Batch(number=int(number), paths=tuple(listing.paths_of(int(number))))
                for number in np.flatnonzero(~finished)
            )
            with connect(scheduler, num_workers, patience_s) as client, _Buffer(parts, part_s) as buffer:
                for rows in judge_all(client, waiting, orders, patience_s):
                    buffer.add(rows)
                    num_done += len(rows)
                    if on_progress is not None:
                        on_progress(num_done, listing.num_files)
        parts.merge_into(out)
        done = _conclude(out, header, num_skipped)
    shutil.rmtree(folder, ignore_errors=True)
    return done


class _Buffer:
    """Rows on their way to a part; written when they are many or old, and on every way out but a kill."""

    def __init__(self, parts: Parts, part_s: float) -> None:
        self._parts, self._part_s = parts, part_s
        self._rows: list[Row] = []
        self._since = time.monotonic()

    def add(self, rows: list[Row]) -> None:
        self._rows += rows
        if len(self._rows) >= PART_ROWS or time.monotonic() - self._since >= self._part_s:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._parts.write(self._rows)
        self._rows, self._since = [], time.monotonic()

    def __enter__(self) -> _Buffer:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()


def manifest_path(out: Path) -> Path:
    """Where the manifest of a scan lies."""
    return out.with_name(f"{out.stem}.manifest.json")


def _header(address: str, card: Card, faces: str) -> dict[str, Any]:
    """What two runs of one scan must have in common."""
    return {
        "format_version": _FORMAT_VERSION,
        "source": address,
        "model": card.name,
        "weights_sha256": card.weights_sha256,
        "faces": faces,
    }


def _begin_or_go_on(address: str, folder: Path, header: dict[str, Any]) -> tuple[Listing, int]:
    """The listing, made now or before; the header is written last, so a folder that has it can be gone on with."""
    header_file, listing_file = folder / _HEADER_FILE, folder / _LISTING_FILE
    if header_file.exists():
        before = _read_json(header_file)
        num_skipped = int(before.pop("num_skipped", 0))
        _refuse_another(before, header, folder)
        return read_listing(listing_file.read_bytes()), num_skipped
    files, num_skipped = find_files(address)
    write_whole(listing_file, listing_bytes(deal_batches(files)))
    write_whole(header_file, _json_bytes(header | {"num_skipped": num_skipped}))
    return read_listing(listing_file.read_bytes()), num_skipped


def _already_done(out: Path, folder: Path, header: dict[str, Any]) -> Scan:
    """What a finished scan left; a kill between its last steps leaves a manifest to write and parts to remove."""
    header_file = folder / _HEADER_FILE
    if header_file.exists():
        before = _read_json(header_file)
        num_skipped = int(before.pop("num_skipped", 0))
        _refuse_another(before, header, out)
        done = _conclude(out, header, num_skipped)
        shutil.rmtree(folder, ignore_errors=True)
        return done
    manifest = manifest_path(out)
    if not manifest.exists():
        raise ScanError(f"{out} is there already, and no scan wrote it. Name another --out; nothing is written over.")
    before = _read_json(manifest)
    _refuse_another(before, header, out)
    counts = count(out, max_errors=MAX_ERRORS)
    return Scan(results=out, manifest=manifest, counts=counts, num_skipped=int(before["num_skipped"]))


def _refuse_another(before: dict[str, Any], header: dict[str, Any], where: Path) -> None:
    changes = [f"{key} was {before.get(key)}, now {value}" for key, value in header.items() if before.get(key) != value]
    if changes:
        raise ScanError(
            f"{where} belongs to another scan: {'; '.join(changes)}. Expected the same, so that all rows of a file are "
            "alike. Name another --out, or delete it."
        )


def _conclude(out: Path, header: dict[str, Any], num_skipped: int) -> Scan:
    counts = count(out, max_errors=MAX_ERRORS)
    manifest = manifest_path(out)
    about = header | {
        "files": counts.num_files,
        "verdicts": counts.verdicts,
        "duplicates": counts.num_duplicates,
        "num_skipped": num_skipped,
        "worker_seconds": round(counts.judged_seconds, 1),
        "versions": {"deepfake": __version__, "python": platform.python_version()},
        "num_errors": counts.num_errors,
        "errors": [{"path": path, "error": error} for path, error in counts.first_errors],
    }
    write_whole(manifest, _json_bytes(about))
    return Scan(results=out, manifest=manifest, counts=counts, num_skipped=num_skipped)


def _json_bytes(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(read_whole(path)))
    except ValueError as error:
        raise ScanError(f"{path} is damaged ({error}). Expected what a scan wrote. Name another --out.") from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScanError(
            f"{folder} cannot be made ({error.strerror}). Expected an --out in a folder that this user may write to."
        ) from error
    with hold_alone(folder / _LOCK_FILE) as is_alone:
        if not is_alone:
            raise ScanError(f"Another scan is at work in {folder}. Wait until it is done, or name another --out.")
        yield
