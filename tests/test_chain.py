"""From pictures to a verdict: train.py on a tiny set made here, then `check` and `evaluate` with what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import train
from deepfake.__main__ import main
from deepfake.media.images import RGBImage

_NUM_EACH = 24


@pytest.fixture(scope="module")
def faces_folder(tmp_path_factory: pytest.TempPathFactory, astronaut_pixels: RGBImage) -> Path:
    """One face in many lights; the fakes have a green cast. Named so that no two files are one picture."""
    folder = tmp_path_factory.mktemp("faces")
    face = astronaut_pixels[20:240, 100:320].astype(np.float64)
    for label, cast in (("real", 0), ("fake", 70)):
        (folder / label).mkdir()
        for number in range(_NUM_EACH):
            lit = face * (0.5 + 0.03 * number) + np.array([0, cast, 0])
            picture = np.clip(lit if number % 2 else lit[:, ::-1], 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(folder / label / f"{label}{number:02}.png")
    (folder / "real" / "broken.png").write_bytes(b"not a picture")
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, faces_folder: Path) -> Path:
    """A models folder with what train.py made of the faces."""
    base = tmp_path_factory.mktemp("trained")
    code = train.main(_arguments(faces_folder, base))
    assert code == 0
    return base / "models"


def _arguments(faces: Path, base: Path) -> list[str]:
    places = ["--models-dir", base / "models", "--runs-dir", base / "runs", "--cache-dir", base / "cache"]
    return [str(one) for one in ["--data", faces, "--name", "tiny", "--epochs", 3, *places]]


def test_training_leaves_a_whole_model_and_nothing_else(models: Path) -> None:
    assert sorted(path.name for path in models.iterdir()) == ["tiny"]
    assert sorted(path.name for path in (models / "tiny").iterdir()) == [
        "card.json", "evaluation.json", "history.csv", "model.keras", "model.tflite",
    ]  # fmt: skip
    assert not (models.parent / "runs" / "tiny").exists()


def test_the_card_says_what_the_model_learned_from(models: Path) -> None:
    card = json.loads((models / "tiny" / "card.json").read_text())
    (data,) = card["training_data"].values()
    assert data["files"] == {"real": _NUM_EACH + 1, "fake": _NUM_EACH}
    assert data["unreadable"] == 1
    assert sum(data["splits"]["test"].values()) > 0
    assert card["class_names"] == ["real", "fake"]
    assert len(card["limits"]) >= 3


def test_check_gives_the_numbers_that_evaluate_gave(models: Path, faces_folder: Path, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("DEEPFAKE_MODELS", str(models))
    out, measured = tmp_path / "out.jsonl", tmp_path / "evaluation.json"
    code = main(["check", str(faces_folder), "--json", str(out), "--faces", "central"])
    records = [json.loads(line) for line in out.read_text().splitlines()]
    judged = [record for record in records if record["error"] is None]
    assert code == 1  # the broken file was refused, the others judged
    assert (len(judged), len(records)) == (2 * _NUM_EACH, 2 * _NUM_EACH + 1)

    cache = ["--cache-dir", str(tmp_path / "cache")]
    assert main(["evaluate", str(faces_folder), "--split", "all", "--json", str(measured), *cache]) == 0
    (result,) = json.loads(measured.read_text())
    (evaluated,) = result["sets"].values()
    for label in ("real", "fake"):
        mean = np.mean([one["probability"] for one in judged if f"/{label}/" in one["path"]])
        assert mean == pytest.approx(evaluated["mean_probability"][label], abs=2e-3)


def test_a_model_is_not_replaced_without_a_word(models: Path, faces_folder: Path,
                                                caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    before = (models / "tiny" / "card.json").read_bytes()
    assert train.main(_arguments(faces_folder, models.parent)) == 2
    assert "--overwrite" in caplog.text
    assert (models / "tiny" / "card.json").read_bytes() == before


def test_an_unknown_layout_stops_with_what_was_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.jpg").touch()
    assert train.main(["--data", str(tmp_path / "holiday"), "--models-dir", str(tmp_path)]) == 2
    assert "beach.jpg" in caplog.text and "real/ and fake/" in caplog.text


def test_without_network_one_message_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch,
                                                       caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    import kagglehub

    def fail(_: str) -> str:
        raise ConnectionError("no route")

    monkeypatch.setattr(kagglehub, "dataset_download", fail)
    assert train.main([]) == 2
    (message,) = [record.getMessage() for record in caplog.records]
    assert "kaggle.com/datasets/xhlulu" in message and "python train.py --data" in message
