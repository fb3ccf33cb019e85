"""Pairs of clips made by the tests: a patch put on the astronaut's face, and all else left as it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from deepfake.data.clip_layouts import read_clip_set
from deepfake.evaluation.altered_faces import AlteredFace, altered_pixels, find_altered_faces
from deepfake.media.images import RGBImage
from tests.clips import encode_clip
from tests.fakes import make_card

CROP = make_card().crop
SCENE_HW = (300, 400)
MOUTH = (slice(112, 130), slice(208, 232))  # of the astronaut, at the place that `scene` gives it


def scene(astronaut: RGBImage, *, num_frames: int = 12, step_px: int = 3) -> list[RGBImage]:
    """The astronaut's head before a wall on which a dark bar moves, so that no two frames are alike."""
    frames = []
    for number in range(num_frames):
        frame = np.full((*SCENE_HW, 3), 120, np.uint8)
        frame[:, 10 + step_px * number : 40 + step_px * number] = 30
        frame[20:260, 120:360] = astronaut[0:240, 100:340]
        frames.append(frame)
    return frames


def with_patch(frames: Sequence[RGBImage]) -> list[RGBImage]:
    """A green patch where the mouth is."""
    rows, columns = (slice(20 + MOUTH[0].start, 20 + MOUTH[0].stop), slice(20 + MOUTH[1].start, 20 + MOUTH[1].stop))
    changed = [frame.copy() for frame in frames]
    for frame in changed:
        frame[rows, columns] = (40, 160, 60)
    return changed


def write_set(root: Path, *, fakes: dict[str, list[RGBImage]], originals: dict[str, list[RGBImage]]) -> Path:
    """FaceForensics++ as its owner lays it out."""
    for folder, clips in (
        ("manipulated_sequences/Deepfakes/c23/videos", fakes),
        ("original_sequences/youtube/c23/videos", originals),
    ):
        (root / folder).mkdir(parents=True)
        for name, frames in clips.items():
            (root / folder / f"{name}.mp4").write_bytes(encode_clip(frames))
    return root


def find(root: Path, count: int = 2) -> tuple[list[AlteredFace], dict[str, int]]:
    return find_altered_faces(read_clip_set(root), CROP, count=count, seed=0)


def test_what_was_altered_is_found_and_nothing_else(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    frames = scene(astronaut_pixels)
    root = write_set(tmp_path, fakes={"001_002": with_patch(frames)}, originals={"001": frames})
    faces, dropped = find(root)
    assert dropped == {}
    assert len(faces) == 2
    for face in faces:
        assert face.face.path.endswith("001_002.mp4")
        assert face.face.crop.shape == face.original.crop.shape == (*face.altered.shape, 3)
        green = face.face.crop[..., 1].astype(int) - face.face.crop[..., 0] > 60
        assert green.sum() > 200
        assert face.altered[green].mean() > 0.97
        assert face.altered.sum() < 1.8 * green.sum()  # its blurred edge counts, too
        assert not (face.original.crop[..., 1].astype(int) - face.original.crop[..., 0] > 60).any()
    assert faces[0].face.label == 1
    assert faces[0].original.label == 0


def test_an_original_that_lags_by_a_frame_is_aligned_first(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    frames = scene(astronaut_pixels, num_frames=13, step_px=8)
    root = write_set(tmp_path, fakes={"001_002": with_patch(frames[1:])}, originals={"001": frames})
    faces, dropped = find(root)
    assert dropped == {}
    assert len(faces) == 2
    assert all(face.altered.mean() < 0.2 for face in faces)


def test_an_original_that_is_far_off_is_not_laid_over(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    frames = scene(astronaut_pixels, num_frames=13, step_px=8)
    root = write_set(tmp_path, fakes={"001_002": with_patch(frames[4:])}, originals={"001": frames[:-4]})
    faces, dropped = find(root)
    assert faces == []
    assert dropped == {"frames whose border differs from the original's": 2}


def test_what_cannot_be_laid_over_an_original_is_dropped_and_counted(
    tmp_path: Path, astronaut_pixels: RGBImage
) -> None:
    frames = scene(astronaut_pixels)
    other_wall = [np.where(frame == 120, 180, frame).astype(np.uint8) for frame in frames]
    small = [np.ascontiguousarray(frame[:280, :380]) for frame in frames]
    nobody = [np.full((*SCENE_HW, 3), 90, np.uint8)] * 12
    root = write_set(
        tmp_path,
        fakes={name: with_patch(frames) for name in ("001_002", "003_004", "005_006")} | {"007_008": nobody},
        originals={"001": other_wall, "003": small, "007": nobody},
    )
    faces, dropped = find(root, count=4)
    assert faces == []
    assert dropped == {
        "clips without an original": 1,
        "frames of another size than the original's": 1,
        "frames whose border differs from the original's": 1,
        "frames without a face": 1,
    }


def test_a_clip_that_cannot_be_read_is_dropped(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    frames = scene(astronaut_pixels)
    root = write_set(tmp_path, fakes={"001_002": frames}, originals={"001": frames})
    (root / "manipulated_sequences/Deepfakes/c23/videos/001_002.mp4").write_bytes(b"nothing")
    assert find(root) == ([], {"clips that cannot be read": 1})


def test_no_more_clips_are_opened_than_faces_are_wanted(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    frames = scene(astronaut_pixels, num_frames=4)
    fakes = {f"00{number}_009": with_patch(frames) for number in (1, 2, 3)}
    root = write_set(tmp_path, fakes=fakes, originals={f"00{number}": frames for number in (1, 2, 3)})
    seen: list[tuple[int, int]] = []
    faces, _ = find_altered_faces(
        read_clip_set(root), CROP, count=2, seed=0, on_progress=lambda *counts: seen.append(counts)
    )
    assert len(faces) == len({face.face.path for face in faces}) == 2
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize(("step", "noise", "expected"), [(20, 3.0, True), (4, 3.0, False), (20, 30.0, False)])
def test_a_difference_counts_from_what_an_eye_sees_and_compression_does_not_make(
    step: int, noise: float, expected: bool
) -> None:
    first = np.full((40, 40, 3), 100, np.uint8)
    second = first.copy()
    second[10:30, 10:30] += np.uint8(step)
    altered = altered_pixels(first, second, noise=noise)
    assert altered[20, 20] == expected
    assert not altered[0, 0]
