from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.analysis import analyze_image
from deepfake.classifier.calibration import Calibration
from deepfake.errors import UnreadableImageError
from deepfake.media.crops import Crops, CropSettings, crop_face, resize_square
from deepfake.media.detectors import Detector, DetectorSettings
from deepfake.media.images import RGBImage
from deepfake.verdicts import FAKE, NO_FACE, REAL, UNCERTAIN
from tests.fakes import FixedDetector, brightness, constant, face_at, make_classifier, make_rules, never
from tests.pictures import encode


def stripes(*grays: int) -> bytes:
    """A PNG of 100 x 100 px squares side by side, one a gray."""
    row = np.repeat(np.array(grays, np.uint8), 100)
    return encode(Image.fromarray(np.broadcast_to(row[None, :, None], (100, 100 * len(grays), 3)).copy()), "PNG")


def square(number: int, side: int = 100) -> FixedDetector:
    return FixedDetector([face_at(100 * number, 0, side)])


def test_the_number_is_that_of_the_crop_through_the_model(
    astronaut_bytes: bytes, astronaut_pixels: RGBImage, yunet: Detector
) -> None:
    face = yunet.find(astronaut_pixels)[0]
    expected = float(brightness(resize_square(crop_face(astronaut_pixels, face.box, margin=0.0), 64)[None])[0])
    analysis = analyze_image(astronaut_bytes, make_classifier())
    assert analysis.faces[0].face.box == face.box
    assert analysis.faces[0].score == expected
    assert analysis.score == expected
    assert analysis.verdict.probability == pytest.approx(expected, abs=1e-6)
    assert (analysis.kind, analysis.model) == ("image", "fake-scorer")
    assert np.array_equal(analysis.pixels, astronaut_pixels)


def test_the_model_gets_float_pixels_of_0_to_255(astronaut_bytes: bytes) -> None:
    seen: list[Crops] = []

    def record(crops: Crops) -> np.ndarray:
        seen.append(crops)
        return brightness(crops)

    analyze_image(astronaut_bytes, make_classifier(record))
    assert [(one.shape, one.dtype) for one in seen] == [((1, 64, 64, 3), np.float32)]
    assert seen[0].max() > 128
    assert seen[0].min() >= 0
    assert seen[0].max() <= 255


@pytest.mark.parametrize(("gray", "verdict"), [(10, REAL), (128, UNCERTAIN), (250, FAKE)])
def test_the_verdict_follows_the_score(gray: int, verdict: str) -> None:
    analysis = analyze_image(stripes(gray), make_classifier(), detector=square(0))
    assert analysis.verdict.verdict == verdict
    assert analysis.verdict.probability == pytest.approx(gray / 255, abs=1e-6)


def test_the_probability_is_the_calibrated_score() -> None:
    # odds of 0.8 are 4; a slope of 0.5 takes the root: 2, which is 2/3
    classifier = make_classifier(constant(0.8), calibration=Calibration(kind="temperature", slope=0.5))
    analysis = analyze_image(stripes(128), classifier, detector=square(0))
    assert analysis.score == pytest.approx(0.8)
    assert analysis.faces[0].probability == pytest.approx(2 / 3)
    assert analysis.verdict.probability == pytest.approx(2 / 3)


def test_nothing_is_judged_without_a_face(rocket_pixels: RGBImage) -> None:
    analysis = analyze_image(encode(Image.fromarray(rocket_pixels), "JPEG"), make_classifier(never))
    assert analysis.verdict.verdict == NO_FACE
    assert (analysis.verdict.probability, analysis.score, analysis.faces) == (None, None, ())


def test_each_face_has_its_own_verdict_and_the_most_suspicious_one_makes_the_files() -> None:
    finder = FixedDetector([face_at(0, 0, 100), face_at(100, 0, 100), face_at(200, 0, 100)])
    analysis = analyze_image(stripes(10, 250, 128), make_classifier(), detector=finder)
    assert [face.verdict.verdict for face in analysis.faces] == [REAL, FAKE, UNCERTAIN]
    assert analysis.verdict.verdict == FAKE
    assert analysis.verdict.probability == analysis.faces[1].probability
    assert analysis.score == analysis.faces[1].score
    assert analysis.verdict.reasons[0] == "1 of 3 faces looks manipulated."


def test_a_face_too_small_to_judge_does_not_decide() -> None:
    finder = FixedDetector([face_at(0, 0, 100), face_at(100, 0, 30)])
    classifier = make_classifier(rules=make_rules(min_face_px=40))
    analysis = analyze_image(stripes(10, 250), classifier, detector=finder)
    assert [face.verdict.verdict for face in analysis.faces] == [REAL, UNCERTAIN]
    assert analysis.verdict.verdict == REAL
    assert analysis.score == analysis.faces[0].score


def test_a_file_whose_only_face_is_too_small_is_uncertain_however_high_its_probability() -> None:
    analysis = analyze_image(
        stripes(250), make_classifier(rules=make_rules(min_face_px=40)), detector=square(0, side=30)
    )
    assert analysis.verdict.verdict == UNCERTAIN
    assert analysis.score == pytest.approx(250 / 255)
    assert analysis.verdict.probability == pytest.approx(analysis.score)
    assert "30 pixels" in analysis.verdict.reasons[0]


def test_only_faces_fit_to_be_judged_raise_the_limit() -> None:
    # 217 / 255 = 0.851; for one face the limit is 0.8, for two 8/9
    rules = make_rules(logit_shift_per_log_face=1.0, min_face_px=40)
    one_fit = FixedDetector([face_at(0, 0, 100), face_at(100, 0, 30)])
    two_fit = FixedDetector([face_at(0, 0, 100), face_at(100, 0, 50)])
    verdicts = [
        analyze_image(stripes(217, 10), make_classifier(rules=rules), detector=finder).verdict.verdict
        for finder in (one_fit, two_fit)
    ]
    assert verdicts == [FAKE, UNCERTAIN]


def test_a_data_set_file_stands_for_its_central_face() -> None:
    finder = FixedDetector([face_at(0, 0, 100), face_at(100, 0, 100), face_at(200, 0, 100)])
    analysis = analyze_image(stripes(10, 250, 10), make_classifier(), faces="central", detector=finder)
    assert [face.face for face in analysis.faces] == [face_at(100, 0, 100)]
    assert analysis.verdict.verdict == FAKE


def test_without_a_face_there_is_no_central_one() -> None:
    analysis = analyze_image(stripes(10), make_classifier(never), faces="central", detector=FixedDetector([]))
    assert analysis.verdict.verdict == NO_FACE


def test_an_unknown_choice_of_faces_is_named() -> None:
    with pytest.raises(ValueError, match=r"'largest'.*all, central"):
        analyze_image(stripes(10), make_classifier(), faces="largest", detector=square(0))


def test_the_margin_and_the_side_come_from_the_card() -> None:
    sides: list[int] = []

    def record(crops: Crops) -> np.ndarray:
        sides.append(crops.shape[1])
        return brightness(crops)

    crop = CropSettings(detector=DetectorSettings(), margin=0.25, side_px=32)
    analysis = analyze_image(stripes(10), make_classifier(record, crop=crop), detector=square(0, side=40))
    assert analysis.faces[0].crop.shape == (60, 60, 3)
    assert sides == [32]


def test_the_detector_comes_from_the_card(astronaut_bytes: bytes) -> None:
    strict = CropSettings(detector=DetectorSettings(threshold=0.99), margin=0.0, side_px=64)
    assert analyze_image(astronaut_bytes, make_classifier(never, crop=strict)).verdict.verdict == NO_FACE


def test_of_an_animation_the_first_frame_is_judged_and_that_is_said() -> None:
    frames = [Image.new("RGB", (100, 100), color) for color in ("black", "white")]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    analysis = analyze_image(data, make_classifier(), detector=square(0))
    assert analysis.verdict.verdict == REAL
    assert analysis.notes == ("This is an animation of 2 frames; only the first one was judged.",)


def test_a_still_has_no_notes() -> None:
    assert analyze_image(stripes(10), make_classifier(), detector=square(0)).notes == ()


def test_a_sideways_picture_gets_the_numbers_of_the_upright_one(astronaut_pixels: RGBImage) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    upright = Image.fromarray(astronaut_pixels)
    sideways = encode(upright.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    first, second = (analyze_image(data, make_classifier()) for data in (encode(upright, "PNG"), sideways))
    assert first.score is not None
    assert first.score == second.score


def test_a_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(UnreadableImageError):
        analyze_image(b"not a picture", make_classifier(never))


def test_a_saved_model_gives_the_same_number_twice(astronaut_bytes: bytes, model_folder: Path) -> None:
    from deepfake.classifier.classifier import load_classifier

    first, second = (analyze_image(astronaut_bytes, load_classifier(model_folder)) for _ in range(2))
    assert first.score is not None
    assert first.score == second.score
    assert first.model == "tiny"


def test_a_face_knows_how_its_file_was_compressed(astronaut_pixels: RGBImage) -> None:
    picture = Image.fromarray(astronaut_pixels)
    (squeezed,) = analyze_image(encode(picture, "JPEG", quality=30), make_classifier(), detector=square(0)).faces
    (lossless,) = analyze_image(encode(picture, "PNG"), make_classifier(), detector=square(0)).faces
    assert (squeezed.quality.jpeg_quality, lossless.quality.jpeg_quality) == (30, None)
