from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from deepfake.errors import FileAccessError, ScanError
from deepfake.scanning import sources
from deepfake.scanning.sources import FoundFile, fetch, find_files
from tests.pictures import touch


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a web server that lists a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_folder_is_walked_to_the_bottom_and_other_files_are_counted(tmp_path: Path) -> None:
    touch(tmp_path, "b/deep/down/x.PNG", "a.jpg", "clip.mov", "notes.txt", "b/readme")
    found, num_skipped = find_files(str(tmp_path))
    assert [file.path for file in found] == [
        str(tmp_path / name) for name in ("a.jpg", "b/deep/down/x.PNG", "clip.mov")
    ]
    assert num_skipped == 2


def test_a_single_file_is_an_archive_of_one(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"12345")
    assert find_files(str(tmp_path / "a.jpg")) == ([FoundFile(path=str(tmp_path / "a.jpg"), size_bytes=5)], 0)


def test_a_listing_of_a_web_server_is_read_with_the_sizes_that_it_does_not_tell(web: str, tmp_path: Path) -> None:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed: pip install -r requirements-scale.txt")
    (tmp_path / "a.jpg").write_bytes(b"12345")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.png").write_bytes(b"123")
    found, _ = find_files(f"{web}/")
    assert found == [
        FoundFile(path=f"{web}/a.jpg", size_bytes=5),
        FoundFile(path=f"{web}/deep/b.png", size_bytes=3),
    ]
    assert fetch(f"{web}/a.jpg") == b"12345"
    with pytest.raises(FileAccessError, match=r"There is no file .*gone\.jpg"):
        fetch(f"{web}/gone.jpg")


def test_an_address_keeps_its_protocol() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/archive/x.jpg", b"12")
    try:
        assert find_files("memory://archive")[0] == [FoundFile(path="memory:///archive/x.jpg", size_bytes=2)]
        assert fetch("memory:///archive/x.jpg") == b"12"
    finally:
        memory.rm("/archive", recursive=True)


def test_an_empty_place_says_what_was_looked_for(tmp_path: Path) -> None:
    touch(tmp_path, "notes.txt")
    with pytest.raises(ScanError, match=r"nothing to judge in .*1 files, none of which is \.jpg"):
        find_files(str(tmp_path))
    with pytest.raises(ScanError, match="nothing to judge"):
        find_files(str(tmp_path / "gone"))


def test_an_address_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ScanError, match="Expected a folder, a file, or an address"):
        find_files("nothing-known://bucket")


def test_a_kind_of_address_that_needs_a_package_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(address: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(ScanError, match="Install s3fs to access S3"):
        find_files("s3://bucket/folder")


def test_a_file_over_the_limit_of_all_doors_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"12345")
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 4)
    with pytest.raises(FileAccessError, match="Expected at most"):
        fetch(str(tmp_path / "a.jpg"))
