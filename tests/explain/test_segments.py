from __future__ import annotations

import numpy as np
import pytest

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.segments import SEGMENTATIONS, segment_face, without_gaps
from deepfake.media.images import RGBImage


def is_gapless(segments: np.ndarray) -> bool:
    return np.unique(segments).tolist() == list(range(int(segments.max()) + 1))


def test_labels_are_renumbered_in_order_without_gaps() -> None:
    assert without_gaps(np.array([[1, 1, 7], [9, 7, 1]])).tolist() == [[0, 0, 1], [2, 1, 0]]


def test_labels_without_gaps_stay() -> None:
    assert without_gaps(np.array([[0, 1], [2, 0]])).tolist() == [[0, 1], [2, 0]]


@pytest.mark.parametrize("kind", ["slic", "quickshift"])
@pytest.mark.parametrize("side", [32, 64, 113, 300])
@pytest.mark.parametrize("num_segments", [10, 40])
def test_a_face_is_cut_into_about_so_many_areas_from_0_without_gaps(
    astronaut_pixels: RGBImage, kind: str, side: int, num_segments: int
) -> None:
    segments = segment_face(astronaut_pixels[:side, 120 : 120 + side], num_segments, kind=kind)
    assert segments.shape == (side, side)
    assert is_gapless(segments)
    assert num_segments / 2 <= segments.max() + 1 <= num_segments * 1.5


@pytest.mark.parametrize("kind", SEGMENTATIONS)
@pytest.mark.parametrize("side", [1, 2, 5, 64])
@pytest.mark.parametrize("gray", [0, 255])
def test_tiny_and_flat_crops_are_cut_without_gaps_too(kind: str, side: int, gray: int) -> None:
    points = ((0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (0.2, 1.0), (0.8, 1.0))
    segments = segment_face(np.full((side, side, 3), gray, np.uint8), 40, kind=kind, landmarks=points)
    assert segments.shape == (side, side)
    assert is_gapless(segments)


@pytest.mark.parametrize("kind", ["slic", "quickshift"])
def test_the_same_crop_is_cut_the_same_way(astronaut_pixels: RGBImage, kind: str) -> None:
    crop = astronaut_pixels[50:180, 150:280]
    assert np.array_equal(segment_face(crop, 30, kind=kind), segment_face(crop, 30, kind=kind))


@pytest.mark.parametrize("kind", ["slic", "quickshift"])
def test_a_square_of_another_color_is_cut_out(kind: str) -> None:
    crop = np.full((64, 64, 3), 60, np.uint8)
    crop[20:44, 20:44] = (220, 180, 40)
    segments = segment_face(crop, 10, kind=kind)
    inside = np.zeros((64, 64), bool)
    inside[20:44, 20:44] = True
    shares = [inside[segments == one].mean() for one in range(segments.max() + 1)]
    mixed = sum((segments == one).sum() for one, share in enumerate(shares) if 0.05 < share < 0.95)
    assert max(shares) == 1.0
    assert mixed / segments.size < 0.15


def test_face_parts_need_landmarks(astronaut_pixels: RGBImage) -> None:
    with pytest.raises(ExplanationSettingsError, match="choose the segmentation slic"):
        segment_face(astronaut_pixels[50:180, 150:280], 40, kind="face-parts")
