from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from deepfake.media.detectors import DETECTOR_NAMES, Detector, DetectorSettings, make_detector
from deepfake.media.faces import Box, Face
from deepfake.media.images import RGBImage


@pytest.fixture(scope="module")
def haar() -> Detector:
    return make_detector(DetectorSettings(name="haar"))


def overlap(box: Box, other: Box) -> float:
    """Intersection over union."""
    width = max(0, min(box.x_max, other.x_max) - max(box.x_min, other.x_min))
    height = max(0, min(box.y_max, other.y_max) - max(box.y_min, other.y_min))
    areas = [(one.x_max - one.x_min) * (one.y_max - one.y_min) for one in (box, other)]
    return width * height / (sum(areas) - width * height)


FACE = Box(x_min=178, y_min=63, x_max=268, y_max=176)  # hairline to chin, ear to ear


def test_the_astronauts_face_is_found_once_and_in_its_place(yunet: Detector, astronaut_pixels: RGBImage) -> None:
    faces = yunet.find(astronaut_pixels)
    assert len(faces) == 1
    assert overlap(faces[0].box, FACE) > 0.8
    assert 0.6 <= faces[0].detection_score <= 1


def test_the_landmarks_are_the_face_as_the_viewer_sees_it(yunet: Detector, astronaut_pixels: RGBImage) -> None:
    right_eye, left_eye, nose, right_mouth, left_mouth = yunet.find(astronaut_pixels)[0].landmarks
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


def test_haar_finds_the_same_face_without_landmarks(haar: Detector, astronaut_pixels: RGBImage) -> None:
    faces = haar.find(astronaut_pixels)
    assert len(faces) == 1
    assert overlap(faces[0].box, FACE) > 0.6
    assert 0 <= faces[0].detection_score <= 1
    assert faces[0].landmarks == ()


def test_the_place_is_that_in_the_file_also_where_the_search_was_on_a_smaller_copy(astronaut_pixels: RGBImage) -> None:
    enlarged = np.asarray(cv2.resize(astronaut_pixels, (1536, 1536)), np.uint8)
    faces = make_detector(DetectorSettings(max_side_px=500)).find(enlarged)
    assert len(faces) == 1
    assert overlap(faces[0].box, Box(x_min=3 * 178, y_min=3 * 63, x_max=3 * 268, y_max=3 * 176)) > 0.75


@pytest.mark.parametrize("name", DETECTOR_NAMES)
def test_two_faces_come_largest_first(name: str, astronaut_pixels: RGBImage) -> None:
    small = np.zeros_like(astronaut_pixels)
    small[:358, :358] = cv2.resize(astronaut_pixels, (358, 358), interpolation=cv2.INTER_AREA)
    faces = make_detector(DetectorSettings(name=name)).find(np.concatenate([small, astronaut_pixels], axis=1))
    assert len(faces) == 2
    assert faces[0].box.side > faces[1].box.side
    assert faces[0].box.x_min > 512 > faces[1].box.x_max


@pytest.mark.parametrize("name", DETECTOR_NAMES)
def test_a_rocket_has_no_face(name: str, rocket_pixels: RGBImage) -> None:
    assert make_detector(DetectorSettings(name=name)).find(rocket_pixels) == []


@pytest.mark.parametrize("name", DETECTOR_NAMES)
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 500), (500, 1), (15, 15), (16, 16), (17, 5000), (5000, 17), (3, 100_000)]
)
def test_tiny_and_narrow_pictures_have_no_face_and_crash_nothing(name: str, shape: tuple[int, int]) -> None:
    assert make_detector(DetectorSettings(name=name)).find(np.full((*shape, 3), 128, np.uint8)) == []


def test_a_higher_threshold_finds_fewer_faces(astronaut_pixels: RGBImage) -> None:
    assert make_detector(DetectorSettings(threshold=0.99)).find(astronaut_pixels) == []


def test_one_finder_serves_pictures_of_any_size_in_turn(yunet: Detector, astronaut_pixels: RGBImage) -> None:
    first = yunet.find(astronaut_pixels)
    yunet.find(astronaut_pixels[:200, :301])
    assert yunet.find(astronaut_pixels) == first


def test_the_picture_is_left_as_it_was(yunet: Detector, haar: Detector, astronaut_pixels: RGBImage) -> None:
    before = astronaut_pixels.copy()
    yunet.find(astronaut_pixels)
    haar.find(astronaut_pixels)
    assert np.array_equal(astronaut_pixels, before)


def test_the_default_is_yunet_at_the_threshold_of_training() -> None:
    assert DetectorSettings() == DetectorSettings(name="yunet", threshold=0.6, max_side_px=1024)


def test_an_unknown_finder_is_refused_with_those_known() -> None:
    with pytest.raises(ValueError, match=r"'mtcnn'.*yunet, haar"):
        make_detector(DetectorSettings(name="mtcnn"))


@pytest.mark.parametrize("changes", [{"threshold": 1.5}, {"threshold": -0.1}, {"max_side_px": 0}])
def test_settings_out_of_range_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        DetectorSettings(**changes)  # type: ignore[arg-type]


def test_faces_of_the_real_sets_are_found(yunet: Detector, data_dir: Path) -> None:
    from deepfake.data.layouts import read_dataset
    from deepfake.media.images import decode_image

    found: list[list[Face]] = []
    for name in ("140k", "lfw"):
        dataset = read_dataset(data_dir / name)
        samples = dataset.samples[:: max(1, len(dataset.samples) // 15)]
        found += [yunet.find(decode_image((dataset.root / sample.path).read_bytes()).pixels) for sample in samples]
    assert len(found) >= 30
    assert sum(bool(faces) for faces in found) >= 0.95 * len(found)
