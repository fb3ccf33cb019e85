"""`calibrate` and `evaluate` on clips, as a person types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.classifier.card import read_card
from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait

_NUM_SOURCES = 14  # of which the splits deal two to the test
_NUM_TESTED = 2


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory, astronaut_pixels: RGBImage) -> Path:
    """A real and a brighter fake clip of each scene, a second each."""
    folder = tmp_path_factory.mktemp("sets") / "toy"
    face = portrait(astronaut_pixels)
    for name, light in (("real", 0.7), ("fake", 1.0)):
        (folder / name).mkdir(parents=True)
        for number in range(_NUM_SOURCES):
            frames = moving((face * (light - 0.02 * number)).astype("uint8"), num_frames=6)
            (folder / name / f"scene{number}.mp4").write_bytes(encode_clip(frames, fps=6))
    return folder


@pytest.fixture
def models(tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(model_folder, tmp_path / "models" / "tiny")
    monkeypatch.setenv("DEEPFAKE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_a_model_learns_how_to_judge_clips_and_is_measured(
    models: Path, clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = (models / "tiny" / "model.keras").read_bytes()
    assert main(["calibrate", str(clips)]) == 0
    rules = read_card(models / "tiny" / "card.json").clips
    assert rules is not None
    num_chosen = _NUM_SOURCES - _NUM_TESTED
    assert rules.note["chosen_on"] == {"toy": {"real": num_chosen, "fake": num_chosen}}
    measured = json.loads((models / "tiny" / "evaluation.json").read_text())["clips"]
    assert (measured["toy"]["clip"]["num_real"], measured["toy"]["clip"]["num_sources"]) == (num_chosen, num_chosen)
    assert measured["toy, test split"]["clip"]["num_real"] == _NUM_TESTED  # no choice was made on these
    assert "| toy (left out in turn) | clips |" in capsys.readouterr().out
    assert (models / "tiny" / "model.keras").read_bytes() == weights

    out = tmp_path / "measured.json"
    assert main(["evaluate", str(clips), "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert "toy, split test, cross-data-set, the rules for clips were chosen on its other splits: 4 clips" in said
    assert "frame auc" in said and "clip  auc" in said
    (result,) = json.loads(out.read_text())
    assert result["clips"]["toy"]["clip"]["metrics"]["auc"]["n"] == 2 * _NUM_TESTED

    assert main(["models", "--tables", "tiny"]) == 0
    assert "| toy, test split (not used for any choice) | clips |" in capsys.readouterr().out


def test_a_set_is_not_measured_as_untouched_on_which_the_rules_are_chosen(
    models: Path, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(clips), "--measure", str(clips)]) == 2
    assert "cannot be measured on it" in capsys.readouterr().err


def test_too_few_people_leave_the_card_as_it_was(
    models: Path, clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("real", "fake"):
        (tmp_path / "few" / name).mkdir(parents=True)
        shutil.copy(clips / name / "scene0.mp4", tmp_path / "few" / name)
    before = (models / "tiny" / "card.json").read_bytes()
    assert main(["calibrate", str(tmp_path / "few")]) == 2
    assert "10 sources" in capsys.readouterr().err
    assert (models / "tiny" / "card.json").read_bytes() == before


def test_a_folder_of_pictures_is_no_set_of_clips(
    models: Path, tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("real", "fake"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        (tmp_path / "pictures" / name / "a.png").write_bytes(astronaut_bytes)
    assert main(["calibrate", str(tmp_path / "pictures")]) == 2
    assert "holds no clip" in capsys.readouterr().err
