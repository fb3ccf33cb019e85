from __future__ import annotations

import errno
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from deepfake.errors import FileAccessError, ScanError
from deepfake.reports.json_lines import refusal_record
from deepfake.scanning.judging import Row, row_of
from deepfake.scanning.parts import SCHEMA, Parts, count


def row(path: str, batch: int, **changes: object) -> Row:
    record = refusal_record(path, "image", "tiny", "", 0.5) | {"error": None, "verdict": "real", "probability": 0.1}
    return row_of(record, sha256="0" * 64, size_bytes=9, batch=batch) | changes


def test_parts_remember_which_batches_are_done(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    assert not parts.finished_batches(4).any()
    parts.write([row("a", 2), row("b", 2)])
    parts.write([row("c", 0)])
    assert parts.finished_batches(4).tolist() == [True, False, True, False]
    assert [path.name for path in parts.paths()] == ["part-000000.parquet", "part-000001.parquet"]


def test_a_kill_while_a_part_is_written_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        Parts(tmp_path).write([row("a", 0)])
    monkeypatch.undo()
    assert not Parts(tmp_path).finished_batches(1).any()
    Parts(tmp_path).write([row("a", 0)])
    assert Parts(tmp_path).finished_batches(1).all()


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    Parts(tmp_path).write([row("a", 0)])
    (path,) = Parts(tmp_path).paths()
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(ScanError, match=r"part-000000\.parquet is damaged"):
        Parts(tmp_path).finished_batches(1)


def test_all_parts_become_one_file_of_the_stated_columns(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    parts.write([row("b", 1)])
    parts.write([row("a", 0, reasons=["One.", "Two."])])
    parts.merge_into(tmp_path / "results.parquet")
    table = pq.read_table(tmp_path / "results.parquet")
    assert table.schema == SCHEMA
    assert table["path"].to_pylist() == ["b", "a"]
    assert table["reasons"].to_pylist() == [[], ["One.", "Two."]]


def test_a_full_disk_at_the_end_is_said_and_leaves_the_parts_and_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, out = Parts(tmp_path / "parts"), tmp_path / "results.parquet"
    (tmp_path / "parts").mkdir()
    parts.write([row("a", 0)])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(FileAccessError, match=r"No space left on device.*nothing is judged anew"):
            parts.merge_into(out)
    assert list(tmp_path.iterdir()) == [tmp_path / "parts"]
    parts.merge_into(out)
    assert pq.read_table(out)["path"].to_pylist() == ["a"]


def test_counts_are_those_of_the_rows(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    refusal = {"verdict": None, "probability": None}
    parts.write([row("a", 0), row("b", 0, duplicate_of="a"), row("c", 0, verdict="fake")])
    parts.write([row("d", 1, error="No.", **refusal), row("e", 1, error="Neither.", **refusal)])
    parts.merge_into(tmp_path / "results.parquet")
    counts = count(tmp_path / "results.parquet", max_errors=1)
    assert counts.verdicts == {"fake": 1, "real": 2}
    assert (counts.num_files, counts.num_errors, counts.num_duplicates) == (5, 2, 1)
    assert counts.judged_seconds == pytest.approx(2.5)
    assert counts.first_errors == (("d", "No."),)
