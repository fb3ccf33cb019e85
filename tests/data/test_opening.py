"""One door for sets of pictures, of extracted crops, and of clips."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deepfake.data import opening
from deepfake.data.layouts import Dataset
from deepfake.data.opening import open_dataset
from deepfake.errors import EmptyDatasetError, UnknownLayoutError
from deepfake.media.crops import CropSettings
from deepfake.media.detectors import DetectorSettings
from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait
from tests.pictures import touch

CROP = CropSettings(detector=DetectorSettings(), margin=0.0, side_px=32)


@pytest.fixture
def clips(tmp_path: Path, astronaut_pixels: RGBImage) -> Path:
    root = tmp_path / "mine"
    for name in ("real", "fake"):
        (root / name).mkdir(parents=True)
        (root / name / f"{name}.mp4").write_bytes(
            encode_clip(moving(portrait(astronaut_pixels), num_frames=32, step_px=0))
        )
    (root / "real" / "text.mp4").write_text("I am no clip")
    return root


def read(folder: Path, cache: Path, crop: CropSettings = CROP) -> tuple[Dataset, list[str]]:
    notes: list[str] = []
    return open_dataset(folder, crop, cache_dir=cache, on_note=notes.append, num_workers=0), notes


def test_clips_become_crops_in_the_cache(clips: Path, tmp_path: Path) -> None:
    dataset, notes = read(clips, tmp_path / "cache")
    assert (dataset.name, dataset.layout) == ("mine", "clip-crops")
    assert dataset.root.parent == tmp_path / "cache"
    assert dataset.counts() == {"real": 2, "fake": 2}  # frames 0 and 30
    assert notes[0].startswith("mine: ") and "2" in notes[0]
    assert notes[1].startswith("real/text.mp4: unreadable.")


def test_the_second_time_nothing_is_extracted(clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = read(clips, tmp_path / "cache")

    def forbid(*_: object, **__: object) -> None:
        raise AssertionError("extracted again")

    monkeypatch.setattr(opening, "extract", forbid)
    assert read(clips, tmp_path / "cache")[0] == first


def test_a_changed_clip_or_another_detector_is_another_extraction(clips: Path, tmp_path: Path) -> None:
    first, _ = read(clips, tmp_path / "cache")
    haar = CropSettings(detector=DetectorSettings(name="haar"), margin=0.0, side_px=32)
    assert read(clips, tmp_path / "cache", haar)[0].root != first.root
    os.utime(clips / "real" / "real.mp4", (1, 1))
    assert read(clips, tmp_path / "cache")[0].root != first.root


def test_other_margins_share_an_extraction_as_long_as_it_is_wide_enough(clips: Path, tmp_path: Path) -> None:
    first, _ = read(clips, tmp_path / "cache")
    same, _ = read(clips, tmp_path / "cache", CropSettings(detector=DetectorSettings(), margin=0.2, side_px=64))
    wide, _ = read(clips, tmp_path / "cache", CropSettings(detector=DetectorSettings(), margin=0.8, side_px=64))
    assert same.root == first.root != wide.root
    assert wide.samples[0].face_share == pytest.approx(1 / 2.6)


def test_faces_found_otherwise_than_the_model_finds_them_are_told_of(clips: Path, tmp_path: Path) -> None:
    crops, _ = read(
        clips, tmp_path / "cache", CropSettings(detector=DetectorSettings(name="haar"), margin=0, side_px=32)
    )
    _, notes = read(crops.root, tmp_path / "cache")
    assert len(notes) == 1 and "'haar'" in notes[0] and "'yunet'" in notes[0]


def test_pictures_are_read_as_they_are(tmp_path: Path) -> None:
    dataset, notes = read(touch(tmp_path / "set", "real/a.jpg", "fake/b.jpg", "fake/c.mp4"), tmp_path / "cache")
    assert (dataset.layout, len(dataset.samples), notes) == ("folders", 2, [])
    assert not (tmp_path / "cache").exists()


def test_a_folder_of_neither_is_refused_as_ever(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayoutError, match="follows no known layout"):
        read(touch(tmp_path / "set", "notes.txt"), tmp_path / "cache")
    with pytest.raises(UnknownLayoutError, match="There is no folder"):
        read(tmp_path / "gone", tmp_path / "cache")
    with pytest.raises(EmptyDatasetError, match="no picture"):
        read(touch(tmp_path / "empty", "real/a.txt", "fake/b.txt"), tmp_path / "cache")
