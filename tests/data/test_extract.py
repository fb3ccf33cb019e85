"""From clips to crops with an index: what is in it, and what gives no crop."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.data.clip_index import COLUMNS, IndexRow, read_index
from deepfake.data.layouts import read_dataset
from deepfake.errors import EmptyDatasetError, UnknownLayoutError
from deepfake.media.clips import Sampling
from deepfake.media.crops import crop_face
from deepfake.media.detectors import Detector
from deepfake.media.faces import Box
from deepfake.media.images import RGBImage
from tests.clips import encode_animation, encode_clip, moving, portrait
from tests.data.cut_clips import SETTINGS, run, statuses


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
