"""Extraction a second time: after a kill, beside another, with other settings, into a folder with other things."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deepfake.data import extract as extract_module
from deepfake.data.clip_faces import ClipJob, ClipRecord, ExtractSettings, cut_clip
from deepfake.data.clip_index import read_index
from deepfake.data.clip_layouts import read_clip_set
from deepfake.data.extract import extract
from deepfake.data.layouts import read_dataset
from deepfake.errors import DataError, UnknownLayoutError
from deepfake.media.clips import Sampling
from deepfake.media.detectors import DetectorSettings
from tests.conftest import REPO
from tests.data.cut_clips import SETTINGS, content, run


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The clips that are cut from now on."""
    cut: list[str] = []

    def count(job: ClipJob, settings: ExtractSettings) -> ClipRecord:
        cut.append(job.clip.path)
        return cut_clip(job, settings)

    monkeypatch.setattr(extract_module, "cut_clip", count)
    return cut


def test_a_second_run_cuts_nothing_and_says_the_same(folder: Path, tmp_path: Path, counted: list[str]) -> None:
    first = run(folder, tmp_path / "out")
    before = content(tmp_path / "out")
    counted.clear()
    second = run(folder, tmp_path / "out")
    assert counted == []
    assert content(tmp_path / "out") == before
    assert json.dumps(second.manifest) == json.dumps(first.manifest)


def test_a_run_that_was_interrupted_goes_on_and_cuts_no_clip_twice(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[str]
) -> None:
    whole = extract_module.cut_clip

    def interrupted(job: ClipJob, settings: ExtractSettings) -> ClipRecord:
        if job.clip.path == "real/pair.mp4":
            raise KeyboardInterrupt
        return whole(job, settings)

    monkeypatch.setattr(extract_module, "cut_clip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(folder, tmp_path / "out")
    assert not (tmp_path / "out" / "index.csv").exists()
    with pytest.raises(UnknownLayoutError, match="not finished"):
        read_dataset(tmp_path / "out")  # regression: crops/real and crops/fake were taken for folders of pictures
    done = counted.copy()
    monkeypatch.setattr(extract_module, "cut_clip", whole)
    run(folder, tmp_path / "out")
    run(folder, tmp_path / "undisturbed")
    assert sorted(counted[: len(done) + 2]) == sorted(set(counted))
    assert content(tmp_path / "out") == content(tmp_path / "undisturbed")


def test_a_killed_command_goes_on_where_it_was(tmp_path: Path, face_clip: bytes) -> None:
    root, out = tmp_path / "set", tmp_path / "out"
    for name in ("real", "fake"):
        (root / name).mkdir(parents=True)
        for number in range(8):
            (root / name / f"{name}{number}.mp4").write_bytes(face_clip)
    command = [sys.executable, "-m", "deepfake", "extract", str(root), str(out), "--every", "5", "--workers", "1"]
    process = subprocess.Popen(command, cwd=REPO, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(list(out.glob("rows/*.json"))) >= 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(lambda: not someone_works_in(out))  # what it had started ends with it
    finished = {path: path.stat().st_mtime_ns for path in out.glob("rows/*.json")}
    assert 2 <= len(finished) < 16 and not (out / "index.csv").exists()

    run(root, out)
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    run(root, tmp_path / "undisturbed")
    assert content(out) == content(tmp_path / "undisturbed")
    assert not (out / ".partial").exists()


def wait_until(is_so: Callable[[], bool], timeout_s: float = 60) -> None:
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < timeout_s
        time.sleep(0.02)


def someone_works_in(out: Path) -> bool:
    """Whether files there still change."""
    before = sorted((path, path.stat().st_mtime_ns) for path in out.glob("rows/*"))
    time.sleep(1)
    return before != sorted((path, path.stat().st_mtime_ns) for path in out.glob("rows/*"))


def test_worker_processes_give_the_same(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "alone")
    seen: list[tuple[int, int]] = []
    extract(
        read_clip_set(folder), tmp_path / "out", SETTINGS, num_workers=2, on_progress=lambda *done: seen.append(done)
    )
    assert content(tmp_path / "out") == content(tmp_path / "alone")
    assert seen == [(done, 5) for done in range(6)]


def test_a_clip_that_changed_is_cut_again(folder: Path, tmp_path: Path, two_people: bytes, counted: list[str]) -> None:
    run(folder, tmp_path / "out")
    counted.clear()
    (folder / "real" / "one.mp4").write_bytes(two_people)
    run(folder, tmp_path / "out")
    assert counted == ["real/one.mp4"]
    assert len({Path(row.file).parent for row in read_index(tmp_path / "out") if row.clip == "real/one.mp4"}) == 2


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        (replace(SETTINGS, margin=0.5), "margin was 0.3, now 0.5"),
        (replace(SETTINGS, sampling=Sampling(every=6)), "sampling.every was 5, now 6"),
        (replace(SETTINGS, detector=DetectorSettings(name="haar")), "detector.name was yunet, now haar"),
    ],
    ids=["margin", "every", "detector"],
)
def test_a_folder_made_with_other_settings_is_refused(
    folder: Path, tmp_path: Path, settings: ExtractSettings, change: str
) -> None:
    run(folder, tmp_path / "out")
    before = content(tmp_path / "out")
    with pytest.raises(DataError, match=change):
        run(folder, tmp_path / "out", settings)
    assert content(tmp_path / "out") == before


def test_a_folder_with_other_things_in_it_is_refused_untouched(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="not empty"):
        run(folder, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"
    with pytest.raises(DataError, match="not empty"):
        run(folder, folder)


def test_a_place_that_cannot_be_written_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="could not be written"):
        run(folder, tmp_path / "file" / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="the lock is a Unix one")
def test_two_runs_do_not_work_in_one_folder(folder: Path, tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "out").mkdir()
    with (tmp_path / "out" / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="Another extraction"):
            run(folder, tmp_path / "out")
