"""A data set ready to be cut, whatever its folder holds: pictures as they are, clips by way of an extraction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from deepfake.data.clip_faces import ExtractSettings
from deepfake.data.clip_index import read_manifest
from deepfake.data.clip_layouts import ClipSet, find_clip_set
from deepfake.data.extract import Extraction, OnProgress, extract
from deepfake.data.layouts import Dataset, read_dataset
from deepfake.errors import DataError, EmptyDatasetError, UnknownLayoutError
from deepfake.media.clips import Sampling
from deepfake.media.crops import CropSettings

EVERY = 30  # frames: neighbors teach next to nothing new
_LEAST_MARGIN = 0.3  # so that recipes with other margins need no other extraction
OnNote = Callable[[str], None]


def open_dataset(
    folder: Path,
    crop: CropSettings,
    *,
    cache_dir: Path,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
    num_workers: int | None = None,
) -> Dataset:
    """Read a data set of pictures, of extracted crops, or of clips, which are extracted into the cache first.

    Args:
        folder: The set's folder or one above it.
        crop: How the model sees faces; clips are searched with its detector.
        cache_dir: Where extractions are kept; one that was killed goes on there.
        seed: Deals the splits of clips that the owner does not give.
        on_progress: Called with (clips done, clips in all) while extracting.
        on_note: Told what a person should know, in sentences.
        num_workers: Processes to extract with; all cores by default.

    Raises:
        UnknownLayoutError, EmptyDatasetError: See `read_dataset` and `read_clip_set`.
        DataError: The extraction cannot be written, or is at work elsewhere.
    """
    tell = on_note or (lambda _: None)
    try:
        dataset = read_dataset(folder)
    except (UnknownLayoutError, EmptyDatasetError):
        clip_set = find_clip_set(folder)
        if clip_set is None or not clip_set.clips:
            raise
        settings = ExtractSettings(
            sampling=Sampling(every=EVERY), detector=crop.detector, margin=max(_LEAST_MARGIN, crop.margin), seed=seed
        )
        dataset = _extracted(clip_set, settings, cache_dir, on_progress, tell, num_workers)
    manifest = read_manifest(dataset.root) if dataset.layout == "clip-crops" else None
    if manifest is not None:
        used = manifest["settings"].get("detector", {}).get("name")
        if used != crop.detector.name:
            tell(
                f"{dataset.name}: its faces were found by '{used}' while the model finds them by "
                f"'{crop.detector.name}', whose boxes differ: what it learns here is framed otherwise than in use."
            )
    return dataset


def refuse_equal_names(datasets: Sequence[Dataset]) -> None:
    """Stop before results of one set are kept under the name of another.

    Raises:
        DataError: Two sets have the same name.
    """
    names = [dataset.name for dataset in datasets]
    if len(set(names)) < len(names):
        raise DataError(
            f"Two data sets have the same name: {', '.join(names)}. Expected different ones, since results are kept by "
            "name. Rename a folder."
        )


def _extracted(
    clip_set: ClipSet,
    settings: ExtractSettings,
    cache_dir: Path,
    on_progress: OnProgress | None,
    tell: OnNote,
    num_workers: int | None,
) -> Dataset:
    out = cache_dir / f"{clip_set.name}-clips-{_key(clip_set, settings)}"
    try:
        return read_dataset(out)
    except UnknownLayoutError:  # not there, or a killed run was not done
        extraction = extract(clip_set, out, settings, num_workers=num_workers, on_progress=on_progress)
    for line in lines_about(extraction):
        tell(line)
    return read_dataset(out)


def lines_about(extraction: Extraction) -> list[str]:
    """What came of an extraction, for people: a line of counts, then a line for each clip that gave nothing."""
    manifest = extraction.manifest
    counts = ", ".join(
        f"{number} {group} crops of {manifest['num_clips'][group]} clips"
        for group, number in manifest["num_crops"].items()
    )
    outside = 100 * manifest["mean_share_outside_frame"]
    lines = [f"{manifest['name']}: {counts}; {outside:.1f} % of their pixels lie outside the frames"]
    for status, words in (("unreadable", "unreadable"), ("no_face", "without a face"), ("left_out", "left out")):
        lines += [f"{clip['clip']}: {words}. {clip['reason']}" for clip in extraction.clips_with(status)]
    return lines


def _key(clip_set: ClipSet, settings: ExtractSettings) -> str:
    """By settings, place, and what the file system says of each clip: reading gigabytes only to name them is slow."""
    content = hashlib.sha256(json.dumps([settings.to_dict(), clip_set.layout], sort_keys=True).encode())
    content.update(str(clip_set.root).encode("utf-8", "surrogateescape"))
    for clip in clip_set.clips:
        about = f"\n{clip.path}\0{clip.label}\0{clip.source}\0{clip.split}\0{_state(clip_set.root / clip.path)}"
        content.update(about.encode("utf-8", "surrogateescape"))
    return content.hexdigest()[:20]


def _state(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"
