"""Free memory, also within a container, and the disk of the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepfake.doctor.machine import NEEDED_MEMORY_BYTES, check_disk, check_memory, free_memory_bytes


@pytest.fixture
def meminfo(tmp_path: Path) -> Path:
    """A machine with 4,000,000 KiB that could be taken."""
    file = tmp_path / "meminfo"
    file.write_text("MemTotal: 8000000 kB\nMemFree: 100 kB\nMemAvailable: 4000000 kB\n", encoding="ascii")
    return file


def test_free_memory_is_what_could_be_taken(meminfo: Path, tmp_path: Path) -> None:
    assert free_memory_bytes(meminfo, tmp_path / "no-group") == 4_096_000_000


@pytest.mark.parametrize(("most", "free"), [("3000\n", 2000), ("500\n", 0), ("max\n", 4_096_000_000)])
def test_a_container_may_have_less_than_its_machine(meminfo: Path, tmp_path: Path, most: str, free: int) -> None:
    (tmp_path / "memory.max").write_text(most, encoding="ascii")
    (tmp_path / "memory.current").write_text("1000\n", encoding="ascii")
    assert free_memory_bytes(meminfo, tmp_path) == free


def test_a_system_that_does_not_tell_gets_a_note(tmp_path: Path) -> None:
    assert free_memory_bytes(tmp_path / "none", tmp_path) is None
    assert check_memory(None).grade == "note"


def test_too_little_memory_is_a_fault_and_enough_is_fine() -> None:
    assert check_memory(NEEDED_MEMORY_BYTES - 1).grade == "fault"
    assert check_memory(NEEDED_MEMORY_BYTES).grade == "fine"


def test_a_cache_that_is_not_there_yet_is_looked_for_where_it_would_be_made(tmp_path: Path) -> None:
    assert check_disk(tmp_path / "not" / "yet").grade in ("fine", "note")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    found = check_disk(tmp_path / "file" / "cache")
    assert found.grade == "fault"
    assert "DEEPFAKE_CACHE" in found.sentence
