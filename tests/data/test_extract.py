"""From clips to crops with an index: what is in it, what a killed run leaves, what is refused."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.data import extract as extract_module
from deepfake.data.clip_faces import ClipJob, ClipRecord, ExtractSettings, cut_clip
from deepfake.data.clip_index import COLUMNS, IndexRow, read_index
from deepfake.data.clip_layouts import read_clip_set
from deepfake.data.extract import Extraction, extract
from deepfake.data.layouts import read_dataset
from deepfake.errors import DataError, EmptyDatasetError, UnknownLayoutError
from deepfake.media.clips import Sampling
from deepfake.media.crops import crop_face
from deepfake.media.detectors import Detector, DetectorSettings
from deepfake.media.faces import Box
from deepfake.media.images import RGBImage
from tests.clips import encode_animation, encode_clip, moving, portrait

REPO = Path(__file__).resolve().parents[2]
SETTINGS = ExtractSettings(sampling=Sampling(every=5), detector=DetectorSettings())


@pytest.fixture(scope="module")
def face_clip(astronaut_pixels: RGBImage) -> bytes:
    """12 frames of one face that moves to the right."""
    return encode_clip(moving(portrait(astronaut_pixels), num_frames=12))


@pytest.fixture(scope="module")
def two_people(astronaut_pixels: RGBImage) -> bytes:
    """12 frames: a large face at rest, and a smaller one, mirrored, beside it in the first six."""
    large, small = portrait(astronaut_pixels, 230), portrait(astronaut_pixels, 160)[:, ::-1]
    frames = []
    for index in range(12):
        frame = np.full((240, 480, 3), 110, np.uint8)
        frame[5:235, :230] = large
        if index < 6:
            frame[5:165, 300:460] = small
        frames.append(frame)
    return encode_clip(frames)


@pytest.fixture
def folder(tmp_path: Path, face_clip: bytes, two_people: bytes) -> Path:
    """Two people in a real and a fake clip, one in others, a clip without a face, and one that is none."""
    root = tmp_path / "mine"
    for name in ("real", "fake"):
        (root / name).mkdir(parents=True)
        (root / name / "pair.mp4").write_bytes(two_people)
    (root / "real" / "one.mp4").write_bytes(face_clip)
    (root / "real" / "wall.mp4").write_bytes(encode_clip([np.full((64, 64, 3), 90, np.uint8)] * 6))
    (root / "fake" / "text.mp4").write_text("I am no clip")
    return root


def run(folder: Path, out: Path, settings: ExtractSettings = SETTINGS) -> Extraction:
    return extract(read_clip_set(folder), out, settings, num_workers=0)


def statuses(extraction: Extraction) -> dict[str, str]:
    return {clip["clip"]: clip["status"] for clip in extraction.manifest["clips"]}


def content(out: Path) -> dict[str, bytes]:
    """The index and the crops it speaks of."""
    rows = read_index(out)
    return {"index": (out / "index.csv").read_bytes()} | {row.file: (out / row.file).read_bytes() for row in rows}


def test_the_index_has_a_row_a_crop_in_the_columns_that_are_promised(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out")
    with (tmp_path / "out" / "index.csv").open(newline="") as lines:
        header, *rows = csv.reader(lines)
    assert ",".join(header) == "file,label,source,clip,frame,time_s,box,method,split"
    row = next(dict(zip(header, row, strict=True)) for row in rows if "one" in row[0])
    assert row["file"] == "crops/real/one/person1/000000.jpg"
    assert (row["label"], row["source"], row["clip"], row["method"]) == ("real", "one", "real/one.mp4", "real")
    assert (row["frame"], row["time_s"]) == ("0", "0.000")
    assert len(row["box"].split()) == 4
    assert row["split"] in {"train", "valid", "test"}
    assert all((tmp_path / "out" / row[0]).is_file() for row in rows)


def test_the_wanted_frames_are_cut_each_once_with_their_times(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out")
    rows = [row for row in read_index(tmp_path / "out") if row.clip == "real/one.mp4"]
    assert [(row.frame, row.time_s) for row in rows] == [(0, 0.0), (5, 0.2), (10, 0.4)]


def test_frames_can_be_spread_evenly_over_a_clip(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", replace(SETTINGS, sampling=Sampling(per_clip=4)))
    rows = [row for row in read_index(tmp_path / "out") if row.clip == "real/one.mp4"]
    assert [row.frame for row in rows] == [0, 4, 7, 11]


def test_a_short_clip_gives_no_frame_twice(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", replace(SETTINGS, sampling=Sampling(per_clip=50)))
    rows = [row for row in read_index(tmp_path / "out") if row.clip == "real/one.mp4"]
    assert [row.frame for row in rows] == list(range(12))


def test_of_two_people_both_are_real_and_one_alone_is_fake(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", replace(SETTINGS, sampling=Sampling(every=2)))
    people: dict[str, set[str]] = {}
    for row in read_index(tmp_path / "out"):
        people.setdefault(row.clip, set()).add(Path(row.file).parent.name)
    assert people["real/pair.mp4"] == {"person1", "person2"}
    assert people["fake/pair.mp4"] == {"person1"}
    sides = {row.label: row.box[2] - row.box[0] for row in read_index(tmp_path / "out") if row.clip == "fake/pair.mp4"}
    assert sides["fake"] > 70  # the larger face, which is also seen for longer
    assert not (tmp_path / "out" / "crops/fake/pair/person2").exists()


def test_a_crop_is_the_square_around_the_box_at_the_clip_s_resolution(
    tmp_path: Path, astronaut_pixels: RGBImage, yunet: Detector
) -> None:
    frames = moving(portrait(astronaut_pixels), num_frames=2)
    for name in ("real", "fake"):
        (tmp_path / "set" / name).mkdir(parents=True)
        (tmp_path / "set" / name / f"{name}.mp4").write_bytes(encode_clip(frames))
    run(tmp_path / "set", tmp_path / "out", replace(SETTINGS, sampling=Sampling(every=1)))
    row = read_index(tmp_path / "out")[0]
    box = Box(x_min=row.box[0], y_min=row.box[1], x_max=row.box[2], y_max=row.box[3])
    crop = np.asarray(Image.open(tmp_path / "out" / row.file))
    assert crop.shape[0] == crop.shape[1] == round(box.side * 1.6)
    assert np.abs(crop.astype(float) - crop_face(frames[0], box, margin=0.3)).mean() < 6  # two rounds of compression
    assert abs(box.side - yunet.find(frames[0])[0].box.side) <= 3


def test_colors_keep_their_resolution_and_large_faces_are_shrunk(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", replace(SETTINGS, max_side_px=64))
    with Image.open(tmp_path / "out" / read_index(tmp_path / "out")[0].file) as image:
        assert image.size == (64, 64)
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3  # 4:4:4


def test_what_gave_no_crop_is_listed_with_the_reason_and_stops_nothing(folder: Path, tmp_path: Path) -> None:
    extraction = run(folder, tmp_path / "out")
    assert statuses(extraction) == {
        "fake/pair.mp4": "ok",
        "fake/text.mp4": "unreadable",
        "real/one.mp4": "ok",
        "real/pair.mp4": "ok",
        "real/wall.mp4": "no_face",
    }
    (unreadable,), (no_face,) = extraction.clips_with("unreadable"), extraction.clips_with("no_face")
    assert "Expected a clip" in unreadable["reason"]
    assert "40 pixels" in no_face["reason"]
    assert json.loads((tmp_path / "out" / "extract.json").read_text()) == json.loads(json.dumps(extraction.manifest))


def test_a_clip_cut_off_gives_what_could_be_read(folder: Path, tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    whole = encode_clip(moving(portrait(astronaut_pixels), num_frames=60), container="avi", codec="mpeg4")
    (folder / "real" / "cut.avi").write_bytes(whole[: len(whole) // 2])
    extraction = run(folder, tmp_path / "out")
    (cut,) = [clip for clip in extraction.manifest["clips"] if clip["clip"] == "real/cut.avi"]
    assert cut["status"] == "ok" and cut["crops"] > 0
    assert "could be decoded" in cut["reason"]


def test_tiny_faces_are_left_out(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EmptyDatasetError, match=r"None of the 5 clips .* gave a face"):
        run(folder, tmp_path / "out", replace(SETTINGS, min_face_px=150))


def test_animations_turned_clips_and_clips_of_variable_rate_are_cut_too(
    tmp_path: Path, astronaut_pixels: RGBImage
) -> None:
    root = tmp_path / "set"
    for name in ("real", "fake"):
        (root / name).mkdir(parents=True)
    frames = moving(portrait(astronaut_pixels), num_frames=4)
    lying = [np.ascontiguousarray(np.rot90(frame)) for frame in frames]
    (root / "real" / "a.gif").write_bytes(encode_animation(frames))
    (root / "real" / "b.mp4").write_bytes(encode_clip(lying, turned=90))
    (root / "fake" / "c.webm").write_bytes(encode_clip(frames, container="webm", codec="libvpx-vp9"))
    (root / "fake" / "d.mp4").write_bytes(encode_clip(frames, times_s=[0, 0.1, 0.5, 0.6]))
    run(root, tmp_path / "out", replace(SETTINGS, sampling=Sampling(every=2)))
    rows = {(row.clip, row.frame): row for row in read_index(tmp_path / "out")}
    assert {clip for clip, _ in rows} == {"real/a.gif", "real/b.mp4", "fake/c.webm", "fake/d.mp4"}
    assert rows["fake/d.mp4", 2].time_s == 0.5


def test_clips_whose_names_differ_in_the_ending_alone_do_not_share_a_folder(
    folder: Path, tmp_path: Path, face_clip: bytes
) -> None:
    (folder / "real" / "one.mov").write_bytes(face_clip)
    (folder / "real" / "pair").mkdir()
    (folder / "real" / "pair" / "person1.mp4").write_bytes(face_clip)
    run(folder, tmp_path / "out")
    rows = read_index(tmp_path / "out")
    assert len({row.file for row in rows}) == len(rows)
    assert all((tmp_path / "out" / row.file).is_file() for row in rows)


def test_every_source_has_one_split_and_the_owner_s_is_kept(tmp_path: Path, face_clip: bytes) -> None:
    for place in ("train/real/1", "train/fake/2", "val/real/3", "val/fake/4", "test/real/5", "test/fake/6"):
        (tmp_path / "set" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / f"{place}.mp4").write_bytes(face_clip)
    run(tmp_path / "set", tmp_path / "out")
    found = {row.clip.split("/")[0]: row.split for row in read_index(tmp_path / "out")}
    assert found == {"train": "train", "val": "valid", "test": "test"}


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


def test_a_name_that_is_no_utf8_is_cut_like_any_other(folder: Path, tmp_path: Path, face_clip: bytes) -> None:
    odd = os.fsdecode(b"caf\xe9.mp4")
    (folder / "real" / odd).write_bytes(face_clip)
    run(folder, tmp_path / "out")
    assert f"real/{odd}" in {row.clip for row in read_index(tmp_path / "out")}
    assert len(read_dataset(tmp_path / "out").samples) == len(read_index(tmp_path / "out"))


def row(**changes: str) -> IndexRow:
    return replace(
        IndexRow(
            file="crops/a/person1/000000.jpg",
            label="real",
            source="a",
            clip="a.mp4",
            frame=0,
            time_s=0.0,
            box=(0, 0, 9, 9),
            method="real",
            split="",
        ),
        **changes,
    )


@pytest.mark.parametrize(
    "change",
    [{"label": "maybe"}, {"split": "holdout"}, {"file": "../../secret.jpg"}, {"file": "/etc/passwd"}, {"box": "1 2"}],
    ids=str,
)
def test_a_damaged_row_is_named(tmp_path: Path, change: dict[str, str]) -> None:
    line = dict(zip(COLUMNS, row().to_line(), strict=True)) | change
    with (tmp_path / "index.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, line.values()])
    with pytest.raises(UnknownLayoutError, match=r"Row 2 of .*index\.csv is damaged"):
        read_index(tmp_path)


def test_on_real_clips_only_the_altered_man_is_labelled_fake(data_dir: Path, tmp_path: Path) -> None:
    """175_159 shows two men after each other; the first one is altered (compared with 175, frame by frame)."""
    for name in (
        "original_sequences/youtube/c23/videos/175.mp4",
        "manipulated_sequences/Deepfakes/c23/videos/175_159.mp4",
    ):
        (tmp_path / "set" / name).parent.mkdir(parents=True)
        (tmp_path / "set" / name).symlink_to(data_dir / "ffpp" / name)
    run(tmp_path / "set", tmp_path / "out", replace(SETTINGS, sampling=Sampling(every=30)))
    rows = read_index(tmp_path / "out")
    assert {row.frame for row in rows if row.label == "fake"} == {0, 30, 60, 90}
    assert {row.frame for row in rows if row.label == "real"} > {0, 30, 60, 90}
    assert len({Path(row.file).parent for row in rows if row.label == "real"}) == 2
