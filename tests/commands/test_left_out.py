from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.__main__ import main
from deepfake.evaluation.left_out import read_left_out
from deepfake.media.images import RGBImage

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "cnn64"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SHIPPED, tmp_path / "models" / "cnn64")
    monkeypatch.setenv("DEEPFAKE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def elsewhere(tmp_path: Path, astronaut_pixels: RGBImage) -> Path:
    """One face in twelve lights a class, all in the test split."""
    face = astronaut_pixels[20:240, 100:320].astype(np.float64)
    for label in ("real", "fake"):
        folder = tmp_path / "elsewhere" / "test" / label
        folder.mkdir(parents=True)
        for number in range(12):
            lit = np.clip(face * (0.6 + 0.03 * number) + (30 if label == "fake" else 0), 0, 255)
            Image.fromarray(lit.astype(np.uint8)).save(folder / f"{number:02}.png")
    return tmp_path / "elsewhere"


def test_what_the_sister_never_saw_is_kept_beside_the_model_and_shown(
    models: Path, elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sisters = ["--sisters", str(models / "cnn64"), str(models / "cnn64")]  # the second has nothing to add
    assert main(["left-out", "cnn64", *sisters, "--data", str(elsewhere), "--cache-dir", str(tmp_path / "cache")]) == 0
    kept = read_left_out(models / "cnn64" / "left_out.json")
    (row,) = kept.rows
    assert (row.set_name, row.split) == ("elsewhere", "test")
    assert kept.command == "python -m deepfake left-out cnn64 --sisters cnn64 cnn64 --data $DATA/elsewhere"
    assert "| elsewhere | " in capsys.readouterr().out


def test_sisters_who_saw_everything_are_refused(
    models: Path, elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(elsewhere, tmp_path / "again" / "140k")  # named as a set that cnn64 learned from
    data = ["--data", str(tmp_path / "again" / "140k"), "--cache-dir", str(tmp_path / "cache")]
    assert main(["left-out", "cnn64", "--sisters", str(models / "cnn64"), *data]) == 2
    assert "learned from every set that was named" in capsys.readouterr().err
