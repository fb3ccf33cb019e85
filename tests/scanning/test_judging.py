from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deepfake.__main__ import main
from deepfake.classifier.card import Card
from deepfake.errors import ModelNotFoundError, ScanError
from deepfake.scanning import judging
from deepfake.scanning.judging import Orders, judge_batch, refused
from tests.clips import encode_clip, moving, portrait


@pytest.fixture
def orders(card: Card) -> Orders:
    judging._loaded.cache_clear()
    return Orders(model=card.name, weights_sha256=card.weights_sha256, faces="all")


def test_a_row_has_the_numbers_of_check(tmp_path: Path, astronaut_bytes: bytes, orders: Orders) -> None:
    path = tmp_path / "face.png"
    path.write_bytes(astronaut_bytes)
    (row,) = judge_batch([str(path)], 3, orders)
    main(["check", str(path), "--json", str(tmp_path / "out.jsonl")])
    checked = json.loads((tmp_path / "out.jsonl").read_text())
    told = json.loads(row["details"])
    assert checked.pop("seconds") > 0 < told.pop("seconds")
    assert told == checked
    assert {name: row[name] for name in ("path", "kind", "verdict", "probability", "score", "reasons", "model")} == {
        name: checked[name] for name in ("path", "kind", "verdict", "probability", "score", "reasons", "model")
    }
    assert (row["num_faces"], row["batch"], row["size_bytes"]) == (1, 3, len(astronaut_bytes))


def test_a_clip_is_judged_and_its_people_are_counted(tmp_path: Path, astronaut_pixels, orders: Orders) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(encode_clip(moving(portrait(astronaut_pixels), num_frames=30), fps=10))
    (row,) = judge_batch([str(path)], 0, orders)
    assert (row["kind"], row["num_faces"], row["error"]) == ("clip", 1, None)
    assert len(json.loads(row["details"])["timeline"]) > 0


def test_a_copy_is_judged_once_and_names_its_first(
    tmp_path: Path, astronaut_bytes: bytes, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [str(tmp_path / name) for name in ("a.png", "b.png", "c.png")]
    for path, more in zip(paths, (b"", b"", b"\0"), strict=True):
        Path(path).write_bytes(astronaut_bytes + more)
    judged = []
    original = judging.analyze
    monkeypatch.setattr(
        judging, "analyze", lambda data, *rest, **named: judged.append(data) or original(data, *rest, **named)
    )
    first, copy, other = judge_batch(paths, 0, orders)
    assert len(judged) == 2
    assert [row["duplicate_of"] for row in (first, copy, other)] == [None, paths[0], None]
    assert copy["path"] == paths[1] and copy["probability"] == first["probability"]
    assert first["sha256"] == copy["sha256"] != other["sha256"]


def test_one_bad_file_never_stops_the_others(tmp_path: Path, astronaut_bytes: bytes, orders: Orders) -> None:
    for name, data in (("bad.png", b"junk"), ("good.png", astronaut_bytes)):
        (tmp_path / name).write_bytes(data)
    bad, gone, good = judge_batch([str(tmp_path / name) for name in ("bad.png", "gone.png", "good.png")], 0, orders)
    assert "not a picture" in bad["error"] and bad["verdict"] is None and bad["sha256"] is not None
    assert "There is no file" in gone["error"] and gone["sha256"] is None
    assert good["error"] is None


def test_a_file_on_which_our_own_code_fails_has_a_row_and_the_others_are_judged(
    tmp_path: Path, astronaut_bytes: bytes, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its failure was sent instead, which ended the scan; one too deep to be sent let it wait for ever."""
    for name, data in (("odd.png", b"odd"), ("good.png", astronaut_bytes)):
        (tmp_path / name).write_bytes(data)
    original = judging.analyze

    def analyze(data: bytes, *rest: object, **named: object) -> object:
        if data == b"odd":
            return analyze(data)
        return original(data, *rest, **named)

    monkeypatch.setattr(judging, "analyze", analyze)
    odd, good = judge_batch([str(tmp_path / name) for name in ("odd.png", "good.png")], 0, orders)
    assert "for a reason not foreseen (RecursionError" in odd["error"] and odd["verdict"] is None
    assert good["error"] is None


def test_a_name_that_is_no_utf8_is_read_and_written_out(tmp_path: Path, astronaut_bytes: bytes, orders: Orders) -> None:
    odd = str(tmp_path) + b"/caf\xe9.png".decode("utf-8", "surrogateescape")
    Path(odd).write_bytes(astronaut_bytes)
    row, gone = judge_batch([odd, f"{odd}.gone"], 0, orders)
    assert row["error"] is None
    assert row["path"].endswith("caf\\xe9.png")
    assert "caf\\xe9.png.gone" in gone["error"] and gone["error"].encode()


def test_a_worker_keeps_one_model_loaded(
    tmp_path: Path, astronaut_bytes: bytes, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(astronaut_bytes)
    loads = []
    original = judging.load_model_named
    monkeypatch.setattr(judging, "load_model_named", lambda name: loads.append(name) or original(name))
    for number in range(3):
        judge_batch([str(tmp_path / "a.png")], number, orders)
    assert loads == [orders.model]


def test_a_worker_with_other_weights_or_without_the_model_refuses(orders: Orders) -> None:
    with pytest.raises(ScanError, match="the same model on every machine"):
        judge_batch(["a.png"], 0, replace(orders, weights_sha256="f" * 64))
    with pytest.raises(ModelNotFoundError, match="unheard-of"):
        judge_batch(["a.png"], 0, replace(orders, model="unheard-of"))


def test_a_file_that_kills_its_workers_has_a_row_that_says_so() -> None:
    row = refused("a.png", 4, "every worker died")
    assert (row["path"], row["batch"], row["verdict"], row["error"]) == ("a.png", 4, None, "every worker died")
