from __future__ import annotations

from pathlib import Path

import pytest

from deepfake import files
from deepfake.errors import FileAccessError
from deepfake.files import read_whole, write_whole


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
