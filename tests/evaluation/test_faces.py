from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from deepfake.data.layouts import read_dataset
from deepfake.data.prepare import PreparedSet, prepare_set
from deepfake.evaluation.faces import draw_faces
from deepfake.media.images import RGBImage
from tests.fakes import make_card

CROP = make_card().crop


def faces_in_folders(root: Path, astronaut: RGBImage, *, real: int, fake: int) -> PreparedSet:
    """The astronaut again and again, each time at another place and under another light."""
    rng = np.random.default_rng(0)
    for label, count in (("real", real), ("fake", fake)):
        (root / "set" / label).mkdir(parents=True)
        for number in range(count):
            left, top = rng.integers(0, 60, 2)
            lit = astronaut[top : top + 300, left + 60 : left + 360] * rng.uniform(0.7, 1.0)
            Image.fromarray(lit.astype(np.uint8)).save(root / "set" / label / f"{number}.png")
    return prepare_set(read_dataset(root / "set"), CROP, seed=0, cache_dir=root / "cache")


def test_as_many_faces_of_each_class_are_drawn_at_the_resolution_of_their_files(
    tmp_path: Path, astronaut_pixels: RGBImage
) -> None:
    prepared = faces_in_folders(tmp_path, astronaut_pixels, real=3, fake=4)
    faces = draw_faces(prepared, CROP, split="all", count=4, seed=0)
    assert [face.label for face in faces] == [0, 0, 1, 1]
    assert len({face.path for face in faces}) == 4
    for face in faces:
        assert face.path.startswith(("real", "fake")[face.label])
        assert 90 < face.crop.shape[0] == face.crop.shape[1] < 140
        (left, right), mouth_y = face.landmarks[:2], face.landmarks[3][1]
        assert 0 < left[0] < right[0] < 1
        assert left[1] < mouth_y < 1


def test_a_class_that_has_fewer_gives_fewer(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    prepared = faces_in_folders(tmp_path, astronaut_pixels, real=1, fake=3)
    faces = draw_faces(prepared, CROP, split="all", count=4, seed=0)
    assert [face.label for face in faces] == [0, 1, 1]


def test_the_seed_decides_which_are_drawn_and_files_that_went_away_are_passed_over(
    tmp_path: Path, astronaut_pixels: RGBImage
) -> None:
    prepared = faces_in_folders(tmp_path, astronaut_pixels, real=4, fake=4)
    first, again = ([face.path for face in draw_faces(prepared, CROP, split="all", count=2, seed=1)] for _ in range(2))
    assert first == again
    (tmp_path / "set" / first[0]).unlink()
    after = [face.path for face in draw_faces(prepared, CROP, split="all", count=2, seed=1)]
    assert len(after) == 2
    assert first[0] not in after
    assert first[1] in after
