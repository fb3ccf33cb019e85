"""What the page says and draws of clips, without a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.app.markup import people_key, people_row, zone_key
from deepfake.app.players import filmstrip, is_showable_animation, playable_as, spread, why_not_played
from deepfake.app.timeline import (
    draw_timeline,
    explain_timeline,
    person_looks,
    picked,
    timeline_rows,
)
from deepfake.media.clips import ClipInfo
from deepfake.media.quality import FaceQuality
from deepfake.people import Person, Sighting
from deepfake.reports.clip_words import (
    clock,
    describe_timeline,
    frame_title,
    frame_words,
    left_out_words,
    person_words,
    progress_words,
    span_words,
)
from deepfake.reports.suspicion import Moment, least_suspicious, most_suspicious, telling_moment
from deepfake.verdicts import Verdict
from tests.fakes import face_at, make_card, make_clip_rules, make_rules

RULES = make_rules(band_low=0.2, threshold=0.5, band_high=0.8)


def sighting(
    frame: int, probability: float, *, obstacles: tuple[str, ...] = (), time_s: float | None = None
) -> Sighting:
    return Sighting(
        frame=frame,
        time_s=frame / 2 if time_s is None else time_s,
        face=face_at(0, 0, 80),
        crop=np.zeros((8, 8, 3), np.uint8),
        quality=FaceQuality(side_px=80, brightness=100, sharpness=100),
        score=probability,
        probability=probability,
        obstacles=obstacles,
    )


def person(number: int, *sightings: Sighting, is_judged: bool = True, **verdict: Any) -> Person:
    said = {"verdict": "uncertain", "probability": 0.5, "reasons": ("Mixed.",)} | verdict
    return Person(number=number, sightings=sightings, score=0.5, verdict=Verdict(**said), is_judged=is_judged)


def info(container: str, codec: str, size_wh: tuple[int, int] = (640, 480)) -> ClipInfo:
    return ClipInfo(container=container, codec=codec, size_wh=size_wh, fps=25.0, duration_s=1.0, num_frames=25)


@pytest.mark.parametrize(
    ("time_s", "tenths", "words"),
    [
        (0, False, "0:00"),
        (59.99, False, "0:59"),
        (59.99, True, "0:59.9"),
        (61, False, "1:01"),
        (7322.5, True, "2:02:02.5"),
    ],
)
def test_a_time_reads_as_on_a_player_and_is_never_rounded_up(time_s: float, tenths: bool, words: str) -> None:
    assert clock(time_s, tenths=tenths) == words


def test_progress_names_each_stage_and_a_length_only_where_it_is_known() -> None:
    known = progress_words(time_s=12.3, duration_s=30, num_frames=36, num_faces=1)
    assert known == "12 s of 30 s decoded; 36 frames searched for faces; 1 face judged"
    assert progress_words(time_s=2, duration_s=None, num_frames=6, num_faces=0).startswith("2 s decoded")
    assert progress_words(time_s=9, duration_s=5, num_frames=6, num_faces=0).startswith("9 s decoded")  # a wrong header


def test_a_span_counts_the_frames_that_were_used_and_says_why_others_were_not() -> None:
    seen = person(1, sighting(0, 0.1), sighting(8, 0.2, obstacles=("The face is small: 3 pixels.",)), sighting(16, 0.3))
    assert span_words(seen) == "Seen from 0:00 to 0:08, 2 of 3 frames used; in the others the face is too small"
    assert span_words(person(1, sighting(2, 0.1))) == "Seen at 0:01, 1 frame used"


def test_those_who_were_not_judged_are_folded_with_each_reason_once() -> None:
    small = person(2, sighting(0, 0.1), reasons=("The face is small: 31 pixels, and the model needs 64.",))
    brief = person(3, sighting(0, 0.1), reasons=("Seen in only 1 judged frame of the clip, and the model needs 3.",))
    assert left_out_words([small]) == "1 face was not judged: too small"
    assert left_out_words([small, small, brief]) == "3 faces were not judged: too small, seen too briefly"


def test_a_model_that_is_never_firm_on_clips_does_not_lean() -> None:
    leaning = person(1, sighting(0, 0.7), probability=0.7)
    never_firm = make_card(clips=make_clip_rules(band_low=0.0, band_high=1.0))
    assert "Leaning" in person_words(leaning, make_card(clips=make_clip_rules()))
    assert "decides nothing" in person_words(leaning, never_firm)
    assert "not been measured" in person_words(leaning, make_card())


def test_a_frame_is_named_by_its_zone_and_one_that_does_not_count_has_no_number() -> None:
    assert frame_words(sighting(0, 0.8), RULES).startswith("Likely manipulated")
    assert frame_words(sighting(0, 0.79), RULES).startswith("Inconclusive")
    assert frame_words(sighting(0, 0.2), RULES).startswith("No sign of manipulation found")
    dark = sighting(0, 0.8, obstacles=("The face is too dark for the model to see anything in it.",))
    assert frame_words(dark, RULES) == "In this frame the face is too dark."
    assert "%" not in frame_title(dark)


def test_a_line_breaks_where_nobody_was_looked_at() -> None:
    one = person(1, sighting(0, 0.1, time_s=0), sighting(1, 0.2, time_s=0.5), sighting(2, 0.3, time_s=3))
    runs = [row["run"] for row in timeline_rows([one], RULES)]
    assert runs[0] == runs[1] != runs[2]


def test_the_timeline_shows_judged_people_alone() -> None:
    people = [person(1, sighting(0, 0.1)), person(2, sighting(0, 0.9), is_judged=False)]
    assert {row["person"] for row in timeline_rows(people, RULES)} == {1}
    assert "Person 2" not in describe_timeline(people)


def test_a_click_is_read_and_anything_else_is_no_moment() -> None:
    assert picked({"moment": [{"frame": 3, "person": 2}]}) == Moment(frame=3, person=2)
    for selection in ({}, {"moment": []}, {"moment": [{}]}, {"moment": {"frame": [1, 2]}}, None):
        assert picked(selection) is None


@pytest.mark.parametrize("is_dark", [True, False])
def test_the_chart_has_the_zones_of_the_card_and_can_be_clicked(is_dark: bool) -> None:
    rows = timeline_rows([person(1, sighting(0, 0.1)), person(2, sighting(1, 0.9))], RULES)
    spec = draw_timeline(rows, RULES, end_s=8.0, now_s=0.5, is_dark=is_dark).to_dict()
    zones = spec["layer"][0]["data"]["values"]
    assert [(zone["low"], zone["high"]) for zone in zones] == [(0.8, 1.0), (0.2, 0.8), (0.0, 0.2)]
    assert any(param["name"] == "moment" for param in spec["params"])


def test_people_differ_in_shape_as_well_as_in_color() -> None:
    looks = person_looks([f"Person {n}" for n in range(1, 7)], is_dark=False)
    assert len({look.color for look in looks}) == len({look.shape for look in looks}) == 6
    assert len(person_looks(["x"] * 40, is_dark=True)) == 40


def test_hollow_points_are_explained_where_there_are_some() -> None:
    assert "Hollow" in explain_timeline(any_hollow=True)
    assert "Hollow" not in explain_timeline(any_hollow=False)


def test_the_key_names_the_zones_in_the_words_of_the_verdicts() -> None:
    key = zone_key(0.157, 0.912)
    assert key.index("Likely manipulated (top, from 91\xa0%)") < key.index("Inconclusive (middle)")
    assert "No sign of manipulation found (bottom, up to 16\xa0%)" in key


def test_the_most_and_the_least_suspicious_frames_lie_apart_and_share_none() -> None:
    one = person(1, *(sighting(n, n / 20) for n in range(20)))  # half a second apart
    most = most_suspicious([one])
    least = least_suspicious([one], most)
    assert [seen.frame for _, seen in most] == [19, 17, 15, 13, 11, 9]
    assert least[0][1].frame == 0
    assert not {seen.frame for _, seen in most} & {seen.frame for _, seen in least}


def test_frames_that_do_not_count_are_on_no_strip() -> None:
    one = person(1, sighting(0, 0.1), sighting(4, 0.9, obstacles=("The face is blurred.",)), sighting(8, 0.5))
    assert [seen.frame for _, seen in most_suspicious([one])] == [8]


def test_the_page_opens_at_the_worst_frame_of_the_person_who_tells() -> None:
    first = person(1, sighting(0, 0.99), probability=0.3)
    second = person(2, sighting(0, 0.5), sighting(2, 0.7), probability=0.8)
    assert telling_moment([first, second], 0.8) == Moment(frame=2, person=2)
    assert telling_moment([first], None) == Moment(frame=0, person=1)


@pytest.mark.parametrize(
    ("data", "container", "codec", "kind"),
    [
        (b"", "mov,mp4,m4a,3gp,3g2,mj2", "h264", "video/mp4"),
        (b"", "mov,mp4,m4a,3gp,3g2,mj2", "mpeg4", None),
        (b"", "mov,mp4,m4a,3gp,3g2,mj2", "hevc", None),
        (b"\x1aE\xdf\xa3....webm", "matroska,webm", "vp9", "video/webm"),
        (b"\x1aE\xdf\xa3matroska", "matroska,webm", "vp9", None),
        (b"\x1aE\xdf\xa3....webm", "matroska,webm", "h264", None),
        (b"", "avi", "h264", None),
    ],
)
def test_only_what_browsers_play_gets_a_player(data: bytes, container: str, codec: str, kind: str | None) -> None:
    assert playable_as(data, info(container, codec)) == kind


def test_a_filmstrip_says_which_kind_of_clip_it_stands_for() -> None:
    assert "(MPEG-4 part 2 in an AVI file)" in why_not_played(info("avi", "mpeg4"))
    assert "(H.265 (HEVC))" in why_not_played(info("mov,mp4,m4a,3gp,3g2,mj2", "hevc"))


def test_large_animations_and_webp_are_not_handed_to_the_browser() -> None:
    assert is_showable_animation(b"GIF89a", info("gif", "gif"))
    assert not is_showable_animation(b"GIF89a", info("gif", "gif", (4000, 10)))
    assert not is_showable_animation(b"RIFF....WEBP", info("webp", "webp"))


def test_a_filmstrip_spans_the_clip() -> None:
    assert spread(25) == sorted(set(spread(25)))
    assert (spread(25)[0], spread(25)[-1], len(spread(25))) == (0, 24, 12)
    assert spread(1) == [0]


def test_text_from_outside_is_escaped() -> None:
    pieces = [filmstrip([b""], ['"><script>']), people_key([("<b>", "red", "o")])]
    assert not any("<script>" in piece or "<b>" in piece for piece in pieces)
    assert 'alt="Person 3, cut out"' in people_row([(3, b"")])
