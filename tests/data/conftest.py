"""Clips to take faces out of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait


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
