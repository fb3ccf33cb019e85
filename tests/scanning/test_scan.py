from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from deepfake.classifier.card import Card
from deepfake.errors import FileAccessError, ScanError
from deepfake.files import hold_alone
from deepfake.media.images import RGBImage
from deepfake.scanning.parts import Parts
from deepfake.scanning.scan import manifest_path, scan
from tests.scanning.conftest import fill

REPO = Path(__file__).resolve().parents[2]
_KILLED_AT_HALF = """
import os, signal, sys
from pathlib import Path
from deepfake.classifier.card import read_card
from deepfake.scanning.scan import scan

def show(done, total):
    if done >= total // 2:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    archive, out, card = map(Path, sys.argv[1:])
    scan(str(archive), out, read_card(card), num_workers=2, part_s=0, on_progress=show)
"""


def test_a_killed_scan_goes_on_and_does_no_file_twice(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card, model_folder: Path
) -> None:
    """SIGKILL once half of 160 files are in parts; the second run judges the others alone."""
    paths = fill(tmp_path / "archive", astronaut_pixels, 160)
    (tmp_path / "archive" / "bad.jpg").write_bytes(b"junk")
    out, script = tmp_path / "results.parquet", tmp_path / "killed.py"
    script.write_text(_KILLED_AT_HALF)
    arguments = [str(script), str(tmp_path / "archive"), str(out), str(model_folder / "card.json")]
    environment = os.environ | {"PYTHONPATH": str(REPO)}
    killed = subprocess.run([sys.executable, *arguments], env=environment, cwd=REPO, timeout=300, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not out.exists()
    kept = [pq.read_table(path).to_pylist() for path in Parts(out.with_name("results.parquet.parts")).paths()]
    before = {row["path"]: row for rows in kept for row in rows}
    assert 80 <= len(before) < 161

    told: list[tuple[int, int]] = []
    done = scan(str(tmp_path / "archive"), out, card, num_workers=1, on_progress=lambda *now: told.append(now))
    assert told[0] == (len(before), 161) and told[-1] == (161, 161)
    rows = pq.read_table(out).to_pylist()
    assert sorted(row["path"] for row in rows) == sorted([*paths, str(tmp_path / "archive" / "bad.jpg")])
    assert [row for row in rows if row["path"] in before] == list(before.values())
    assert (done.counts.num_files, done.counts.num_errors) == (161, 1)
    manifest = json.loads(done.manifest.read_text())
    assert manifest["errors"][0]["path"].endswith("bad.jpg") and "not a picture" in manifest["errors"][0]["error"]
    assert not out.with_name("results.parquet.parts").exists()


def test_what_was_scanned_is_not_scanned_again_nor_mixed_with_anything_else(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    fill(tmp_path / "archive", astronaut_pixels, 2)
    archive, out = str(tmp_path / "archive"), tmp_path / "results.parquet"
    first = scan(archive, out, card, num_workers=1)
    again = scan(archive, out, card, scheduler="tcp://127.0.0.1:1")  # nobody is asked
    assert again == first
    manifest_path(out).unlink()
    with pytest.raises(ScanError, match="no scan wrote it"):
        scan(archive, out, card)


def begun(folder: Path, card: Card, archive: str) -> None:
    """As a scan leaves it that was killed right after its listing."""
    with pytest.raises(ScanError, match="No Dask scheduler answers"):
        scan(archive, folder / "results.parquet", card, scheduler="nothing://at-all")


def test_another_source_or_model_is_refused_where_a_scan_began(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    fill(tmp_path / "archive", astronaut_pixels, 2)
    begun(tmp_path, card, str(tmp_path / "archive"))
    with pytest.raises(ScanError, match="belongs to another scan: source was"):
        scan(str(tmp_path / "archive" / "1"), tmp_path / "results.parquet", card)
    with pytest.raises(ScanError, match="weights_sha256 was"):
        scan(str(tmp_path / "archive"), tmp_path / "results.parquet", replace(card, weights_sha256="1" * 64))


def test_files_that_come_later_belong_to_another_scan(tmp_path: Path, astronaut_pixels: RGBImage, card: Card) -> None:
    archive = tmp_path / "archive"
    fill(archive, astronaut_pixels, 2)
    begun(tmp_path, card, str(archive))
    fill(archive / "later", astronaut_pixels, 1)
    assert scan(str(archive), tmp_path / "results.parquet", card, num_workers=1).counts.num_files == 2


@pytest.mark.skipif(sys.platform == "win32", reason="the lock is a Unix one")
def test_two_scans_do_not_work_in_one_place(tmp_path: Path, card: Card) -> None:
    folder = tmp_path / "results.parquet.parts"
    folder.mkdir()
    with hold_alone(folder / ".lock") as is_alone:
        assert is_alone
        with pytest.raises(ScanError, match="Another scan is at work"):
            scan(str(tmp_path), tmp_path / "results.parquet", card)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, card: Card) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((ScanError, FileAccessError), match="cannot be made"):
        scan(str(tmp_path), tmp_path / "file" / "results.parquet", card)


def test_a_kill_between_the_last_steps_leaves_a_scan_that_ends(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    """The results are there, the manifest is not, and the parts were not removed."""
    fill(tmp_path / "archive", astronaut_pixels, 2)
    archive, out = str(tmp_path / "archive"), tmp_path / "results.parquet"
    begun(tmp_path, card, archive)
    folder = tmp_path / "results.parquet.parts"
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    first = scan(archive, out, card, num_workers=1)
    manifest_path(out).unlink()
    folder.mkdir()
    for name, data in kept.items():
        (folder / name).write_bytes(data)
    assert scan(archive, out, card).counts == first.counts
    assert first.manifest.exists() and not folder.exists()
