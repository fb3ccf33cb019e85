"""`evaluate --explanations` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.commands import evaluate
from deepfake.explain.base import METHODS
from deepfake.media.images import RGBImage
from tests.evaluation.test_altered_faces import scene, with_patch, write_set
from tests.evaluation.test_faces import faces_in_folders
from tests.fakes import make_classifier, patch_brightness

MOUTH = (slice(38, 54), slice(22, 42))


@pytest.fixture(autouse=True)
def model_that_reads_mouths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "load_model_quietly", lambda _: make_classifier(patch_brightness(MOUTH)))


def rows_of(table: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines}


def test_pictures_get_a_table_with_a_row_for_each_method(
    tmp_path: Path, astronaut_pixels: RGBImage, capsys: pytest.CaptureFixture[str]
) -> None:
    faces_in_folders(tmp_path, astronaut_pixels, real=3, fake=3)
    out = tmp_path / "out.json"
    arguments = ["evaluate", str(tmp_path / "set"), "--explanations", "--limit", "2", "--split", "all"]
    assert main([*arguments, "--cache-dir", str(tmp_path / "cache"), "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert "set, split all, fake-scorer: 1 real and 1 fake faces of 2 sources, seed 0" in said
    rows = rows_of(said)
    assert rows.keys() == {"method", *METHODS, "random order"}
    (result,) = json.loads(out.read_text())
    lime = result["explanations"]["set"]["methods"]["lime"]
    assert f"{lime['deletion_area']['value']:.3f}" == rows["lime"][0]
    assert lime["deletion_area"]["value"] < lime["insertion_area"]["value"]


def test_pairs_of_clips_get_a_table_of_what_was_altered(
    tmp_path: Path, astronaut_pixels: RGBImage, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = scene(astronaut_pixels, num_frames=4)
    fakes = {"001_002": with_patch(frames), "003_004": with_patch(frames)}
    root = write_set(tmp_path / "ffpp", fakes=fakes, originals={"001": frames})
    out = tmp_path / "out.json"
    assert main(["evaluate", str(root), "--explanations", "--limit", "2", "--json", str(out)]) == 0
    said = capsys.readouterr()
    assert "ffpp, fake-scorer: 1 fake frames of 1 clips and 1 sources, seed 0" in said.out
    assert "Left out: 1 clips without an original" in said.err
    rows = rows_of(said.out)
    assert rows.keys() == {"method", *METHODS}
    (result,) = json.loads(out.read_text())
    means = result["altered_pixels"]["ffpp"]["methods"]["occlusion"]
    assert means["leading"]["value"] > 2 * means["chance"]["value"]  # the mouth is read, and the mouth was altered
    assert f"{means['leading']['value']:.3f}" == rows["occlusion"][1]


def test_a_set_without_anything_to_explain_is_said_to_be_so(
    tmp_path: Path, astronaut_pixels: RGBImage, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = scene(astronaut_pixels, num_frames=2)
    root = write_set(tmp_path / "ffpp", fakes={"003_004": frames}, originals={"001": frames})
    assert main(["evaluate", str(root), "--explanations"]) == 2
    assert "Expected FaceForensics++ with both" in capsys.readouterr().err
