from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from deepfake import files
from deepfake.errors import FileAccessError
from deepfake.files import read_whole, scratch_beside, write_whole
from tests.conftest import REPO


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.bin", b"\x00\xff")
    assert read_whole(str(tmp_path / "a.bin")) == b"\x00\xff"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="no file"):
        read_whole(tmp_path / "missing.jpg")
    with pytest.raises(FileAccessError, match="not a regular file"):
        read_whole(tmp_path)


def test_a_name_that_no_file_system_takes_is_refused() -> None:
    with pytest.raises(FileAccessError):
        read_whole("a\0b.jpg")
    with pytest.raises(FileAccessError):
        read_whole("x" * 5000)


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "big.jpg").write_bytes(b"12345")
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 4)
    with pytest.raises(FileAccessError, match="Expected at most"):
        read_whole(tmp_path / "big.jpg")


def test_a_kill_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a.txt", b"old")

    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a.txt", b"new")
    assert read_whole(tmp_path / "a.txt") == b"old"


def test_a_place_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="missing"):
        write_whole(tmp_path / "missing" / "a.txt", b"")


def test_a_full_disk_leaves_the_old_file_and_nothing_of_the_new_one(tmp_path: Path) -> None:
    """What was begun stayed there, and took the last room."""
    pytest.importorskip("resource", reason="a full disk is played by a limit that Unix has")
    write_whole(tmp_path / "a.bin", b"old")
    code = (
        "import resource, signal, sys; from pathlib import Path; from deepfake.files import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from deepfake.errors import FileAccessError\n"
        "try:\n    write_whole(Path(sys.argv[1]), bytes(100_000))\nexcept FileAccessError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.bin")], cwd=REPO, capture_output=True, text=True, check=False
    )
    assert "has room" in done.stdout, done.stderr
    assert read_whole(tmp_path / "a.bin") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_name_of_the_longest_length_can_be_written(tmp_path: Path) -> None:
    """The name of what was begun was longer still, and refused."""
    path = tmp_path / ("\N{GRINNING FACE}" * 62 + "aa.json")
    assert len(path.name.encode()) == 255
    write_whole(path, b"{}")
    assert read_whole(path) == b"{}"


def test_two_names_that_begin_alike_are_begun_in_two_places(tmp_path: Path) -> None:
    assert scratch_beside(tmp_path / f"{'a' * 80}1.json") != scratch_beside(tmp_path / f"{'a' * 80}2.json")


def test_a_writer_that_is_killed_at_any_moment_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    old, size = b"o" * 3_000_000, 3_000_000
    write_whole(path, old)
    code = (
        "import sys; from pathlib import Path; from deepfake.files import write_whole\n"
        "print('ready', flush=True)\n"
        "for number in range(10_000):\n"
        f"    write_whole(Path(sys.argv[1]), bytes([number % 256]) * {size})\n"
    )
    seen = set()
    for moment in range(12):
        writer = subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=REPO, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.004 * moment)
        writer.kill()
        writer.wait()
        writer.stdout.close()
        data = read_whole(path)
        assert len(data) == size and len(set(data)) == 1
        seen.add(data[0])
    assert len(seen) > 1  # else nobody had begun


def test_a_place_below_a_file_is_refused_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileAccessError, match="cannot be written"):
        write_whole(tmp_path / "file" / "a.txt", b"")
