"""`report` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from deepfake.__main__ import main
from deepfake.media.images import RGBImage


@pytest.fixture(autouse=True)
def tiny_model(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPFAKE_MODELS", str(model_folder.parent))


@pytest.fixture
def folder(tmp_path: Path, astronaut_bytes: bytes, rocket_pixels: RGBImage) -> Path:
    """A face, no face, and a file that is no picture."""
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.png").write_bytes(astronaut_bytes)
    (inside / "bad.png").write_bytes(b"")
    Image.fromarray(rocket_pixels).save(inside / "rocket.png")
    return inside


def test_every_form_is_written_of_a_batch_with_a_refused_file_and_one_without_a_face(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = [tmp_path / f"report{ending}" for ending in (".html", ".pdf", ".json", ".csv")]
    assert main(["report", str(folder), "--out", *map(str, outs), "--samples", "400"]) == 1
    assert capsys.readouterr().out.splitlines() == [f"Wrote {out}." for out in outs]
    values = json.loads(outs[2].read_text())
    verdicts = [file["verdict"] and file["verdict"]["verdict"] for file in values["files"]]
    assert verdicts[1:] == [None, "no_face"] and verdicts[0] in {"fake", "real", "uncertain"}
    made = values["files"][0]["faces"][0]["explanation"]
    assert made["settings"]["num_samples"] == 400 and made["num_samples"] >= 400
    assert outs[0].read_bytes().startswith(b"<!doctype html>") and outs[1].read_bytes().startswith(b"%PDF")


def test_the_same_files_give_the_same_report_but_for_the_time(tmp_path: Path, folder: Path) -> None:
    read = []
    for name in ("one.json", "two.json"):
        assert main(["report", str(folder / "a.png"), "--out", str(tmp_path / name)]) == 0
        values = json.loads((tmp_path / name).read_text())
        assert values.pop("made_at")
        read.append(values)
    assert read[0] == read[1]


def test_without_explanations_none_is_made(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "report.json"
    assert main(["report", str(folder / "a.png"), "--out", str(out), "--no-explanations"]) == 0
    face = json.loads(out.read_text())["files"][0]["faces"][0]
    assert face["explanation"] is None and face["stress"] is not None


def test_the_stress_test_can_be_left_out(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "report.json"
    options = ("--no-explanations", "--no-stress-test")
    assert main(["report", str(folder / "a.png"), "--out", str(out), *options]) == 0
    file = json.loads(out.read_text())["files"][0]
    assert file["faces"][0]["stress"] is None and file["provenance"] is not None


def test_nothing_that_can_be_judged_is_exit_code_two(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "report.csv"
    assert main(["report", str(folder / "bad.png"), str(tmp_path / "gone.png"), "--out", str(out)]) == 2
    assert len(out.read_bytes().splitlines()) == 3  # the refusals are worth a report
    (tmp_path / "empty").mkdir()
    assert main(["report", str(tmp_path / "empty"), "--out", str(tmp_path / "no.csv")]) == 2
    assert not (tmp_path / "no.csv").exists()


@pytest.mark.parametrize("name", ["report.docx", "report", "no/report.html"])
def test_what_cannot_be_written_is_refused_before_anything_is_judged(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["report", str(folder), "--out", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert "Expected" in said.err and "1 of" not in said.err


def test_what_is_judged_is_never_written_over(
    tmp_path: Path, folder: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = folder / "evidence.html"
    evidence.write_bytes(astronaut_bytes)
    assert main(["report", str(evidence), "--out", str(folder / "." / "evidence.html")]) == 2
    assert "would be written over" in capsys.readouterr().err
    assert evidence.read_bytes() == astronaut_bytes
