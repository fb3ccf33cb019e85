from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from deepfake.data import crop_cache
from deepfake.data.crop_cache import CropSet, default_cache_dir, load_crops
from deepfake.data.layouts import Dataset, read_dataset
from deepfake.errors import DataError
from deepfake.media.crops import CropSettings, crop_face, resize_square
from deepfake.media.detectors import Detector, DetectorSettings
from deepfake.media.images import RGBImage

SETTINGS = CropSettings(detector=DetectorSettings(), margin=0.0, side_px=32)


@pytest.fixture
def folder(tmp_path: Path, astronaut_pixels: RGBImage, rocket_pixels: RGBImage) -> Path:
    """Two faces, a picture without one, and a file that is no picture."""
    root = tmp_path / "set"
    for name in ("real", "fake"):
        (root / name).mkdir(parents=True)
    Image.fromarray(astronaut_pixels).save(root / "real" / "a.png")
    Image.fromarray(astronaut_pixels[:, ::-1]).save(root / "fake" / "b, mirrored \u00e9.png")
    Image.fromarray(rocket_pixels).save(root / "real" / "rocket.png")
    (root / "real" / "text.jpg").write_text("I am no picture")
    return root


@pytest.fixture
def dataset(folder: Path) -> Dataset:
    return read_dataset(folder)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def load(dataset: Dataset, cache: Path, settings: CropSettings = SETTINGS) -> CropSet:
    return load_crops(dataset, settings, cache_dir=cache, num_workers=0)


def entries(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir()) if cache.is_dir() else []


@pytest.fixture
def no_cutting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Switch it on, and any attempt to cut fails."""

    def forbid(*_: object) -> None:
        raise AssertionError("crops were cut again")

    return lambda: monkeypatch.setattr(crop_cache, "_cut_all", forbid)


def test_a_crop_is_that_of_the_central_face_cut_as_everywhere(
    dataset: Dataset, cache: Path, astronaut_pixels: RGBImage, yunet: Detector
) -> None:
    crop_set = load(dataset, cache)
    row = next(row for row in crop_set.rows if row.sample.path == "real/a.png")
    box = yunet.find(astronaut_pixels)[0].box
    expected = np.rint(resize_square(crop_face(astronaut_pixels, box, margin=0.0), 32))
    assert np.array_equal(crop_set.crops[row.row], expected)


def test_every_file_has_a_row_and_what_gave_no_crop_is_counted(dataset: Dataset, cache: Path) -> None:
    crop_set = load(dataset, cache)
    assert [row.sample for row in crop_set.rows] == list(dataset.samples)
    assert [row.status for row in crop_set.rows] == ["ok", "ok", "no_face", "unreadable"]
    assert [row.row for row in crop_set.rows] == [0, 1, -1, -1]
    assert crop_set.crops.shape == (2, 32, 32, 3)
    assert crop_set.paths_with("no_face") == ["real/rocket.png"]
    assert crop_set.paths_with("unreadable") == ["real/text.jpg"]
    assert [row.row for row in crop_set.usable()] == [0, 1]


def test_unreadable_files_are_never_deleted(dataset: Dataset, cache: Path, folder: Path) -> None:
    load(dataset, cache)
    assert (folder / "real" / "text.jpg").read_text() == "I am no picture"


def test_crops_are_memory_mapped_and_cannot_be_written(dataset: Dataset, cache: Path) -> None:
    crops = load(dataset, cache).crops
    assert isinstance(crops, np.memmap)
    with pytest.raises(ValueError):
        crops[0] = 0


def test_a_second_run_cuts_nothing_and_reads_the_same(
    dataset: Dataset, cache: Path, no_cutting: Callable[[], None]
) -> None:
    first = load(dataset, cache)
    no_cutting()
    second = load(dataset, cache)
    assert second.rows == first.rows
    assert np.array_equal(second.crops, first.crops)


def test_a_set_that_moved_needs_no_cutting(
    dataset: Dataset, cache: Path, tmp_path: Path, no_cutting: Callable[[], None]
) -> None:
    load(dataset, cache)
    no_cutting()
    moved = shutil.move(dataset.root, tmp_path / "elsewhere" / "set")
    assert load(read_dataset(Path(moved)), cache).crops.shape == (2, 32, 32, 3)


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, margin=0.1),
        replace(SETTINGS, side_px=48),
        replace(SETTINGS, detector=DetectorSettings(threshold=0.7)),
    ],
    ids=["margin", "side", "threshold"],
)
def test_other_settings_are_another_entry(dataset: Dataset, cache: Path, settings: CropSettings) -> None:
    load(dataset, cache)
    other = load(dataset, cache, settings)
    assert len(entries(cache)) == 2
    assert other.crops.shape[1] == settings.side_px


def test_a_file_whose_content_changed_is_cut_again(dataset: Dataset, cache: Path, astronaut_pixels: RGBImage) -> None:
    before = load(dataset, cache)
    Image.fromarray(255 - astronaut_pixels).save(dataset.root / "real" / "rocket.png")
    after = load(dataset, cache)
    assert len(entries(cache)) == 2
    assert after.rows[2].sha256 != before.rows[2].sha256


def test_a_missing_file_is_unreadable_and_stops_nothing(dataset: Dataset, cache: Path) -> None:
    (dataset.root / "real" / "a.png").unlink()
    crop_set = load(dataset, cache)
    assert [row.status for row in crop_set.rows] == ["ok", "unreadable", "no_face", "unreadable"]


def test_a_kill_while_cutting_leaves_nothing_and_the_next_run_is_whole(
    dataset: Dataset, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = crop_cache._cut_one

    def killed(path: Path, share: float | None, settings: CropSettings, detector: Detector) -> crop_cache._Cut:
        if path.name == "rocket.png":
            raise KeyboardInterrupt
        return whole(path, share, settings, detector)

    monkeypatch.setattr(crop_cache, "_cut_one", killed)
    with pytest.raises(KeyboardInterrupt):
        load(dataset, cache)
    assert entries(cache) == []
    monkeypatch.setattr(crop_cache, "_cut_one", whole)
    assert load(dataset, cache).crops.shape == (2, 32, 32, 3)


def test_what_a_hard_kill_left_half_done_is_not_taken_for_an_entry(dataset: Dataset, cache: Path) -> None:
    half = cache / ".partial-of-a-killed-run"
    half.mkdir(parents=True)
    (half / "all.npy").write_bytes(b"half")
    assert load(dataset, cache).crops.shape == (2, 32, 32, 3)
    assert len(entries(cache)) == 2


def test_progress_counts_every_file(dataset: Dataset, cache: Path) -> None:
    seen: list[tuple[int, int]] = []
    load_crops(dataset, SETTINGS, cache_dir=cache, num_workers=0, on_progress=lambda *counts: seen.append(counts))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_worker_processes_give_the_same_crops_in_the_same_order(
    dataset: Dataset, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = load(dataset, cache)
    monkeypatch.setattr(crop_cache, "_CHUNK", 2)
    together = load_crops(dataset, SETTINGS, cache_dir=tmp_path / "other cache", num_workers=2)
    assert together.rows == alone.rows
    assert np.array_equal(together.crops, alone.crops)


def test_cutting_in_this_process_leaves_opencv_its_threads(dataset: Dataset, cache: Path) -> None:
    """Regression: the workers' single thread was set in this process, too, and stayed."""
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(3)
        load(dataset, cache)
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)


def test_a_set_without_any_crop_is_an_empty_array(folder: Path, cache: Path) -> None:
    (folder / "real" / "a.png").unlink()
    next((folder / "fake").iterdir()).write_bytes(b"")
    crop_set = load(read_dataset(folder), cache)
    assert crop_set.crops.shape == (0, 32, 32, 3)
    assert crop_set.mean_outside() == 0.0


def test_the_mean_share_outside_counts_files_with_a_crop_alone(dataset: Dataset, cache: Path) -> None:
    crop_set = load(dataset, cache, replace(SETTINGS, margin=1.0))
    # the face spans rows 63..176: with its whole side of 113 on each side the square starts at row -50
    outside = [row.outside for row in crop_set.rows]
    assert outside[0] == pytest.approx(50 / 339, abs=0.02)
    assert outside[2:] == [0.0, 0.0]
    assert crop_set.mean_outside() == pytest.approx((outside[0] + outside[1]) / 2)


def test_a_file_name_that_is_no_utf8_is_cut_like_any_other(dataset: Dataset, cache: Path) -> None:
    """Regression: old archives hold such names, and the key could not be encoded."""
    odd = Path(os.fsdecode(os.fsencode(dataset.root) + b"/real/caf\xe9.png"))
    shutil.copy(dataset.root / "real" / "a.png", odd)
    for _ in range(2):
        crop_set = load(read_dataset(dataset.root), cache)
        assert [row.status for row in crop_set.rows].count("ok") == 3


def test_a_cache_that_cannot_be_written_is_named(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="DEEPFAKE_CACHE"):
        load(dataset, tmp_path / "file" / "cache")


def test_the_environment_names_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEEPFAKE_CACHE", str(tmp_path / "mine"))
    assert default_cache_dir() == tmp_path / "mine"
    monkeypatch.delenv("DEEPFAKE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "deepfake"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_dir() == Path.home() / ".cache" / "deepfake"


def central(dataset: Dataset, share: float | None) -> Dataset:
    """The same files, said to be crops in which the face takes this share."""
    return replace(dataset, samples=tuple(replace(sample, face_share=share) for sample in dataset.samples))


def test_a_face_whose_place_is_known_is_not_searched_again(
    dataset: Dataset, cache: Path, astronaut_pixels: RGBImage, rocket_pixels: RGBImage
) -> None:
    crop_set = load(central(dataset, 0.5), cache)
    assert [row.status for row in crop_set.rows] == ["ok", "ok", "ok", "unreadable"]
    row = next(row for row in crop_set.rows if row.sample.path == "real/a.png")
    expected = np.rint(resize_square(astronaut_pixels[128:384, 128:384], 32))
    assert np.array_equal(crop_set.crops[row.row], expected)


@pytest.mark.parametrize(("margin", "outside"), [(0.0, 0.0), (0.5, 0.0), (1.0, 1 - (2 / 3) ** 2)])
def test_a_margin_wider_than_the_crop_was_cut_with_lies_outside_its_file(
    dataset: Dataset, cache: Path, margin: float, outside: float
) -> None:
    crop_set = load(central(dataset, 0.5), cache, replace(SETTINGS, margin=margin))
    assert crop_set.rows[1].outside == pytest.approx(outside, abs=0.01)


def test_a_crop_of_a_crop_is_the_crop_of_the_whole(
    tmp_path: Path, cache: Path, astronaut_pixels: RGBImage, yunet: Detector
) -> None:
    box = yunet.find(astronaut_pixels)[0].box
    wide = crop_face(astronaut_pixels, box, margin=0.3)
    for name in ("real", "fake"):
        (tmp_path / name).mkdir()
        Image.fromarray(wide).save(tmp_path / name / "a.png")
    crop_set = load(central(read_dataset(tmp_path), 1 / 1.6), cache)
    narrow = np.rint(resize_square(crop_face(astronaut_pixels, box, margin=0.0), 32))
    assert np.abs(crop_set.crops[0].astype(float) - narrow).mean() < 2  # a rounded pixel at most


def test_another_place_of_the_face_is_another_entry(dataset: Dataset, cache: Path) -> None:
    for share in (None, 0.5, 0.6):
        load(central(dataset, share), cache)
    assert len(entries(cache)) == 3


def test_data_that_vanish_while_they_are_cut_stop_it_and_spoil_no_cache(
    dataset: Dataset, cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest was kept as unreadable under the whole files' key, and still was when the disk was back."""
    away = folder.with_name("away")
    cut_one = crop_cache._cut_one

    def unplugged(path: Path, share: float | None, settings: CropSettings, detector: Detector) -> crop_cache._Cut:
        if folder.exists():
            folder.rename(away)
        return cut_one(path, share, settings, detector)

    with monkeypatch.context() as patch:
        patch.setattr(crop_cache, "_cut_one", unplugged)
        with pytest.raises(DataError, match="no longer at"):
            load(dataset, cache)
    assert entries(cache) == []
    with pytest.raises(DataError, match="no longer at"):
        load(dataset, cache)
    away.rename(folder)
    assert [row.status for row in load(dataset, cache).rows] == ["ok", "ok", "no_face", "unreadable"]
