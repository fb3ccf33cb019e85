"""Extraction as the tests run it, and what came of it."""

from __future__ import annotations

from pathlib import Path

from deepfake.data.clip_faces import ExtractSettings
from deepfake.data.clip_index import read_index
from deepfake.data.clip_layouts import read_clip_set
from deepfake.data.extract import Extraction, extract
from deepfake.media.clips import Sampling
from deepfake.media.detectors import DetectorSettings

SETTINGS = ExtractSettings(sampling=Sampling(every=5), detector=DetectorSettings())


def run(folder: Path, out: Path, settings: ExtractSettings = SETTINGS) -> Extraction:
    """Take the faces out, in this process."""
    return extract(read_clip_set(folder), out, settings, num_workers=0)


def statuses(extraction: Extraction) -> dict[str, str]:
    """What came of each clip."""
    return {clip["clip"]: clip["status"] for clip in extraction.manifest["clips"]}


def content(out: Path) -> dict[str, bytes]:
    """The index and the crops it speaks of."""
    rows = read_index(out)
    return {"index": (out / "index.csv").read_bytes()} | {row.file: (out / row.file).read_bytes() for row in rows}
