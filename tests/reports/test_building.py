"""From analyses to what a report says."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from deepfake.analysis import analyze_image
from deepfake.media.images import RGBImage
from deepfake.reports.building import GivenFile, build_report, image_file, refused_file
from deepfake.reports.overlay import shrink_to
from deepfake.reports.report import Report
from tests.fakes import FixedDetector, constant, face_at, make_classifier, make_rules
from tests.reports.made_reports import AT, CLASSIFIER, FACE, STRESS, pixels_of, png, report_on


def test_a_file_is_known_by_its_hash_size_and_pixels(single: Report, astronaut_pixels: RGBImage) -> None:
    [file] = single.files
    data = png(astronaut_pixels)
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert (file.num_bytes, file.size_wh, file.kind) == (len(data), (512, 512), "image")


def test_a_face_keeps_its_box_score_and_evidence(single: Report) -> None:
    [face] = single.files[0].faces
    assert face.box == FACE.box
    assert face.verdict.probability == pytest.approx(face.score)  # this card takes scores as probabilities
    assert face.stress == STRESS
    assert face.is_judged


def test_the_explanation_of_a_model_that_sees_the_left_half_points_left_and_was_tested(single: Report) -> None:
    made = single.files[0].faces[0].explanation
    assert made is not None and made.overlay is not None and made.check is not None
    assert made.is_stable and not made.is_flat
    assert made.areas and not any("right" in area.place for area in made.areas)
    assert [area.number for area in made.areas] == list(range(1, len(made.areas) + 1))
    assert 0 <= made.num_disputed < made.num_segments
    assert made.strongest == pytest.approx(abs(made.areas[0].weight))
    assert set(made.check.hidden) <= {area.number for area in made.areas}
    assert len(made.check.random_probabilities) == 20
    assert "not proof of tampering" in made.account[-1]
    assert made.settings.seed == 0
    width, height = made.crop.size_wh
    assert pixels_of(made.crop.data).shape == (height, width, 3)


def test_a_map_that_means_nothing_is_not_drawn(astronaut_pixels: RGBImage) -> None:
    from deepfake.explain.base import ExplanationSettings
    from deepfake.reports.making import explain_face

    classifier = make_classifier(constant(0.9))
    analysis = analyze_image(png(astronaut_pixels), classifier, detector=FixedDetector([FACE]))
    settings = ExplanationSettings(num_segments=10, num_samples=200, max_samples=200)
    explained = explain_face(analysis.faces[0].crop, FACE, classifier, settings)
    file = image_file(GivenFile.of("a.png", b"x"), analysis, classifier.card, explained={0: explained})
    made = file.faces[0].explanation
    assert made is not None and made.is_flat
    assert (made.overlay, made.areas, made.check) == (None, (), None)


def test_a_refused_file_has_its_reason_and_no_verdict(batch: Report) -> None:
    bad = batch.files[2]
    assert (bad.verdict, bad.picture, bad.faces, bad.kind) == (None, None, (), "image")
    assert bad.error == "The file has 0 bytes. Expected a picture."
    assert bad.sha256 == hashlib.sha256(b"").hexdigest()


def test_a_file_that_cannot_be_read_has_no_hash() -> None:
    gone = refused_file(GivenFile.of("gone.jpg", None), "There is no file gone.jpg.")
    assert (gone.sha256, gone.num_bytes, gone.kind) == (None, None, "unknown")


def test_a_picture_without_a_face_is_shown_and_said_to_have_none(batch: Report) -> None:
    rocket = batch.files[1]
    assert rocket.verdict is not None and rocket.verdict.verdict == "no_face"
    assert rocket.picture is not None and rocket.picture.alt == "The picture. No face was found in it."
    assert not rocket.is_judged


def test_a_clip_has_its_people_its_timeline_and_its_most_suspicious_frames(batch: Report) -> None:
    file = batch.files[3]
    assert file.clip is not None and file.picture is not None and file.clip.timeline is not None
    assert (file.kind, file.clip.num_decoded, file.clip.fps, file.num_faces) == ("clip", 20, 10.0, 1)
    [person] = file.clip.people
    assert person.num_frames == file.clip.num_judged == len(file.clip.sightings)
    assert [one.time_s for one in file.clip.sightings] == sorted(one.time_s for one in file.clip.sightings)
    assert file.clip.suspicious[0].probability == max(one.probability for one in file.clip.sightings)
    assert [made.whose for made in file.clip.explanations] == ["person 1 at 0:00.0"]
    width, height = file.clip.timeline.size_wh
    assert pixels_of(file.clip.timeline.data).shape == (height, width, 3)
    assert "Person 1" in file.clip.timeline.alt


def test_a_clip_by_a_model_that_is_never_firm_on_clips_says_so(astronaut_pixels: RGBImage, batch: Report) -> None:
    assert batch.files[3].is_ever_firm
    assert make_classifier().card.clips is None  # never measured on clips


def test_every_picture_says_what_it_shows(batch: Report) -> None:
    pictures = [batch.files[0].picture, batch.files[1].picture, batch.files[3].picture]
    made = batch.files[0].faces[0].explanation
    assert made is not None
    pictures += [made.crop, made.overlay, batch.files[0].faces[0].crop]
    assert all(picture is not None and picture.alt and picture.caption for picture in pictures)


def test_what_the_page_shrank_gives_the_same_report(astronaut_pixels: RGBImage) -> None:
    from dataclasses import replace

    import numpy as np
    from PIL import Image

    large = np.asarray(Image.fromarray(astronaut_pixels).resize((1800, 1800)))
    whole = analyze_image(png(large), CLASSIFIER, detector=FixedDetector([face_at(600, 200, 300)]))
    shrunk = replace(whole, pixels=shrink_to(whole.pixels, 1200)[0])
    given = GivenFile.of("a.png", b"x")
    assert image_file(given, whole, CLASSIFIER.card) == image_file(given, shrunk, CLASSIFIER.card)


def test_a_face_too_small_is_not_judged(astronaut_pixels: RGBImage) -> None:
    classifier = make_classifier(constant(0.9), rules=make_rules(min_face_px=1000))
    analysis = analyze_image(png(astronaut_pixels), classifier, detector=FixedDetector([FACE]))
    file = image_file(GivenFile.of("a.png", b"x"), analysis, classifier.card)
    assert not file.is_judged and not file.faces[0].is_judged


def test_a_report_names_model_libraries_and_time(single: Report) -> None:
    assert single.model.weights_sha256 == "0" * 64
    assert {"numpy", "keras", "python"} <= single.libraries.keys()
    assert single.made_at == AT
    assert single.program.startswith("deepfake ")


def test_a_report_needs_a_file_and_a_zone() -> None:
    with pytest.raises(ValueError, match="at least one file"):
        report_on()
    with pytest.raises(ValueError, match="zone"):
        build_report(
            [refused_file(GivenFile.of("a", None), "no")],
            CLASSIFIER.card,
            made_at=datetime(2026, 1, 1),
            frames_per_second=3.0,
        )
