"""Clips through the whole story: from the bytes of a file to people with verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepfake.analysis import Analysis, ClipAnalysis, analyze, analyze_clip
from deepfake.classifier.classifier import Classifier
from deepfake.errors import UnreadableClipError
from deepfake.media.images import RGBImage
from tests.clips import encode_animation, encode_clip, moving, portrait
from tests.fakes import brightness, constant, make_classifier, make_clip_rules


def classifier(scorer: Any = brightness) -> Classifier:
    return make_classifier(scorer, clips=make_clip_rules(min_frames=3))


@pytest.fixture(scope="module")
def one_face(astronaut_pixels: RGBImage) -> bytes:
    """Four seconds at ten frames a second: the astronaut moves to the right."""
    return encode_clip(moving(portrait(astronaut_pixels), num_frames=40), fps=10)


@pytest.fixture(scope="module")
def two_faces(astronaut_pixels: RGBImage) -> bytes:
    """The same face on the left and, darker, on the right, for two seconds."""
    face = portrait(astronaut_pixels)
    frame = np.full((240, 480, 3), 110, np.uint8)
    frame[20:220, 10:210] = face
    frame[20:220, 260:460] = (face * 0.55).astype(np.uint8)
    return encode_clip([frame] * 20, fps=10)


def test_a_clip_with_one_person_has_one_person_through_all_its_frames(one_face: bytes) -> None:
    found = analyze_clip(one_face, classifier(constant(0.95)))
    (person,) = found.people
    assert found.verdict.verdict == person.verdict.verdict == "fake"
    assert found.score == pytest.approx(0.95, abs=1e-6)
    assert len(person.sightings) == len(found.frame_times_s) == 12  # four seconds, three a second
    assert found.end is not None and found.end.num_decoded == 40
    assert (person.first_s, person.last_s) == (0, found.frame_times_s[-1])
    middles = [(one.face.box.x_min + one.face.box.x_max) / 2 for one in person.sightings]
    assert middles == sorted(middles)


def test_each_of_two_people_gets_a_verdict_of_their_own(two_faces: bytes) -> None:
    found = analyze_clip(two_faces, classifier())
    left, right = sorted(found.people, key=lambda person: person.sightings[0].face.box.x_min)
    assert left.score > right.score + 0.1  # the scorer reads brightness, and the right one is darker
    assert len(left.sightings) == len(right.sightings) == len(found.frame_times_s)
    assert found.score == left.score


def test_the_frames_a_second_can_be_chosen(one_face: bytes) -> None:
    assert len(analyze_clip(one_face, classifier(), frames_per_second=1).frame_times_s) == 4


def test_a_clip_longer_than_the_limit_is_judged_in_moments_and_says_so(one_face: bytes) -> None:
    found = analyze_clip(one_face, classifier(), frames_per_second=10, max_frames=16)
    assert len(found.frame_times_s) <= 16
    assert any("moments" in note for note in found.notes)


def test_the_same_clip_gets_the_same_numbers(one_face: bytes) -> None:
    first, again = (analyze_clip(one_face, classifier()) for _ in range(2))
    assert first.verdict == again.verdict
    assert [one.score for one in first.people[0].sightings] == [one.score for one in again.people[0].sightings]


def test_first_results_come_before_the_last_frame_is_judged(one_face: bytes) -> None:
    seen: list[ClipAnalysis] = []
    found = analyze_clip(one_face, classifier(), frames_per_second=10, on_progress=seen.append)
    assert 0 < len(seen[0].frame_times_s) < len(found.frame_times_s)
    assert seen[0].people and seen[0].end is None
    assert [len(one.frame_times_s) for one in seen] == sorted(len(one.frame_times_s) for one in seen)


def test_what_progress_raises_ends_the_work(one_face: bytes) -> None:
    class CancelledError(Exception):
        pass

    def cancel(_: ClipAnalysis) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        analyze_clip(one_face, classifier(), frames_per_second=10, on_progress=cancel)


def test_every_judged_frame_is_shown_to_who_asks(one_face: bytes) -> None:
    shown: list[tuple[int, tuple[int, ...]]] = []
    found = analyze_clip(
        one_face, classifier(), on_frame=lambda position, frame: shown.append((position, frame.pixels.shape))
    )
    assert [position for position, _ in shown] == list(range(len(found.frame_times_s)))
    assert {shape for _, shape in shown} == {(240, 320, 3)}


def test_a_clip_without_a_face_has_no_number(rocket_pixels: RGBImage) -> None:
    found = analyze_clip(encode_clip([rocket_pixels[:426]] * 12), classifier())
    assert (found.verdict.verdict, found.verdict.probability, found.score) == ("no_face", None, None)
    assert found.people == ()


def test_an_animation_is_judged_like_any_clip(astronaut_pixels: RGBImage) -> None:
    data = encode_animation(moving(portrait(astronaut_pixels), num_frames=12), frame_ms=250)
    found = analyze(data, classifier(constant(0.05)))
    assert isinstance(found, ClipAnalysis)
    assert found.verdict.verdict == "real"
    assert found.duration_s == pytest.approx(2.75)


def test_a_clip_of_one_frame_is_inconclusive_and_says_why(astronaut_pixels: RGBImage) -> None:
    found = analyze_clip(encode_clip(moving(portrait(astronaut_pixels), num_frames=1)), classifier(constant(0.99)))
    assert found.verdict.verdict == "uncertain"
    assert "1 judged frame" in found.verdict.reasons[0]


def test_the_kind_of_a_file_follows_from_its_bytes(one_face: bytes, astronaut_bytes: bytes) -> None:
    assert isinstance(analyze(one_face, classifier()), ClipAnalysis)
    assert isinstance(analyze(astronaut_bytes, classifier()), Analysis)


def test_a_cut_off_clip_is_judged_by_what_is_left_and_says_so(astronaut_pixels: RGBImage) -> None:
    data = encode_clip(moving(portrait(astronaut_pixels), num_frames=120, step_px=1), container="matroska", fps=10)
    found = analyze_clip(data[: int(len(data) * 0.8)], classifier(constant(0.95)))
    assert found.verdict.verdict == "fake"
    assert "damaged or cut off" in found.notes[0]


def test_a_picture_that_calls_itself_a_clip_is_refused_in_a_sentence(astronaut_bytes: bytes) -> None:
    with pytest.raises(UnreadableClipError, match="Expected a clip"):
        analyze_clip(astronaut_bytes, classifier())


def test_stages_say_where_the_time_went(one_face: bytes) -> None:
    found = analyze_clip(one_face, classifier())
    stages = found.stages
    assert min(stages.decode_s, stages.detect_s, stages.judge_s) > 0
    assert stages.detect_s + stages.judge_s < found.seconds


def test_real_clips_of_two_men_keep_them_apart(data_dir: Path) -> None:
    # in this clip a dissolve leads from one man to another at the same place
    path = data_dir / "ffpp" / "original_sequences" / "youtube" / "c23" / "videos" / "175.mp4"
    if not path.is_file():
        pytest.skip(f"no {path}")
    people = [person for person in analyze_clip(path.read_bytes(), classifier()).people if person.num_counted > 8]
    largest = sorted(people, key=lambda person: person.sightings[0].quality.side_px)[-2:]
    first, second = sorted(largest, key=lambda person: person.first_s)
    assert first.last_s < second.first_s


def test_a_face_knows_what_its_clip_spends_on_a_pixel(one_face: bytes) -> None:
    found = analyze_clip(one_face, classifier())
    assert found.info.bits_per_pixel is not None
    assert {one.quality.bits_per_pixel for one in found.people[0].sightings} == {found.info.bits_per_pixel}
