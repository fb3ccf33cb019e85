"""`scan` as a person types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deepfake.__main__ import main

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def tiny_model(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPFAKE_MODELS", str(model_folder.parent))


def test_a_folder_is_scanned_and_the_answer_says_what_came_of_it(
    tmp_path: Path, astronaut_bytes: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install -r requirements-scale.txt")
    import pyarrow.parquet as pq

    folder, out = tmp_path / "in", tmp_path / "results.parquet"
    folder.mkdir()
    for name, data in (("a.png", astronaut_bytes), ("b.png", astronaut_bytes), ("bad.png", b"x"), ("notes.txt", b"")):
        (folder / name).write_bytes(data)
    assert main(["scan", str(folder), "--out", str(out), "--workers", "1"]) == 1
    said = capsys.readouterr()
    assert "3 files: 2 " in said.out and "1 could not be read" in said.out
    assert "1 of them are copies" in said.out and "Skipped 1 files" in said.err
    copies = {row["path"]: row["duplicate_of"] for row in pq.read_table(out).to_pylist()}
    original, copy, bad = (str(folder / name) for name in ("a.png", "b.png", "bad.png"))
    assert copies == {original: None, copy: original, bad: None}


def test_without_its_packages_a_scan_says_what_to_install_and_the_rest_works(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['distributed'] = None\n"  # importing it fails, as where it is not installed
        "sys.modules['fsspec'] = None\n"
        "from deepfake.__main__ import main\n"
        "assert main(['models']) == 0\n"
        f"sys.exit(main(['scan', {str(tmp_path)!r}, '--out', {str(tmp_path / 'r.parquet')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "requirements-scale.txt" in done.stderr and "Traceback" not in done.stderr


def test_another_ending_no_worker_and_no_patience_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", str(tmp_path), "--out", str(tmp_path / "r.csv")]) == 2
    assert "ends in .parquet" in capsys.readouterr().err
    assert main(["scan", str(tmp_path), "--out", str(tmp_path / "r.parquet"), "--workers", "0"]) == 2
    assert "1 or more" in capsys.readouterr().err
    assert main(["scan", str(tmp_path), "--out", str(tmp_path / "r.parquet"), "--patience", "nan"]) == 2
    assert "above 0. Received: nan" in capsys.readouterr().err
