"""`doctor` says what is fine and what fails, and ends accordingly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.classifier.card import read_card
from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE
from deepfake.classifier.library import list_models
from deepfake.doctor.findings import fine
from tests.conftest import REPO


@pytest.fixture
def models(tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one untrained model, on a machine with memory."""
    shutil.copytree(model_folder, tmp_path / "tiny")
    monkeypatch.setenv("DEEPFAKE_MODELS", str(tmp_path))
    monkeypatch.setattr("deepfake.commands.doctor.check_memory", lambda free: fine("Enough."))
    return tmp_path


def test_a_model_remembers_the_self_test_picture_once_and_is_then_tested_by_it(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert "doctor --remember tiny" in capsys.readouterr().out
    assert main(["doctor", "--remember", "tiny"]) == 0
    remembered = read_card(models / "tiny" / CARD_FILE).portrait_probability
    assert main(["doctor", "--remember", "tiny"]) == 2
    assert "is not written over" in capsys.readouterr().err
    assert main(["doctor"]) == 0
    assert f"the self-test picture gets {remembered:.4f}; expected {remembered:.4f}" in capsys.readouterr().out


def test_a_damaged_model_is_said_and_ends_with_1(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (models / "tiny" / WEIGHTS_FILE).open("ab") as file:
        file.write(b"x")
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "FAULT  tiny: " in said.out
    assert "Something fails: 1 of the lines" in said.err


@pytest.mark.parametrize("name", list_models(REPO / "models"))
def test_every_shipped_card_says_what_its_model_makes_of_the_self_test_picture(name: str) -> None:
    assert read_card(REPO / "models" / name / CARD_FILE).portrait_probability is not None


def test_a_missing_library_ends_every_command_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise ModuleNotFoundError("No module named 'cv2'")

    monkeypatch.setattr("deepfake.__main__._commands", missing)
    assert main(["check", "x.png"]) == 2
    assert "No module named 'cv2'" in capsys.readouterr().err
