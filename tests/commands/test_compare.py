"""`compare`: models side by side, from the files beside each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.classifier.card import write_card
from tests.app.driving import write_evaluation, write_history
from tests.fakes import make_card

TRAINING_DATA = {
    "140k": {"role": "training", "balance": {"after": {"real": 600, "fake": 600}}},
    "lfw": {"role": "false alarms only", "balance": None},
}


def add(folder: Path, name: str, **changes: object) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    write_card(place / "card.json", make_card(name=name, training_data=TRAINING_DATA, **changes))
    write_evaluation(place)
    write_history(place)
    evaluation = json.loads((place / "evaluation.json").read_text())
    for one in evaluation["sets"].values():
        one["metrics"].setdefault("false_alarm_rate", {"value": 0.1, "low": 0.0, "high": 0.2, "n": 9})
    (place / "evaluation.json").write_text(json.dumps(evaluation))
    return place


def test_each_model_has_a_row_with_what_it_was_made_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(tmp_path, "one", recipe={"name": "cnn64"})
    add(tmp_path, "two", recipe={"name": "xception", "backbone_weights": "none: a random backbone, as asked for"})
    assert main(["compare", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    rows = {line.split(" | ")[0].strip("| "): line for line in said.splitlines() if line.startswith("|")}
    assert "| cnn64 | random weights |" in rows["one"]
    assert "| xception | none: a random backbone |" in rows["two"]
    assert "| 1,200, 3 |" in rows["one"]  # the set of real faces alone taught nothing
    assert "0.930" in rows["one"]
    assert "image AUC, 140k" in said and "real above the threshold, lfw" in said


def test_what_others_report_stands_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(tmp_path, "one")
    main(["compare", str(tmp_path)])
    said = capsys.readouterr().out
    assert all(figure in said for figure in ("53 %", "71 %", "96.8 %"))
    assert "by pair of people" in said


def test_a_figure_is_drawn(tmp_path: Path) -> None:
    add(tmp_path / "models", "one")
    add(tmp_path / "models", "two")
    assert main(["compare", str(tmp_path / "models"), "--out", str(tmp_path / "out.svg")]) == 0
    assert b"<svg" in (tmp_path / "out.svg").read_bytes()


@pytest.mark.parametrize("damage", ["{", "[]", '{"sets": {"a": {}}}', '{"sets": {}, "clips": {"a": {}}}'])
def test_a_damaged_model_is_left_out_with_a_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    add(tmp_path, "good")
    (add(tmp_path, "bad") / "evaluation.json").write_text(damage)
    assert main(["compare", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "| good |" in said.out and "| bad |" not in said.out
    assert "bad is left out" in said.err


def test_a_models_own_folder_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(add(tmp_path, "one"))]) == 0
    assert "| one |" in capsys.readouterr().out


def test_nothing_to_compare_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(tmp_path)]) == 2
    assert "no measured model" in capsys.readouterr().err
