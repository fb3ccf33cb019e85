"""A data set's face crops, cut once and kept on disk: one memory-mapped array a set.

An entry is keyed by the content of every file and by the crop settings, and appears only when it is whole
(written beside, then renamed). Splits are row numbers, so that another seed cuts nothing again.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from deepfake.data.layouts import Dataset, Sample
from deepfake.data.workers import start_workers
from deepfake.errors import DataError, InputError
from deepfake.media.crops import CropSettings, crop_face, resize_square, share_outside
from deepfake.media.detectors import Detector, make_detector
from deepfake.media.faces import Box, central_face
from deepfake.media.images import RGBImage, decode_image

_FORMAT_VERSION = 1
_CHUNK = 32
_UNREADABLE = "unreadable"
_GONE = "gone"  # never written down: a file that could be read a moment ago, or never at all
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CropRow:
    """One file of the set in the cache's index.

    Attributes:
        sample: The file.
        status: "ok", "no_face" or "unreadable".
        sha256: Of the file's bytes.
        phash: 64-bit perceptual hash of the whole picture; 0 unless "ok".
        outside: Share of the crop that lies outside its file, 0..1; 0 unless "ok".
        row: Row in the array, or -1 unless "ok".
    """

    sample: Sample
    status: str
    sha256: str
    phash: int
    outside: float
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CropSet:
    """A data set as crops.

    Attributes:
        dataset: Where they come from.
        rows: One a file, in the set's order.
        crops: Memory-mapped, shape (number of "ok" rows, side, side, 3), uint8.
    """

    dataset: Dataset
    rows: tuple[CropRow, ...]
    crops: npt.NDArray[np.uint8]

    def usable(self) -> list[CropRow]:
        """The rows that have a crop, in the array's order."""
        return [row for row in self.rows if row.status == "ok"]

    def paths_with(self, status: str) -> list[str]:
        """The files with one status, relative to the set's root."""
        return [row.sample.path for row in self.rows if row.status == status]

    def mean_outside(self) -> float:
        """Mean share of a crop that lies outside its file and is repeated edge; over 0.1 is a defect."""
        shares = [row.outside for row in self.usable()]
        return float(np.mean(shares)) if shares else 0.0


def default_cache_dir() -> Path:
    """Where crops are kept: `$DEEPFAKE_CACHE`, else the user's cache folder."""
    override = os.environ.get("DEEPFAKE_CACHE")
    if override:
        return Path(override)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deepfake"


def load_crops(
    dataset: Dataset,
    settings: CropSettings,
    *,
    cache_dir: Path,
    on_progress: OnProgress | None = None,
    num_workers: int | None = None,
) -> CropSet:
    """Get a data set's crops from the cache, or cut them on all cores.

    Args:
        dataset: What to cut.
        settings: How.
        cache_dir: Folder of cached sets.
        on_progress: Called with (files done, files in all) while cutting.
        num_workers: Processes; all cores by default, 0 for this one alone.

    Raises:
        DataError: The cache cannot be written, or a cutting process died.
    """
    digests = [_digest(dataset.root / sample.path) for sample in dataset.samples]
    if not dataset.root.is_dir():
        raise _gone(dataset)
    folder = cache_dir / f"{dataset.name}-{_key(dataset, settings, digests)}"
    if not folder.is_dir():
        try:
            _cut_to(folder, dataset, settings, digests, on_progress, num_workers)
        except OSError as error:
            raise DataError(
                f"The face crops could not be written below {cache_dir} ({error}). Expected a folder with room for "
                f"{len(dataset.samples) * settings.side_px**2 * 3 / 1e6:.0f} MB. Free some space, or name another "
                "folder in the environment variable DEEPFAKE_CACHE."
            ) from error
    return CropSet(
        dataset=dataset,
        rows=tuple(_read_index(folder / "index.csv", dataset)),
        crops=np.load(folder / "crops.npy", mmap_mode="r"),
    )


def _gone(dataset: Dataset) -> DataError:
    """Else every file left would be called unreadable, in the cache too, and still be when the disk is back."""
    return DataError(
        f"The files of {dataset.name} are no longer at {dataset.root}. Expected them to stay while faces are cut. "
        "Connect that disk or restore that folder, and start again: nothing half-done was kept."
    )


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""  # cutting will call it unreadable


def _key(dataset: Dataset, settings: CropSettings, digests: Sequence[str]) -> str:
    content = hashlib.sha256(json.dumps([_FORMAT_VERSION, settings.to_dict()], sort_keys=True).encode())
    for sample, digest in zip(dataset.samples, digests, strict=True):
        share = "" if sample.face_share is None else f"\0{sample.face_share}"
        content.update(f"{sample.path}\0{digest}{share}\n".encode("utf-8", "surrogateescape"))
    return content.hexdigest()[:20]


def _cut_to(
    folder: Path,
    dataset: Dataset,
    settings: CropSettings,
    digests: Sequence[str],
    on_progress: OnProgress | None,
    num_workers: int | None,
) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent))
    try:
        _write_entry(scratch, dataset, settings, digests, on_progress, num_workers)
        scratch.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster with the same crops
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_entry(
    scratch: Path,
    dataset: Dataset,
    settings: CropSettings,
    digests: Sequence[str],
    on_progress: OnProgress | None,
    num_workers: int | None,
) -> None:
    num_files, side = len(dataset.samples), settings.side_px
    array = np.lib.format.open_memmap(scratch / "all.npy", mode="w+", dtype=np.uint8, shape=(num_files, side, side, 3))
    num_ok = 0
    with (scratch / "index.csv").open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file)
        for index, cut in enumerate(_cut_all(dataset, settings, num_workers)):
            if cut.status == _GONE and digests[index]:
                raise _gone(dataset)
            row = -1
            if cut.crop is not None:
                array[num_ok], row, num_ok = cut.crop, num_ok, num_ok + 1
            status = _UNREADABLE if cut.status == _GONE else cut.status
            writer.writerow([dataset.samples[index].path, status, digests[index], cut.phash, cut.outside, row])
            if on_progress is not None:
                on_progress(index + 1, num_files)
    final = np.lib.format.open_memmap(scratch / "crops.npy", mode="w+", dtype=np.uint8, shape=(num_ok, side, side, 3))
    for start in range(0, num_ok, 4096):
        final[start : start + 4096] = array[start : min(start + 4096, num_ok)]
    final.flush()
    del array, final
    (scratch / "all.npy").unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    status: str
    phash: int = 0
    outside: float = 0.0
    crop: npt.NDArray[np.uint8] | None = None


def _cut_all(dataset: Dataset, settings: CropSettings, num_workers: int | None) -> Iterator[_Cut]:
    files = [(dataset.root / sample.path, sample.face_share) for sample in dataset.samples]
    chunks = [files[start : start + _CHUNK] for start in range(0, len(files), _CHUNK)]
    if num_workers == 0 or len(chunks) == 1:
        for chunk in chunks:
            yield from _cut_chunk(chunk, settings)
        return
    with start_workers(num_workers) as pool:
        try:
            for cuts in pool.map(_cut_chunk, chunks, [settings] * len(chunks)):
                yield from cuts
        except BrokenProcessPool as error:
            raise DataError(
                f"A process that cuts faces out of {dataset.root} died (out of memory?). Close other programs and "
                "start again: nothing half-done was kept."
            ) from error


def _cut_chunk(files: Sequence[tuple[Path, float | None]], settings: CropSettings) -> list[_Cut]:
    detector = make_detector(settings.detector)
    return [_cut_one(path, face_share, settings, detector) for path, face_share in files]


def _cut_one(path: Path, face_share: float | None, settings: CropSettings, detector: Detector) -> _Cut:
    try:
        data = path.read_bytes()
    except OSError:
        return _Cut(status=_GONE)
    try:
        pixels = decode_image(data).pixels
    except (InputError, MemoryError):
        return _Cut(status=_UNREADABLE)
    box = _find_box(pixels, detector) if face_share is None else _central_box(pixels, face_share)
    if box is None:
        return _Cut(status="no_face")
    crop = resize_square(crop_face(pixels, box, margin=settings.margin), settings.side_px)
    return _Cut(
        status="ok",
        phash=int(str(imagehash.phash(Image.fromarray(pixels))), 16),
        outside=share_outside(pixels.shape[:2], box, margin=settings.margin),
        crop=np.rint(crop).astype(np.uint8),
    )


def _find_box(pixels: RGBImage, detector: Detector) -> Box | None:
    face = central_face(detector.find(pixels), pixels.shape[:2])
    return face.box if face is not None else None


def _central_box(pixels: RGBImage, face_share: float) -> Box:
    """Where the face is in a file that is a crop of it: nobody needs to search again."""
    height, width = pixels.shape[:2]
    side = max(1, round(min(height, width) * face_share))
    return Box.from_xywh(round((width - side) / 2), round((height - side) / 2), side, side)


def _read_index(path: Path, dataset: Dataset) -> Iterator[CropRow]:
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        for sample, line in zip(dataset.samples, csv.reader(file), strict=True):
            _, status, sha256, phash, outside, row = line
            yield CropRow(
                sample=sample, status=status, sha256=sha256, phash=int(phash), outside=float(outside), row=int(row)
            )
