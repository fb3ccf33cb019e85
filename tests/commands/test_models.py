"""`models --tables` shows all that was measured, sets left out as well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.classifier.library import EVALUATION_FILE, LEFT_OUT_FILE
from deepfake.evaluation.left_out import write_left_out
from tests.conftest import REPO
from tests.fakes import make_left_out, make_left_out_row


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model's folder with the measurements of the shipped one."""
    monkeypatch.setenv("DEEPFAKE_MODELS", str(tmp_path))
    (tmp_path / "measured").mkdir()
    for name in ("card.json", EVALUATION_FILE):
        shutil.copy(REPO / "models" / "cnn64" / name, tmp_path / "measured" / name)
    return tmp_path / "measured"


def test_sets_left_out_have_a_table_of_their_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--tables", "measured"]) == 0
    assert "| never saw |" not in capsys.readouterr().out
    write_left_out(folder / LEFT_OUT_FILE, make_left_out(make_left_out_row()))
    assert main(["models", "--tables", "measured"]) == 0
    assert "| ciplab | 261 images, test | 6,000 |" in capsys.readouterr().out


def test_a_damaged_file_is_said_in_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / LEFT_OUT_FILE).write_text("{", encoding="utf-8")
    assert main(["models", "--tables", "measured"]) != 0
    assert "left_out.json cannot be read" in capsys.readouterr().err
