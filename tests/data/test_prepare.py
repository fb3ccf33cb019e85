from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.data import prepare
from deepfake.data.crop_cache import CropRow, CropSet
from deepfake.data.layouts import Dataset, Sample, read_dataset
from deepfake.data.prepare import PreparedSet, prepare_set
from deepfake.errors import EmptyDatasetError
from deepfake.media.crops import CropSettings
from deepfake.media.detectors import DetectorSettings
from deepfake.media.images import RGBImage

SETTINGS = CropSettings(detector=DetectorSettings(), margin=0.0, side_px=16)


def prepare_made_up(
    monkeypatch: pytest.MonkeyPatch, samples: Sequence[tuple[str, int, str, str | None]], digests: Sequence[str]
) -> PreparedSet:
    """A set whose files exist in name alone; files without a digest show no face."""
    dataset = Dataset(
        name="made-up",
        layout="folders",
        root=Path("/nowhere"),
        samples=tuple(
            Sample(path=path, label=label, source=source, split=split) for path, label, source, split in samples
        ),
    )
    usable = [digest for digest in digests if digest]
    rows = tuple(
        CropRow(
            sample=sample,
            status="ok" if digest else "no_face",
            sha256=digest,
            phash=hash_of(digest) if digest else 0,
            outside=0.5 if digest else 0.0,
            row=usable.index(digest) if digest else -1,
        )
        for sample, digest in zip(dataset.samples, digests, strict=True)
    )
    crops = np.zeros((len(usable), 16, 16, 3), np.uint8)
    monkeypatch.setattr(prepare, "load_crops", lambda *_, **__: CropSet(dataset=dataset, rows=rows, crops=crops))
    return prepare_set(dataset, SETTINGS, seed=0, cache_dir=Path("/nowhere"))


def four(last_split: str) -> list[tuple[str, int, str, str | None]]:
    return [
        ("fake/a", 1, "s1", "train"),
        ("fake/b", 1, "s2", "test"),
        ("real/c", 0, "s3", "train"),
        ("real/d", 0, "s4", last_split),
    ]


def hash_of(digest: str) -> int:
    """Far apart for different letters."""
    return int(np.random.default_rng(ord(digest[0])).integers(2**63))


def test_a_row_is_a_crop_with_label_source_and_split(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare_made_up(
        monkeypatch,
        four("valid"),
        ["a", "", "c", "d"],
    )
    assert prepared.labels.tolist() == [1, 0, 0]
    assert prepared.sources == ("s1", "s3", "s4")
    assert prepared.splits == ("train", "train", "valid")
    assert prepared.rows("train").tolist() == [0, 1]
    assert [sample.path for sample in prepared.sample_of_row()] == ["fake/a", "real/c", "real/d"]
    assert (prepared.name, prepared.num_merged_sources, prepared.num_dropped) == ("made-up", 0, 0)


def test_twins_in_the_owners_splits_cost_the_one_in_training(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare_made_up(
        monkeypatch,
        four("valid"),
        ["a", "a", "c", "d"],
    )
    assert prepared.splits == ("dropped", "test", "train", "valid")
    assert (prepared.num_merged_sources, prepared.num_dropped) == (1, 1)
    assert prepared.rows("all").tolist() == [1, 2, 3]


def test_twins_in_a_set_without_splits_are_dealt_together(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = [(f"fake/{number:03}", 1, f"s{number:03}", None) for number in range(200)]
    prepared = prepare_made_up(monkeypatch, samples, ["a", "b"] * 100)
    assert set(prepared.sources) == {"s000", "s001"}
    assert prepared.num_merged_sources == 198
    assert prepared.num_dropped == 0
    assert len(set(prepared.splits[::2])) == len(set(prepared.splits[1::2])) == 1


def test_the_summary_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare_made_up(
        monkeypatch,
        four("test"),
        ["a", "a", "", "d"],
    )
    summary = prepared.summary()
    assert summary["files"] == {"real": 2, "fake": 2}
    assert summary["splits"] == {
        "train": {"real": 0, "fake": 0},
        "valid": {"real": 0, "fake": 0},
        "test": {"real": 1, "fake": 1},
        "dropped": {"real": 0, "fake": 1},
    }
    assert (summary["without_face"], summary["unreadable"]) == (1, 0)
    assert (summary["sources_merged"], summary["duplicates_dropped"]) == (1, 1)
    assert summary["mean_share_outside_file"] == 0.5
    assert summary["split_seed"] == 0


def test_the_summary_tells_which_files_were_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    def tested(name: str, split: str) -> str:
        samples = [("fake/a", 1, "s1", "test"), (name, 0, "s2", split)]
        return str(prepare_made_up(monkeypatch, samples, ["a", "b"]).summary()["test_files_sha256"])

    assert tested("real/b", "test") == tested("real/b", "test")
    assert tested("real/b", "test") != tested("real/c", "test")
    assert tested("real/b", "valid") == tested("real/c", "valid")


def test_a_set_of_folders_becomes_crops_with_labels(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    root = tmp_path / "set"
    (root / "real").mkdir(parents=True)
    (root / "fake").mkdir()
    Image.fromarray(astronaut_pixels).save(root / "real" / "a.png")
    Image.fromarray(astronaut_pixels[:, ::-1]).save(root / "fake" / "b.png")
    shutil.copy(root / "real" / "a.png", root / "real" / "copy of a.png")
    prepared = prepare_set(read_dataset(root), SETTINGS, seed=0, cache_dir=tmp_path / "cache")
    assert prepared.labels.tolist() == [1, 0, 0]
    assert prepared.crop_set.crops.shape == (3, 16, 16, 3)
    assert prepared.sources == ("fake/b.png", "real/a.png", "real/a.png")
    assert prepared.num_merged_sources == 1
    assert prepared.splits[1] == prepared.splits[2]


def test_a_recompressed_copy_is_the_same_picture(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    (tmp_path / "set" / "real").mkdir(parents=True)
    (tmp_path / "set" / "fake").mkdir()
    picture = Image.fromarray(astronaut_pixels)
    picture.save(tmp_path / "set" / "real" / "a.png")
    picture.save(tmp_path / "set" / "fake" / "b.jpg", quality=75)
    prepared = prepare_set(read_dataset(tmp_path / "set"), SETTINGS, seed=0, cache_dir=tmp_path / "cache")
    assert prepared.num_merged_sources == 1


def test_a_set_without_a_face_is_refused_with_the_counts(tmp_path: Path, rocket_pixels: RGBImage) -> None:
    for name in ("real", "fake"):
        (tmp_path / "set" / name).mkdir(parents=True)
    Image.fromarray(rocket_pixels).save(tmp_path / "set" / "real" / "rocket.png")
    (tmp_path / "set" / "fake" / "text.jpg").write_text("no picture")
    with pytest.raises(EmptyDatasetError, match=r"None of the 2 files .* \(1 could not be read\)"):
        prepare_set(read_dataset(tmp_path / "set"), SETTINGS, seed=0, cache_dir=tmp_path / "cache")
