"""From a clip to people, timeline and moments, through the page as a person meets it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from deepfake.app import clip_job, clip_judging
from deepfake.app.clip_job import Cancelled, ClipJob
from deepfake.media.images import RGBImage
from tests.app.conftest import OpenPage
from tests.app.driving import all_text, alternative_texts, choose, html_of, upload, verdict_of
from tests.clips import encode_animation, encode_clip, encode_sound, moving, portrait
from tests.fakes import brightness, constant, make_card, make_clip_rules, make_rules, never, patch_brightness
from tests.pictures import encode

LEFT_HALF = (slice(0, 64), slice(0, 32))
FIRM = make_card(name="fixed", clips=make_clip_rules())
MP4 = "clip.mp4"


@pytest.fixture(scope="session")
def two_people(astronaut_pixels: RGBImage) -> bytes:
    """A bright face on the left, a dark one on the right, for two seconds."""
    face = portrait(astronaut_pixels, 160)
    frame = np.full((180, 400, 3), 110, np.uint8)
    frame[10:170, 20:180] = face
    frame[10:170, 220:380] = (face * 0.4).astype(np.uint8)
    return encode_clip([frame] * 50)


def people_lines(page: AppTest) -> list[str]:
    return [body for body in html_of(page) if "Seen " in body]


def button(page: AppTest, start: str) -> AppTest:
    next(one for one in page.button if one.label.startswith(start)).click().run()
    assert not page.exception
    return page


def test_a_clip_leads_to_a_verdict_a_person_and_a_timeline(open_page: OpenPage, one_person: bytes) -> None:
    page = upload(open_page(constant(0.9), FIRM), (MP4, one_person))
    card = verdict_of(page)
    assert "Likely manipulated" in card
    assert "High confidence: 90\xa0%" in card
    assert "Judged by: A fake scorer" in card
    [line] = people_lines(page)
    assert "Person 1: Likely manipulated" in line
    assert "Seen from 0:00 to 0:01, 6 frames used." in line
    assert len(page.get("vega_lite_chart")) == 1
    assert len(page.get("video")) == 1
    assert "verdict rests on all frames of a person together" in all_text(page)


def test_a_model_without_rules_for_clips_gives_no_verdict_and_does_not_lean(
    open_page: OpenPage, one_person: bytes
) -> None:
    page = upload(open_page(constant(0.9)), (MP4, one_person))
    card = verdict_of(page)
    assert "Inconclusive" in card
    assert "have not been measured" in card
    assert "Leaning" not in card + people_lines(page)[0]


def test_no_sign_in_a_clip_is_never_called_authentic(open_page: OpenPage, one_person: bytes) -> None:
    card = verdict_of(upload(open_page(constant(0.1), FIRM), (MP4, one_person)))
    assert "No sign of manipulation found" in card
    assert "does not prove that the clip is authentic" in card
    assert "diffusion" in card


def test_two_people_are_judged_each_on_their_own(open_page: OpenPage, two_people: bytes) -> None:
    card = make_card(name="fixed", clips=make_clip_rules(band_low=0.3, band_high=0.4, threshold=0.35))
    page = upload(open_page(brightness, card), (MP4, two_people))
    assert "1 of 2 people looks manipulated" in verdict_of(page)
    assert "for the most suspicious person" in verdict_of(page)
    lines = people_lines(page)
    assert len(lines) == 2
    assert sum("Likely manipulated" in line for line in lines) == 1
    assert sum("No sign of manipulation found" in line for line in lines) == 1
    assert "numbered anew" in all_text(page)
    assert any("boxes around person 1, person 2" in text for text in alternative_texts(page))


def test_moving_the_slider_shows_another_moment_and_judges_nothing_again(
    open_page: OpenPage, one_person: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF), FIRM), (MP4, one_person))
    monkeypatch.setattr("deepfake.analysis.analyze_clip", lambda *_, **__: pytest.fail("judged again"))
    slider = next(one for one in page.select_slider if one.key.startswith("moment"))
    assert len(page.session_state["explanations"]) == 1
    other = 5 if slider.value != 5 else 0
    slider.set_value(other).run()
    assert not page.exception
    assert any(text.startswith(f"The frame at 0:0{'1.6' if other else '0.0'}") for text in alternative_texts(page))
    assert len(page.session_state["explanations"]) == 1  # another moment is explained on demand
    button(page, "Show which areas")
    assert len(page.session_state["explanations"]) == 2


def test_a_frame_on_the_strip_leads_to_its_moment(open_page: OpenPage, one_person: bytes) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF), FIRM), (MP4, one_person))
    at = next(one for one in page.button if one.label.startswith("0:0") and one.key.endswith("-1-0"))
    at.click().run()
    assert page.select_slider[0].value == 0
    assert any(text.startswith("The frame at 0:00.0") for text in alternative_texts(page))


def test_a_person_who_is_not_in_the_frame_is_not_explained(open_page: OpenPage, astronaut_pixels: RGBImage) -> None:
    face = portrait(astronaut_pixels, 160)
    left, right = (np.full((180, 400, 3), 110, np.uint8) for _ in range(2))
    left[10:170, 20:180] = face
    right[10:170, 220:380] = face[:, ::-1]
    page = upload(open_page(constant(0.9), FIRM), (MP4, encode_clip([left] * 50 + [right] * 50)))
    assert len(people_lines(page)) == 2
    page.select_slider[0].set_value(0).run()
    choose(page, "Which person?", 2)
    assert "Person 2 is not seen in this frame" in all_text(page)


def test_people_who_were_not_judged_are_folded_together(open_page: OpenPage, two_people: bytes) -> None:
    card = make_card(name="fixed", clips=make_clip_rules(), rules=make_rules(min_brightness=60))
    page = upload(open_page(constant(0.9), card), (MP4, two_people))
    assert "1 face was not judged: too dark" in [box.label for box in page.expander]
    assert sum("Not judged" in line for line in people_lines(page)) == 1


def test_a_clip_without_a_face_has_no_timeline(open_page: OpenPage, rocket_pixels: RGBImage) -> None:
    page = upload(open_page(never, FIRM), (MP4, encode_clip([rocket_pixels[:426]] * 10)))
    assert "No face found" in verdict_of(page)
    assert not page.get("vega_lite_chart")
    assert "#### Why" not in all_text(page)


@pytest.mark.parametrize("frames_per_second", [1, 10])
def test_frames_a_second_are_chosen_in_the_sidebar(
    open_page: OpenPage, one_person: bytes, frames_per_second: int
) -> None:
    page = open_page(constant(0.9), FIRM)
    page.slider(key="frames_per_second").set_value(frames_per_second).run()
    upload(page, (MP4, one_person))
    assert f"{2 * frames_per_second} frames used" in people_lines(page)[0]


def test_what_browsers_cannot_play_gets_a_filmstrip(open_page: OpenPage, astronaut_pixels: RGBImage) -> None:
    frames = moving(portrait(astronaut_pixels), num_frames=25)
    page = upload(open_page(constant(0.9), FIRM), ("clip.avi", encode_clip(frames, container="avi", codec="mpeg4")))
    assert not page.get("video")
    assert any('aria-label="Frames of the clip"' in body for body in html_of(page))
    assert "MPEG-4 part 2" in all_text(page)


def test_an_animation_is_a_clip_whatever_it_is_called(open_page: OpenPage, astronaut_pixels: RGBImage) -> None:
    frames = moving(portrait(astronaut_pixels), num_frames=10)
    page = upload(open_page(constant(0.9), FIRM), ("moving.jpg", encode_animation(frames)))
    assert people_lines(page)


def test_a_clip_of_one_frame_has_a_moment_and_no_slider(open_page: OpenPage, astronaut_pixels: RGBImage) -> None:
    page = upload(open_page(constant(0.9), FIRM), (MP4, encode_clip(moving(portrait(astronaut_pixels), num_frames=1))))
    assert "Likely manipulated" in verdict_of(page)
    assert not page.select_slider


def test_a_damaged_tail_is_said_beside_the_verdict(open_page: OpenPage, astronaut_pixels: RGBImage) -> None:
    frames = moving(portrait(astronaut_pixels), num_frames=50)
    whole = encode_clip(frames, container="matroska")
    page = upload(open_page(constant(0.9), FIRM), ("clip.mkv", whole[: len(whole) * 2 // 3]))
    assert "Likely manipulated" in verdict_of(page)
    assert "damaged or cut off" in all_text(page)


def test_clips_that_cannot_be_read_get_one_sentence_and_the_others_go_on(
    open_page: OpenPage, one_person: bytes, astronaut_bytes: bytes
) -> None:
    page = upload(
        open_page(constant(0.9), FIRM),
        ("sound.mp4", encode_sound()),
        ("cut.mp4", one_person[:300]),
        (MP4, one_person),
        ("a.png", astronaut_bytes),
    )
    table = page.dataframe[0].value
    refused = "Could not read this file"
    assert list(table["Verdict"]) == [refused, refused, "Likely manipulated", "Likely manipulated"]
    assert list(table["Kind"]) == ["Clip", "Clip", "Clip", "Picture"]
    assert list(table["Faces or people"].fillna(-1)) == [-1, -1, 1, 1]
    assert refused in verdict_of(page)


def test_a_picture_named_as_a_clip_is_judged_as_the_picture_it_is(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(constant(0.9), FIRM), ("photo.mp4", astronaut_bytes))
    assert "Likely manipulated" in verdict_of(page)
    assert not page.select_slider


def test_a_cancelled_clip_says_so_and_can_be_judged_again(open_page: OpenPage, one_person: bytes) -> None:
    page = upload(open_page(constant(0.9), FIRM), (MP4, one_person))
    [key] = page.session_state["clips"]
    page.session_state["clips"] = {key: Cancelled()}  # as the button leaves it
    page.run()
    assert "Judging was cancelled" in all_text(page)
    assert not any('aria-label="Verdict"' in body for body in html_of(page))
    button(page, "Judge again")
    assert "Likely manipulated" in verdict_of(page)


def test_a_clip_is_forgotten_with_its_file(open_page: OpenPage, one_person: bytes) -> None:
    page = upload(open_page(constant(0.9), FIRM), (MP4, one_person))
    page.file_uploader(key="files").set_value(None).run()
    assert not page.session_state["clips"]
    assert not page.session_state["uploads"]


def test_every_picture_of_a_clip_has_an_alternative_text(open_page: OpenPage, two_people: bytes) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF), FIRM), (MP4, two_people))
    assert all(alternative_texts(page))
    assert page.get("vega_lite_chart")[0].proto.alt
    assert page.get("video")[0].proto.alt


def test_numbers_for_experts_name_each_stage(open_page: OpenPage, one_person: bytes) -> None:
    page = upload(open_page(constant(0.9), FIRM), (MP4, one_person))
    page.session_state[next(box.key for box in page.expander if box.label == "Numbers for experts")] = True
    page.run()
    text = all_text(page)
    assert "50 frames decoded" in text
    assert "6 frames judged" in text
    assert all(f"{stage} " in text for stage in ("decode", "detect", "judge"))


def test_an_upload_of_a_still_picture_still_has_its_faces(open_page: OpenPage, rocket_pixels: RGBImage) -> None:
    page = upload(open_page(never, FIRM), ("still.gif", encode(Image.fromarray(rocket_pixels), "GIF")))
    assert "No face found" in verdict_of(page)


def test_the_maps_of_a_persons_most_suspicious_frames_are_averaged_on_demand(
    open_page: OpenPage, one_person: bytes
) -> None:
    page = open_page(patch_brightness(LEFT_HALF), FIRM)
    page.selectbox(key="method").set_value("occlusion").run()  # fast
    upload(page, (MP4, one_person))
    assert len(page.session_state["explanations"]) == 1
    button(page, "Map over the most suspicious frames")
    assert "Person 1 over the most suspicious frames" in all_text(page)
    num_frames = len(page.session_state["explanations"])
    assert num_frames >= 2
    captions = [caption for element in page.get("image") for caption in element.captions]
    assert f"Average of {num_frames} maps" in captions
    assert "On average, what lies" in all_text(page)
    page.run()
    assert len(page.session_state["explanations"]) == num_frames
    assert all(alternative_texts(page))


def test_a_clip_that_the_page_lost_sight_of_is_begun_again(
    open_page: OpenPage, one_person: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many people at once a page came back too late, and the clip was shown as cancelled."""
    begun: list[ClipJob] = []

    def begin(*arguments: Any, **settings: Any) -> ClipJob:
        monkeypatch.setattr(clip_job, "_ABANDONED_S", 10.0 if begun else -1.0)
        begun.append(ClipJob(*arguments, **settings))
        return begun[-1]

    monkeypatch.setattr(clip_judging, "ClipJob", begin)
    page = upload(open_page(constant(0.9), FIRM), (MP4, one_person))
    assert [job.was_abandoned for job in begun] == [True, False]
    assert "Likely manipulated" in verdict_of(page)
