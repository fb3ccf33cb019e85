"""`extract` as a person types it, and training on what it wrote."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait


@pytest.fixture
def folder(tmp_path: Path, astronaut_pixels: RGBImage) -> Path:
    root = tmp_path / "mine"
    for name in ("real", "fake"):
        (root / name).mkdir(parents=True)
        (root / name / f"{name}.mp4").write_bytes(encode_clip(moving(portrait(astronaut_pixels), num_frames=12)))
    return root


def frames(out: Path) -> list[int]:
    with (out / "index.csv").open(newline="") as lines:
        return sorted({int(row["frame"]) for row in csv.DictReader(lines)})


def run(*arguments: object) -> int:
    return main(["extract", *map(str, arguments), "--workers", "1"])


def test_a_frame_every_so_many_is_cut(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, tmp_path / "out", "--every", 4) == 0
    assert frames(tmp_path / "out") == [0, 4, 8]
    said = capsys.readouterr().out
    assert "crops of" in said and "python train.py --data" in said


def test_so_many_a_clip_are_cut_with_the_detector_and_margin_that_were_asked(folder: Path, tmp_path: Path) -> None:
    assert run(folder, tmp_path / "out", "--per-clip", 2, "--detector", "haar", "--margin", 0.5) == 0
    assert frames(tmp_path / "out") == [0, 11]
    settings = json.loads((tmp_path / "out" / "extract.json").read_text())["settings"]
    assert (settings["detector"]["name"], settings["margin"]) == ("haar", 0.5)


def test_a_clip_that_cannot_be_read_is_told_of(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "fake" / "text.mp4").write_text("no clip")
    assert run(folder, tmp_path / "out") == 1
    assert "fake/text.mp4: unreadable. " in capsys.readouterr().err


def test_other_settings_in_the_same_folder_are_refused_in_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(folder, tmp_path / "out")
    assert run(folder, tmp_path / "out", "--margin", 0.1) == 2
    assert "margin was 0.3, now 0.1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--every", "0"], ["--per-clip", "-1"], ["--every", "3", "--per-clip", "3"], ["--margin", "9"]], ids=str
)
def test_numbers_that_make_no_sense_are_refused(folder: Path, tmp_path: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(folder, tmp_path / "out", *wrong)
    assert stopped.value.code == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_without_clips_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", tmp_path / "out") == 2
    assert "follows no known layout of clips" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
