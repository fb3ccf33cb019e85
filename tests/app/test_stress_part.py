"""The stress test on the page: made when it is asked for, told from its numbers."""

from __future__ import annotations

import re
import threading
import time
from contextlib import ExitStack

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from deepfake.app.markup import StressRow
from deepfake.app.stress_part import describe
from deepfake.app.turns import line_of, num_at_once
from deepfake.explain.stress import CHANGES
from deepfake.media.images import RGBImage
from deepfake.verdicts import FAKE, REAL, UNCERTAIN
from tests.app.conftest import OpenPage
from tests.app.driving import all_text, choose, html_of, open_fold, upload, verdict_of
from tests.fakes import brightness, constant, make_card, make_clip_rules, make_rules
from tests.pictures import encode

ASK = "Does the result hold"
FIRM_CLIPS = make_card(name="fixed", clips=make_clip_rules())


def rows(*given: tuple[float, str]) -> list[StressRow]:
    return [StressRow(name=f"change {n}", probability=value, kind=kind) for n, (value, kind) in enumerate(given)]


def table_of(page: AppTest) -> str:
    return next(body for body in html_of(page) if "after each change" in body)


def test_the_sentences_are_made_from_the_numbers() -> None:
    said = describe(rows((0.9, FAKE), (0.95, FAKE), (0.85, FAKE)))
    assert "says 90\xa0% for manipulated; after the changes, 85\xa0% to 95\xa0%" in said
    assert "None of the changes would turn the answer." in said
    said = describe(rows((0.9, FAKE), (0.5, UNCERTAIN), (0.1, REAL), (0.9, FAKE)), num_frames=3)
    assert "in the three frames in which it looks most suspicious" in said
    assert "After 2 of 3 changes the answer would be another one." in said


def test_nothing_is_tested_before_it_is_asked_for(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(), ("a.png", astronaut_bytes))
    assert not [body for body in html_of(page) if "after each change" in body]


def test_the_table_names_every_change_and_leaves_the_verdict_alone(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = open_fold(upload(open_page(constant(0.9)), ("a.png", astronaut_bytes)), ASK)
    table = table_of(page)
    for title in ("As it is", *CHANGES.values()):
        assert title in table
    assert table.count("90\xa0%") == 1 + len(CHANGES)
    assert "then:" not in table
    assert "None of the changes would turn the answer" in all_text(page)
    assert "does not listen to this table" in all_text(page)
    assert "Likely manipulated" in verdict_of(page)


def test_an_answer_that_turns_is_said_in_words(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    def wavering(crops: np.ndarray) -> np.ndarray:
        """Sure of the face as it is, and of nothing else once a stress test asks."""
        values = np.full(len(crops), 0.9, np.float32)
        if len(crops) == 1 + len(CHANGES):
            values[1:] = 0.5
        return values

    page = open_fold(upload(open_page(wavering), ("a.png", astronaut_bytes)), ASK)
    assert table_of(page).count("then: Inconclusive") == len(CHANGES)
    assert f"After {len(CHANGES)} of {len(CHANGES)} changes" in all_text(page)
    assert "Likely manipulated" in verdict_of(page)  # the verdict does not listen


def test_of_several_faces_each_can_be_looked_at(open_page: OpenPage, astronaut_pixels: RGBImage) -> None:
    face = astronaut_pixels[0:256, 110:340].astype(float)
    group = encode(Image.fromarray(np.hstack([face, face * 0.5]).astype(np.uint8)), "PNG")
    page = open_fold(upload(open_page(brightness), ("group.png", group)), ASK)
    first = table_of(page)
    assert table_of(choose(page, "Whose?", 2)) != first


def test_a_face_that_was_not_judged_is_not_tested(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    card = make_card(name="fixed", rules=make_rules(min_face_px=500))
    page = upload(open_page(constant(0.9), card), ("a.png", astronaut_bytes))
    assert not any(box.label.startswith(ASK) for box in page.expander)


def test_a_second_look_judges_nothing_again(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    judged: list[int] = []

    def counting(crops: np.ndarray) -> np.ndarray:
        judged.append(len(crops))
        return np.full(len(crops), 0.9, np.float32)

    page = open_fold(upload(open_page(counting), ("a.png", astronaut_bytes)), ASK)
    before = len(judged)
    page.run()
    assert len(judged) == before


def test_who_asks_while_others_are_tested_waits_in_line(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    line, most_standing = line_of("stress test"), [0]
    with ExitStack() as others:
        for _ in range(num_at_once()):
            others.enter_context(line.turn(lambda num_before: None))

        def leave_once_somebody_waits() -> None:
            for _ in range(6000):
                most_standing[0] = max(most_standing[0], line.num_standing)
                if most_standing[0] > num_at_once():
                    break
                time.sleep(0.01)
            others.close()

        leaving = threading.Thread(target=leave_once_somebody_waits)
        page = upload(open_page(constant(0.9)), ("a.png", astronaut_bytes))
        leaving.start()
        page = open_fold(page, ASK)
        leaving.join()
    assert most_standing == [num_at_once() + 1]
    assert "None of the changes would turn the answer" in all_text(page)
    assert line.num_standing == 0


def test_a_person_of_a_clip_is_tested_in_their_most_suspicious_frames(
    open_page: OpenPage,
    one_person: bytes,
) -> None:
    page = open_fold(upload(open_page(constant(0.9), FIRM_CLIPS), ("a.mp4", one_person)), ASK)
    assert "in the three frames in which it looks most suspicious" in all_text(page)
    assert table_of(page).count("90\xa0%") == 1 + len(CHANGES)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_the_table_stands_at_the_ends_of_the_scale(
    open_page: OpenPage, astronaut_bytes: bytes, probability: float
) -> None:
    page = open_fold(upload(open_page(constant(probability)), ("a.png", astronaut_bytes)), ASK)
    assert not re.search(r">(0|100)\xa0%", table_of(page))
