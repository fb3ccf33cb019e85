"""A data set of clips turned into face crops with an index, on all cores, so that a killed run goes on where it was.

The output folder:

```
extract.json   how it was made, and what came of each clip
index.csv      a row a crop; written last, so a folder that has it is whole
crops/         CLIP/personK/FRAME.jpg
rows/          a file a finished clip: what lets a run go on
```
"""

from __future__ import annotations

import json
import platform
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from deepfake import __version__
from deepfake.data.clip_faces import SCRATCH_FOLDER, ClipJob, ClipRecord, ExtractSettings, cut_clip
from deepfake.data.clip_index import CROPS_FOLDER, INDEX_FILE, MANIFEST_FILE, IndexRow, index_bytes, read_manifest
from deepfake.data.clip_layouts import ClipSet, LabelledClip, deal_splits
from deepfake.data.layouts import FAKE
from deepfake.data.workers import start_workers
from deepfake.errors import DataError, EmptyDatasetError
from deepfake.files import hold_alone, write_whole

_FORMAT_VERSION = 1
_LOCK_FILE = ".lock"
_LIBRARIES = ("av", "numpy", "opencv-python-headless", "pillow")
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What an extraction gave.

    Attributes:
        folder: The output folder.
        manifest: As `extract.json` holds it.
    """

    folder: Path
    manifest: dict[str, Any]

    def clips_with(self, status: str) -> list[dict[str, Any]]:
        """The clips with one status: "ok", "no_face", "unreadable" or "left_out"."""
        return [clip for clip in self.manifest["clips"] if clip["status"] == status]


def extract(
    clip_set: ClipSet,
    out: Path,
    settings: ExtractSettings,
    *,
    num_workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Extraction:
    """Cut the faces of all clips, or go on with what a killed run left.

    Every clip gets its split here, so that the index always says it: the owner's, with validation or test dealt
    from its training split where it has none; without any, sources are dealt (see `assign_splits`). Clips that would
    share their source with a later split are left out.

    Args:
        clip_set: From `read_clip_set`.
        out: New, empty, or filled by an earlier run with the same settings.
        settings: How.
        num_workers: Processes, each with a decoder of its own beside it; as many as cores by default, 0 for this
            one alone.
        on_progress: Called with (clips done, clips in all).

    Raises:
        DataError: `out` was made otherwise, is used by another run, or cannot be written; or a process died.
        EmptyDatasetError: No clip shows a face.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _locked(out):
            return _extract(clip_set, out, settings, num_workers, on_progress)
    except BrokenProcessPool as error:
        raise DataError(
            f"A process that cuts faces out of {clip_set.root} died (out of memory?). Close other programs, or use "
            "fewer workers, and start the same command again: it goes on where it was."
        ) from error
    except OSError as error:
        raise DataError(
            f"The face crops could not be written to {out} ({error}). Expected a folder with room that this user may "
            "write to. Free some space or name another folder, and start the same command again."
        ) from error


def _extract(
    clip_set: ClipSet, out: Path, settings: ExtractSettings, num_workers: int | None, on_progress: OnProgress | None
) -> Extraction:
    manifest = _header(clip_set, settings)
    _claim(out, manifest)
    splits = deal_splits(clip_set, seed=settings.seed)
    jobs = [job for job, split in zip(_jobs(clip_set, out), splits, strict=True) if split != "dropped"]
    records = _cut_all(jobs, settings, num_workers, on_progress)
    shutil.rmtree(out / SCRATCH_FOLDER, ignore_errors=True)
    rows = [row for clip, split in zip(clip_set.clips, splits, strict=True) for row in _rows(clip, split, records)]
    if not rows:
        reasons = Counter(record.reason for record in records.values())
        raise EmptyDatasetError(
            f"None of the {len(clip_set.clips)} clips of {clip_set.root} gave a face. Expected clips that show people. "
            f"Most often: {reasons.most_common(1)[0][0] if reasons else 'all are in two splits at once.'}"
        )
    manifest |= {"finished": True, **_outcome(clip_set, splits, records)}
    _write_manifest(out, manifest)
    write_whole(out / INDEX_FILE, index_bytes(rows))
    return Extraction(folder=out, manifest=manifest)


def _header(clip_set: ClipSet, settings: ExtractSettings) -> dict[str, Any]:
    return {
        "format_version": _FORMAT_VERSION,
        "name": clip_set.name,
        "layout": clip_set.layout,
        "data_set": str(clip_set.root),
        "settings": settings.to_dict(),
        "versions": {library: _version(library) for library in _LIBRARIES}
        | {"deepfake": __version__, "python": platform.python_version()},
    }


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "unknown"


def _claim(out: Path, header: dict[str, Any]) -> None:
    """Begin in a new folder, or make sure that an old one was begun in the same way."""
    before = read_manifest(out)
    if before is None:
        if any(child.name != _LOCK_FILE for child in out.iterdir()):
            raise DataError(
                f"The folder {out} is not empty, and no extraction began in it. Expected a new or an empty folder, so "
                "that nothing is mixed up. Name another one."
            )
        _write_manifest(out, header | {"finished": False})
        return
    asked = json.loads(json.dumps(header))  # as it reads from disk
    was, now = _flat(before), _flat(asked)
    differing = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
    if differing:
        changes = "; ".join(f"{key} was {was.get(key)}, now {now.get(key)}" for key in differing)
        raise DataError(
            f"The folder {out} was made otherwise: {changes}. Expected the same data set and settings, so that all "
            "crops of a folder are alike. Name another folder, or delete this one."
        )
    (out / INDEX_FILE).unlink(missing_ok=True)  # it is written anew; until then the folder is not whole


def _flat(manifest: dict[str, Any]) -> dict[str, Any]:
    """What two runs in one folder must have in common, by a name that a person understands."""
    settings = dict(manifest["settings"])
    nested = {
        f"{group}.{key}": value for group in ("sampling", "detector") for key, value in settings.pop(group, {}).items()
    }
    return {key: manifest.get(key) for key in ("format_version", "layout", "data_set")} | settings | nested


def _jobs(clip_set: ClipSet, out: Path) -> list[ClipJob]:
    """A job a clip, each with a folder that no other has."""
    paths = [PurePosixPath(clip.path) for clip in clip_set.clips]
    folders = [path.with_suffix("") for path in paths]
    parents = {parent for path in paths for parent in path.parents}
    if len(set(folders)) < len(folders) or parents & set(folders):
        folders = paths  # a.mp4 beside a.avi, or beside a folder a/
    return [
        ClipJob(root=clip_set.root, clip=clip, out=out, folder=f"{CROPS_FOLDER}/{folder}")
        for clip, folder in zip(clip_set.clips, folders, strict=True)
    ]


def _cut_all(
    jobs: Sequence[ClipJob], settings: ExtractSettings, num_workers: int | None, on_progress: OnProgress | None
) -> dict[str, ClipRecord]:
    """What came of each clip, by its path; finished ones are not cut again."""
    records = {job.clip.path: record for job in jobs if (record := job.finished()) is not None}
    waiting = [job for job in jobs if job.clip.path not in records]
    if on_progress is not None:
        on_progress(len(records), len(jobs))
    for record in _cut_in_any_order(waiting, settings, num_workers):
        records[record.clip] = record
        if on_progress is not None:
            on_progress(len(records), len(jobs))
    return records


def _cut_in_any_order(
    jobs: Sequence[ClipJob], settings: ExtractSettings, num_workers: int | None
) -> Iterator[ClipRecord]:
    if num_workers == 0 or not jobs:
        yield from (cut_clip(job, settings) for job in jobs)
        return
    pool = start_workers(num_workers)
    try:
        for future in as_completed([pool.submit(cut_clip, job, settings) for job in jobs]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)  # on the way out of an error, too: clips at work come to their end


def _rows(clip: LabelledClip, split: str, records: dict[str, ClipRecord]) -> Iterator[IndexRow]:
    record = records.get(clip.path)
    for crop in record.crops if record is not None else ():
        yield IndexRow(
            file=crop.file,
            label=_class_name(clip),
            source=clip.source,
            clip=clip.path,
            frame=crop.frame,
            time_s=crop.time_s,
            box=crop.box,
            method=clip.method,
            split=split,
        )


def _outcome(clip_set: ClipSet, splits: Sequence[str], records: dict[str, ClipRecord]) -> dict[str, Any]:
    """Counts, and what came of each clip."""
    num_clips: Counter[str] = Counter()
    num_crops: Counter[str] = Counter()
    clips, outside = [], []
    for clip, split in zip(clip_set.clips, splits, strict=True):
        about: dict[str, Any] = {"clip": clip.path, "label": _class_name(clip), "method": clip.method, "split": split}
        record = records.get(clip.path)
        if record is None:
            clips.append({**about, "status": "left_out", "reason": "A clip of the same source is in a later split."})
            continue
        group = f"{split} {_class_name(clip)}"
        num_clips[group] += bool(record.crops)
        num_crops[group] += len(record.crops)
        outside += [crop.outside for crop in record.crops]
        clips.append(
            {
                **about,
                "status": record.status,
                "reason": record.reason,
                "frames_decoded": record.num_decoded,
                "frames_sampled": record.num_sampled,
                "size_wh": record.size_wh,
                "people_seen": record.num_people_seen,
                "people_kept": len({PurePosixPath(crop.file).parent for crop in record.crops}),
                "crops": len(record.crops),
            }
        )
    return {
        "num_clips": dict(sorted(num_clips.items())),
        "num_crops": dict(sorted(num_crops.items())),
        "statuses": dict(Counter(clip["status"] for clip in clips)),
        "mean_share_outside_frame": round(float(np.mean(outside)), 4),
        "clips": clips,
    }


def _class_name(clip: LabelledClip) -> str:
    return "fake" if clip.label == FAKE else "real"


def _write_manifest(out: Path, manifest: dict[str, Any]) -> None:
    write_whole(out / MANIFEST_FILE, (json.dumps(manifest, indent=1) + "\n").encode())


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """One run at a time in a folder."""
    with hold_alone(out / _LOCK_FILE) as is_alone:
        if not is_alone:
            raise DataError(
                f"Another extraction is at work in {out}. Expected to be alone there. Wait until it is done, or name "
                "another folder."
            )
        yield
