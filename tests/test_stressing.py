"""The stress test of whole files: the frames and boxes that it is made on."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.analysis import analyze_clip, analyze_image
from deepfake.classifier.classifier import Classifier
from deepfake.errors import UnreadableImageError
from deepfake.media.clips import Sampling
from deepfake.media.images import RGBImage
from deepfake.stressing import NUM_FRAMES, most_suspicious_frames, stress_people, stress_picture
from tests.clips import encode_clip
from tests.fakes import FixedDetector, brightness, face_at, make_classifier, make_clip_rules

FACE = face_at(40, 30, 64)


@pytest.fixture
def classifier() -> Classifier:
    return make_classifier(brightness, clips=make_clip_rules())


def wall(level: int) -> RGBImage:
    """A wall of bricks, so that frames can be told to be of one scene, `level` bright on average."""
    bricks = np.random.default_rng(0).uniform(0.6, 1.4, (8, 10))
    return np.repeat(np.kron(bricks, np.full((16, 16), level))[..., None], 3, axis=2).clip(0, 255).astype(np.uint8)


def test_a_picture_is_tested_on_the_faces_that_were_found_in_it(astronaut_bytes: bytes) -> None:
    classifier = make_classifier(brightness)
    analysis = analyze_image(astronaut_bytes, classifier)
    tests = stress_picture(astronaut_bytes, [one.face.box for one in analysis.faces], classifier)
    assert [test.probability for test in tests] == pytest.approx([one.probability for one in analysis.faces])


def test_a_picture_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(UnreadableImageError):
        stress_picture(b"no picture", [FACE.box], make_classifier(brightness))


def test_a_person_is_tested_in_the_three_frames_that_look_most_manipulated(classifier: Classifier) -> None:
    levels = [100, 92, 124, 96, 120, 98, 116, 90]  # brightness is the probability: positions 2, 4 and 6
    data = encode_clip([wall(level) for level in levels], fps=4)
    analysis = analyze_clip(data, classifier, frames_per_second=4, detector=FixedDetector([FACE]))
    [person] = analysis.people
    assert [one.frame for one in most_suspicious_frames(person)] == [2, 4, 6]
    tests = stress_people(data, analysis.people, classifier, Sampling(per_second=4, max_frames=240))
    assert [test.probability for test in tests[person.number]] == pytest.approx(
        [one.probability for one in most_suspicious_frames(person)]
    )
    assert len(tests[person.number]) == NUM_FRAMES


def test_a_short_clip_has_fewer_frames_to_test(classifier: Classifier) -> None:
    data = encode_clip([wall(90)], fps=4)
    analysis = analyze_clip(data, classifier, frames_per_second=4, detector=FixedDetector([FACE]))
    tests = stress_people(data, analysis.people, classifier, Sampling(per_second=4))
    assert [len(of_person) for of_person in tests.values()] == [1]


def test_people_who_were_not_judged_are_not_tested() -> None:
    classifier = make_classifier(brightness, clips=make_clip_rules(min_frames=99))
    data = encode_clip([wall(90)] * 3, fps=4)
    analysis = analyze_clip(data, classifier, frames_per_second=4, detector=FixedDetector([FACE]))
    assert len(analysis.people) == 1
    assert stress_people(data, analysis.people, classifier, Sampling(per_second=4)) == {}


def test_two_people_are_tested_each_on_their_own_face(classifier: Classifier) -> None:
    frame = wall(0)
    frame[:, 80:] = 200
    data = encode_clip([frame] * 4, fps=4)
    detector = FixedDetector([face_at(4, 30, 64), face_at(90, 30, 64)])
    analysis = analyze_clip(data, classifier, frames_per_second=4, detector=detector)
    tests = stress_people(data, analysis.people, classifier, Sampling(per_second=4))
    for person in analysis.people:
        expected = np.mean([one.probability for one in person.sightings])
        assert tests[person.number][0].probability == pytest.approx(expected, abs=0.02)
    assert len(tests) == 2
