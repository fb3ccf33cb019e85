"""A clip written again with what is said of its people drawn on it."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from deepfake.analysis import analyze_clip
from deepfake.errors import FileAccessError
from deepfake.media.faces import Box, Face
from deepfake.media.images import RGBImage
from deepfake.media.quality import FaceQuality
from deepfake.people import Sighting
from deepfake.reports.annotate import box_at, write_annotated
from tests.clips import encode_clip, moving, portrait
from tests.fakes import constant, make_classifier


def sighting(time_s: float, x: int) -> Sighting:
    return Sighting(
        frame=0,
        time_s=time_s,
        face=Face(box=Box.from_xywh(x, 0, 10, 10), detection_score=0.9),
        crop=np.zeros((4, 4, 3), np.uint8),
        quality=FaceQuality(side_px=10, brightness=1, sharpness=1),
        score=0.5,
        probability=0.5,
        obstacles=(),
    )


SEEN = (sighting(1.0, 0), sighting(2.0, 100), sighting(9.0, 500))


@pytest.mark.parametrize(
    ("time_s", "x"),
    [(1.0, 0), (1.25, 25), (2.0, 100), (0.6, 0), (0.2, None), (5.0, None), (9.0, 500), (9.4, 500), (9.7, None)],
)
def test_a_box_moves_evenly_between_two_sightings_and_is_nowhere_else(time_s: float, x: int | None) -> None:
    box = box_at(SEEN, time_s)
    assert (box.x_min if box else None) == x


def decoded(path: Path) -> list[RGBImage]:
    with av.open(io.BytesIO(path.read_bytes())) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def clip(astronaut_pixels: RGBImage) -> bytes:
    return encode_clip(moving(portrait(astronaut_pixels), num_frames=30, size_hw=(242, 322)), fps=10)


def test_every_frame_is_written_with_a_box_that_was_not_there(tmp_path: Path, clip: bytes) -> None:
    analysis = analyze_clip(clip, make_classifier(constant(0.9)))
    assert write_annotated(clip, analysis, tmp_path / "out.mp4") == 30
    frames = decoded(tmp_path / "out.mp4")
    assert len(frames) == 30
    assert frames[0].shape == (242, 322, 3)
    plain = moving(portrait(np.full((512, 512, 3), 110, np.uint8)), num_frames=1, size_hw=(242, 322))[0]
    box = analysis.people[0].sightings[5].face.box
    edge = decoded(tmp_path / "out.mp4")[17][box.y_max - 3 : box.y_max + 3].astype(int)
    assert edge.std() > 0 and plain.std() == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "out.mp4"]


def test_times_are_kept_where_the_frame_rate_varies(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    times = [0, 0.1, 0.2, 1.0, 1.5, 3.0]
    data = encode_clip(moving(portrait(astronaut_pixels), num_frames=6), container="matroska", times_s=times)
    write_annotated(data, analyze_clip(data, make_classifier()), tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        written = [float(frame.time) for frame in container.decode(video=0)]
    assert written == pytest.approx(times, abs=0.01)


def test_a_place_that_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path: Path, clip: bytes) -> None:
    analysis = analyze_clip(clip, make_classifier())
    with pytest.raises(FileAccessError, match="cannot be written"):
        write_annotated(clip, analysis, tmp_path / "no" / "out.mp4")
    assert list(tmp_path.iterdir()) == []
