"""People of a clip, judged by a card whose answers are worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deepfake.classifier.calibration import Calibration
from deepfake.classifier.card import Card
from deepfake.media.faces import Box, Face
from deepfake.media.quality import FaceQuality
from deepfake.people import Sighting, judge_people
from tests.fakes import make_card, make_clip_rules

SMALL = ("The face is small.",)


def sightings(
    scores: list[float],
    *,
    start_s: float = 0.0,
    side: int = 100,
    obstacles: tuple[str, ...] = (),
    detection_score: float = 0.9,
) -> list[Sighting]:
    face = Face(box=Box.from_xywh(0, 0, side, side), detection_score=detection_score)
    return [
        Sighting(
            frame=index,
            time_s=start_s + index,
            face=face,
            crop=np.zeros((4, 4, 3), np.uint8),
            quality=FaceQuality(side_px=side, brightness=100, sharpness=100),
            score=score,
            probability=score,
            obstacles=obstacles,
        )
        for index, score in enumerate(scores)
    ]


def card(**changes: Any) -> Card:
    strict: dict[str, Any] = {"threshold": 0.6, "min_frames": 3, "min_detection_score": 0.75}
    return make_card(clips=make_clip_rules(**(strict | changes)))


def test_a_person_is_judged_by_all_frames_together() -> None:
    (person,), overall = judge_people({0: sightings([0.9, 0.9, 0.1])}, card())
    assert person.score == pytest.approx(0.6753, abs=1e-4)  # logits 2.197, 2.197, -2.197: their mean 0.7324
    assert (person.verdict.verdict, overall.verdict) == ("uncertain", "uncertain")
    assert overall.probability == person.verdict.probability
    assert (person.first_s, person.last_s, person.num_counted) == (0, 2, 3)


def test_the_clip_level_calibration_is_used_and_not_that_of_single_frames() -> None:
    steep = Calibration(kind="temperature", slope=2.0)
    (person,), _ = judge_people({0: sightings([0.7, 0.7, 0.7])}, card(calibration=steep))
    assert person.verdict.probability == pytest.approx(0.8448, abs=1e-4)  # logit 0.8473, twice
    assert person.verdict.verdict == "fake"


def test_one_fake_person_makes_the_clip_fake_and_the_others_stay_what_they_are() -> None:
    people, overall = judge_people({0: sightings([0.05] * 4), 1: sightings([0.99] * 4, start_s=1)}, card())
    assert [person.verdict.verdict for person in people] == ["real", "fake"]
    assert overall.verdict == "fake"
    assert overall.reasons[0] == "1 of 2 people looks manipulated."


def test_of_many_people_it_takes_more_to_call_one_fake() -> None:
    strict = card()
    strict = replace(strict, rules=replace(strict.rules, logit_shift_per_log_face=0.5))
    alone, _ = judge_people({0: sightings([0.81] * 3)}, strict)
    crowd, _ = judge_people({number: sightings([0.81] * 3) for number in range(9)}, strict)
    assert alone[0].verdict.verdict == "fake"
    assert {person.verdict.verdict for person in crowd} == {"uncertain"}


def test_frames_with_obstacles_do_not_count() -> None:
    seen = sightings([0.1] * 3) + sightings([0.999] * 3, start_s=5, obstacles=SMALL)
    (person,), _ = judge_people({0: seen}, card())
    assert person.score == pytest.approx(0.1)
    assert person.num_counted == 3


def test_a_person_seen_too_briefly_is_not_judged_and_said_so() -> None:
    (person,), overall = judge_people({0: sightings([0.99, 0.99])}, card())
    assert not person.is_judged
    assert overall.verdict == "uncertain"
    assert "only 2 judged frames" in overall.reasons[0]


def test_a_person_too_small_in_every_frame_is_not_judged_and_said_so() -> None:
    (person,), overall = judge_people({0: sightings([0.99] * 5, obstacles=SMALL)}, card())
    assert not person.is_judged
    assert overall.reasons == SMALL
    assert overall.verdict == "uncertain"


def test_what_may_not_be_a_face_is_not_judged() -> None:
    people, overall = judge_people({0: sightings([0.1] * 5), 1: sightings([0.99] * 5, detection_score=0.65)}, card())
    assert [person.is_judged for person in people] == [True, False]
    assert overall.verdict == "real"
    assert "not sure that this is a face" in people[1].verdict.reasons[0]


def test_those_who_were_judged_are_numbered_first_by_time() -> None:
    people, _ = judge_people(
        {0: sightings([0.5]), 1: sightings([0.3] * 3, start_s=4), 2: sightings([0.4] * 3, start_s=2)}, card()
    )
    assert [(person.number, person.first_s, person.is_judged) for person in people] == [
        (1, 2, True),
        (2, 4, True),
        (3, 0, False),
    ]


def test_nobody_is_no_face() -> None:
    people, overall = judge_people({}, card())
    assert people == ()
    assert (overall.verdict, overall.probability) == ("no_face", None)


@pytest.mark.parametrize("score", [0.0001, 0.9999])
def test_a_model_that_was_not_measured_on_clips_says_nothing_firm(score: float) -> None:
    _, overall = judge_people({0: sightings([score] * 9)}, make_card())
    assert overall.verdict == "uncertain"
    assert "not been measured" in overall.reasons[0]


@pytest.mark.parametrize("score", [0.0001, 0.9999])
def test_a_model_that_was_wrong_too_often_on_clips_says_nothing_firm(score: float) -> None:
    _, overall = judge_people({0: sightings([score] * 9)}, card(band_low=0.0, band_high=1.0))
    assert overall.verdict == "uncertain"
    assert "wrong too often" in overall.reasons[0]
