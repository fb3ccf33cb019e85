"""Faces judged again after each change: known answers with scorers that see one thing alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from deepfake.explain.stress import CHANGES, StressTest, mean_test, stress_faces, variants
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.faces import Box
from deepfake.media.images import RGBImage, recompress, shrink
from tests.fakes import brightness, constant, make_classifier, patch_brightness

SIDE = 64
BOX = Box.from_xywh(48, 48, SIDE, SIDE)


def texture(height: int = 200, width: int = 200) -> RGBImage:
    """Smooth noise: every change does something to it."""
    coarse = np.random.default_rng(0).integers(0, 256, (height // 4, width // 4, 3), dtype=np.uint8)
    return np.repeat(np.repeat(coarse, 4, axis=0), 4, axis=1)


def after(test: StressTest, change: str) -> float:
    return next(trial.probability for trial in test.trials if trial.change == change)


def test_every_change_is_tried_once_in_the_order_of_the_table() -> None:
    [test] = stress_faces(texture(), [BOX], make_classifier(brightness))
    assert [trial.change for trial in test.trials] == list(CHANGES)


def test_a_scorer_that_sees_nothing_is_never_moved() -> None:
    [test] = stress_faces(texture(), [BOX], make_classifier(constant(0.25)))
    assert [test.probability, test.lowest, test.highest] == pytest.approx([0.25, 0.25, 0.25])


def test_the_probability_before_any_change_is_that_of_the_crop() -> None:
    picture = texture()
    [test] = stress_faces(picture, [BOX], make_classifier(brightness))
    assert test.probability == pytest.approx(crop_face(picture, BOX, margin=0.0).mean() / 255, abs=1e-6)


def test_mirroring_swaps_left_and_right() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[48:112, 48:80] = 200  # the left half of the face
    [test] = stress_faces(picture, [BOX], make_classifier(patch_brightness((slice(None), slice(0, 32)))))
    assert test.probability == pytest.approx(200 / 255)
    assert after(test, "mirror") == pytest.approx(0, abs=1e-5)


def test_a_wider_crop_shows_what_is_around_the_face() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[48:112, 48:112] = 255
    [test] = stress_faces(picture, [BOX], make_classifier(brightness))
    side = round(SIDE * 1.1)  # a twentieth on each side: 70 pixels
    assert test.probability == pytest.approx(1, abs=1e-5)
    assert after(test, "wider_crop") == pytest.approx((SIDE / side) ** 2, abs=0.01)
    assert after(test, "moved_crop") == pytest.approx(1 - 3 / SIDE, abs=1e-3)  # by 3 pixels to the right


def test_shrinking_keeps_the_face_in_its_box() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[48:112, 48:112] = 255
    [test] = stress_faces(picture, [BOX], make_classifier(brightness))
    assert after(test, "half_size") == pytest.approx(1, abs=0.01)
    assert after(test, "quarter_size") == pytest.approx(1, abs=0.01)


def test_changing_the_surroundings_of_a_face_alone_is_changing_the_whole_picture() -> None:
    picture, box = texture(1200, 1600), Box.from_xywh(907, 611, 80, 96)
    seen: list[np.ndarray] = []

    def watching(crops: np.ndarray) -> np.ndarray:
        seen.append(crops)
        return np.zeros(len(crops), np.float32)

    stress_faces(picture, [box], make_classifier(watching))
    [crops] = seen
    names = ["as it is", *CHANGES]
    for quality in (90, 50, 30):
        whole = make_inputs(crop_face(recompress(picture, quality), box, margin=0.0))
        np.testing.assert_allclose(crops[names.index(f"jpeg_quality_{quality}")], whole, atol=1e-3)
    half = Box(x_min=454, y_min=306, x_max=494, y_max=354)
    np.testing.assert_allclose(
        crops[names.index("half_size")], make_inputs(crop_face(shrink(picture, 2), half, margin=0.0)), atol=1e-3
    )


def make_inputs(crop: RGBImage) -> np.ndarray:
    return resize_square(crop, SIDE)


@pytest.mark.parametrize("change", ["jpeg_quality_30", "blur", "noise", "quarter_size"])
def test_a_change_changes_the_crop(change: str) -> None:
    picture = texture()
    changed = dict(zip(CHANGES, variants(picture, BOX, margin=0.0, seed=0), strict=True))[change]
    as_it_is = crop_face(picture, BOX, margin=0.0)
    assert changed.shape != as_it_is.shape or (changed != as_it_is).any()


def test_the_noise_follows_the_seed() -> None:
    classifier = make_classifier(patch_brightness((slice(0, 7), slice(0, 9))))
    picture = np.full((200, 200, 3), 128, np.uint8)
    first, again, other = (stress_faces(picture, [BOX], classifier, seed=seed)[0] for seed in (1, 1, 2))
    assert first == again
    assert after(first, "noise") != after(other, "noise")


def test_a_face_is_judged_alike_alone_and_among_many() -> None:
    picture = texture()
    boxes = [Box.from_xywh(x, y, 40, 40) for x in (10, 60, 110, 150) for y in (10, 70, 130)]
    classifier = make_classifier(brightness)
    together = stress_faces(picture, boxes, classifier)
    assert len(together) == 12
    for box, test in zip(boxes, together, strict=True):
        assert stress_faces(picture, [box], classifier) == (test,)


def test_no_faces_give_no_tests() -> None:
    assert stress_faces(texture(), [], make_classifier(brightness)) == ()


def test_a_face_that_reaches_past_the_picture_is_judged_too() -> None:
    boxes = [Box.from_xywh(-20, -20, 64, 64), Box.from_xywh(170, 180, 64, 64), Box.from_xywh(0, 0, 300, 300)]
    assert len(stress_faces(texture(), boxes, make_classifier(brightness))) == 3


def test_frames_of_a_person_are_averaged_change_by_change() -> None:
    dark, light = (
        stress_faces(np.full((200, 200, 3), value, np.uint8), [BOX], make_classifier(brightness))[0]
        for value in (51, 153)
    )
    mean = mean_test([dark, light])
    assert mean.probability == pytest.approx(0.4)  # of 0.2 and 0.6
    assert after(mean, "mirror") == pytest.approx(0.4)


def test_a_test_is_written_as_json() -> None:
    [test] = stress_faces(texture(), [BOX], make_classifier(constant(0.5)))
    values = json.loads(json.dumps(test.to_dict()))
    assert values["trials"][0] == {"change": "jpeg_quality_90", "probability": 0.5}
    assert values["seed"] == 0
