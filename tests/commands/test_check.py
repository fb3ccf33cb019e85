"""`check` and its siblings as a person types them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait

_FIELDS = {"path", "kind", "verdict", "probability", "score", "faces", "reasons", "model", "error", "seconds"}


@pytest.fixture(autouse=True)
def tiny_model(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPFAKE_MODELS", str(model_folder.parent))


def _check(out: Path, *paths: str) -> tuple[int, list[dict]]:
    code = main(["check", *paths, "--json", str(out)])
    return code, [json.loads(line) for line in out.read_text().splitlines()]


def test_a_folder_is_walked_to_the_bottom_and_other_files_are_counted(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = tmp_path / "in" / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "face.PNG").write_bytes(astronaut_bytes)
    (tmp_path / "in" / "notes.txt").write_text("hello")
    code, records = _check(tmp_path / "out.jsonl", str(tmp_path / "in"))
    assert code == 0
    assert [record["path"] for record in records] == [os.path.join(str(tmp_path / "in"), "a", "b", "face.PNG")]
    assert "Skipped 1 files" in capsys.readouterr().err


def test_a_line_has_every_field(tmp_path: Path, astronaut_bytes: bytes) -> None:
    (tmp_path / "face.png").write_bytes(astronaut_bytes)
    _, (record,) = _check(tmp_path / "out.jsonl", str(tmp_path / "face.png"))
    assert record.keys() == _FIELDS
    assert record["kind"] == "image" and record["error"] is None and record["model"] == "tiny"
    assert record["verdict"] in {"fake", "real", "uncertain"}
    (face,) = record["faces"]
    assert {"box", "detection_score", "probability", "verdict"} <= face.keys()
    assert record["probability"] == face["probability"]


def test_a_named_file_is_tried_whatever_its_extension(tmp_path: Path, astronaut_bytes: bytes) -> None:
    (tmp_path / "face.txt").write_bytes(astronaut_bytes)
    code, (record,) = _check(tmp_path / "out.jsonl", str(tmp_path / "face.txt"))
    assert code == 0 and record["error"] is None


def test_one_bad_file_never_stops_the_others(tmp_path: Path, astronaut_bytes: bytes) -> None:
    (tmp_path / "bad.png").write_bytes(b"")
    (tmp_path / "good.png").write_bytes(astronaut_bytes)
    code, records = _check(
        tmp_path / "out.jsonl", str(tmp_path / "bad.png"), str(tmp_path / "gone.png"), str(tmp_path / "good.png")
    )
    assert code == 1
    assert [record["verdict"] is None for record in records] == [True, True, False]
    assert "0 bytes" in records[0]["error"] and "There is no file" in records[1]["error"]
    assert records[0].keys() == _FIELDS


def test_nothing_judged_is_exit_code_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["check", str(tmp_path / "empty")]) == 2
    assert main(["check", str(tmp_path / "gone.jpg")]) == 2
    assert main(["check", str(tmp_path), "--model", "unheard-of"]) == 2
    assert "There is nothing to judge in" in capsys.readouterr().err


def test_an_unknown_model_is_named_beside_those_there_are(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "face.png").write_bytes(astronaut_bytes)
    assert main(["check", str(tmp_path / "face.png"), "--model", "unheard-of"]) == 2
    assert "unheard-of" in (err := capsys.readouterr().err) and "tiny" in err


def test_a_picture_without_a_face_is_judged_as_such(tmp_path: Path, rocket_pixels) -> None:
    from PIL import Image

    Image.fromarray(rocket_pixels).save(tmp_path / "rocket.png")
    code, (record,) = _check(tmp_path / "out.jsonl", str(tmp_path / "rocket.png"))
    assert code == 0
    assert (record["verdict"], record["probability"], record["score"], record["faces"]) == ("no_face", None, None, [])


def test_file_names_cannot_steer_the_terminal(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a\x1b[31m\nb\u202e.png"
    path.write_bytes(astronaut_bytes)
    assert main(["check", str(path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "\x1b" not in line and "\u202e" not in line


def test_the_terminal_can_take_the_json(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "face.png").write_bytes(astronaut_bytes)
    assert main(["check", str(tmp_path / "face.png"), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["error"] is None


def test_explain_writes_a_picture_and_says_how_firm_it_is(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    (tmp_path / "face.png").write_bytes(astronaut_bytes)
    arguments = ["explain", str(tmp_path / "face.png"), "--out", str(tmp_path / "overlay.png"), "--samples", "1200"]
    assert main(arguments) == 0
    with Image.open(tmp_path / "overlay.png") as overlay:
        assert overlay.width == 2 * overlay.height
    out = capsys.readouterr().out
    assert "not proof of tampering" in out and "Fidelity" in out


def test_explain_names_the_faces_there_are(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "face.png").write_bytes(astronaut_bytes)
    arguments = ["explain", str(tmp_path / "face.png"), "--out", str(tmp_path / "o.png"), "--face", "3"]
    assert main(arguments) == 1
    assert "There is no face 3: 1 found" in capsys.readouterr().err
    assert not (tmp_path / "o.png").exists()


def test_models_lists_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    assert "tiny (default)" in capsys.readouterr().out


_CLIP_FIELDS = {"duration_s", "fps", "frames_decoded", "frames_judged", "people", "timeline", "stages"}


@pytest.fixture(scope="module")
def clip_bytes(astronaut_pixels: RGBImage) -> bytes:
    return encode_clip(moving(portrait(astronaut_pixels), num_frames=30), fps=10)


def test_the_line_of_a_clip_adds_its_people_and_its_timeline(tmp_path: Path, clip_bytes: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip_bytes)
    code, (record,) = _check(tmp_path / "out.jsonl", str(tmp_path / "clip.mp4"))
    assert code == 0
    assert record.keys() == _FIELDS | _CLIP_FIELDS
    assert (record["kind"], record["frames_decoded"], record["fps"]) == ("clip", 30, 10)
    assert record["duration_s"] == pytest.approx(3, abs=0.11)
    (person,) = record["people"]
    assert person["frames"] == record["frames_judged"] == len(record["timeline"])
    assert (person["first_s"], person["last_s"]) == (record["timeline"][0]["time_s"], record["timeline"][-1]["time_s"])
    assert {"verdict", "probability", "reasons"} <= person.keys()
    assert record["timeline"][0].keys() == {"time_s", "person", "probability"}
    assert record["stages"].keys() == {"decode_s", "detect_s", "judge_s"}


def test_a_clip_in_a_folder_is_found_and_a_picture_that_calls_itself_one_is_judged_as_what_it_is(
    tmp_path: Path, clip_bytes: bytes, astronaut_bytes: bytes
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.MOV").write_bytes(clip_bytes)
    (folder / "b.mp4").write_bytes(astronaut_bytes)
    (folder / "c.jpg").write_bytes(clip_bytes)
    code, records = _check(tmp_path / "out.jsonl", str(folder))
    assert code == 0
    assert [record["kind"] for record in records] == ["clip", "image", "clip"]


def test_a_broken_clip_is_refused_and_the_others_are_judged(tmp_path: Path, clip_bytes: bytes) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "bad.mp4").write_bytes(clip_bytes[:900])
    (folder / "good.mp4").write_bytes(clip_bytes)
    code, (bad, good) = _check(tmp_path / "out.jsonl", str(folder))
    assert code == 1
    assert "Expected a clip" in bad["error"] and bad["kind"] == "clip"
    assert good["error"] is None


def test_annotate_writes_the_clip(tmp_path: Path, clip_bytes: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip_bytes)
    out = tmp_path / "annotated.mp4"
    assert main(["check", str(tmp_path / "clip.mp4"), "--annotate", str(out)]) == 0
    assert "Wrote 30 frames" in capsys.readouterr().err
    assert out.read_bytes()[4:8] == b"ftyp"


def test_annotate_takes_one_clip_alone(tmp_path: Path, clip_bytes: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(clip_bytes)
    assert main(["check", str(tmp_path), "--annotate", str(tmp_path / "out.mp4")]) == 2
    assert "Name one clip alone" in capsys.readouterr().err
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("option", ["--annotate", "--json"])
def test_what_is_judged_is_never_written_over(
    tmp_path: Path, clip_bytes: bytes, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    clip = tmp_path / "evidence.mp4"
    clip.write_bytes(clip_bytes)
    assert main(["check", str(clip), option, str(tmp_path / "." / "evidence.mp4")]) == 2
    assert "would be written over" in capsys.readouterr().err
    assert clip.read_bytes() == clip_bytes


@pytest.mark.parametrize("name", ["out.gif", "no/out.mp4", "."])
def test_annotate_is_refused_before_anything_is_judged(
    tmp_path: Path, clip_bytes: bytes, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip_bytes)
    assert main(["check", str(tmp_path / "clip.mp4"), "--annotate", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert "ends in .mp4" in said.err and said.out == ""


def test_annotating_a_picture_says_what_else_to_do(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "face.png").write_bytes(astronaut_bytes)
    assert main(["check", str(tmp_path / "face.png"), "--annotate", str(tmp_path / "out.mp4")]) == 0
    assert "is a picture" in capsys.readouterr().err
