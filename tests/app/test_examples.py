"""Examples: what they are, what is said of them, and their way through the page."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.app import examples
from deepfake.app.examples import EXAMPLES, blended_picture, clip_of_both, real_picture
from deepfake.media.clips import Sampling
from deepfake.media.decoder import open_clip
from deepfake.media.detectors import Detector
from deepfake.media.images import RGBImage, decode_image
from tests.app.conftest import OpenPage
from tests.app.driving import all_text, choose, html_of, verdict_of
from tests.fakes import constant, make_card, make_clip_rules

ASK = "No file at hand? Try an example"


@pytest.fixture(scope="module")
def clip() -> bytes:
    return clip_of_both()


def closest(frame: RGBImage, real: RGBImage, blended: RGBImage) -> str:
    distances = {name: np.abs(frame.astype(float) - one).mean() for name, one in (("real", real), ("blended", blended))}
    return min(distances, key=lambda name: distances[name])


def test_the_real_photograph_is_left_as_it_is(astronaut_pixels: RGBImage) -> None:
    np.testing.assert_array_equal(decode_image(real_picture()).pixels, astronaut_pixels)


def test_in_the_manipulated_one_only_the_face_differs(astronaut_pixels: RGBImage, yunet: Detector) -> None:
    changed = (decode_image(blended_picture()).pixels != astronaut_pixels).any(axis=2)
    [face] = yunet.find(astronaut_pixels)
    box = face.box
    rows, columns = np.nonzero(changed)
    assert changed[box.y_min : box.y_max, box.x_min : box.x_max].mean() > 0.5
    reach = 40
    assert box.x_min - reach <= columns.min() <= columns.max() <= box.x_max + reach
    assert box.y_min - reach <= rows.min() <= rows.max() <= box.y_max + reach


def test_examples_are_the_same_each_time(clip: bytes) -> None:
    assert blended_picture() == blended_picture()
    assert clip_of_both() == clip


def test_the_clip_shows_the_real_face_first_and_then_the_manipulated_one(clip: bytes) -> None:
    with open_clip(clip, Sampling(every=1)) as decoded:
        frames = list(decoded.frames())
    assert (len(frames), frames[0].pixels.shape) == (48, (480, 480, 3))
    real, blended = (decode_image(one()).pixels[:480, :480] for one in (real_picture, blended_picture))
    first = frames[0].pixels.astype(float)
    assert abs(first - real).mean() < abs(first - blended).mean()
    half = frames[24].pixels.astype(float)
    real, blended = (
        decode_image(one()).pixels[12:492, 12:492].astype(float) for one in (real_picture, blended_picture)
    )
    assert abs(half - blended).mean() < abs(half - real).mean()


def test_nothing_is_made_before_it_is_asked_for(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "_bytes_of", lambda name: pytest.fail(f"{name} was made"))
    open_page()


def test_an_example_is_judged_like_an_upload_and_goes_away_again(open_page: OpenPage) -> None:
    page = choose(open_page(constant(0.9)), ASK, ["real"])
    assert "public domain" in all_text(page)
    assert "Likely manipulated" in verdict_of(page)  # whatever it is: the model's word, not the label's
    assert not html_of(choose(page, ASK, []))


def test_pictures_can_be_compared_side_by_side(open_page: OpenPage) -> None:
    page = choose(open_page(constant(0.1)), ASK, ["real", "blended"])
    assert len(page.session_state["inspections"]) == 2
    assert [box.label.split(" — ")[1] for box in page.expander if " — " in box.label] == [
        "No sign of manipulation found"
    ] * 2


def test_the_clip_is_judged_as_a_clip(open_page: OpenPage) -> None:
    page = choose(open_page(constant(0.9), make_card(name="fixed", clips=make_clip_rules())), ASK, ["clip"])
    assert "Likely manipulated" in verdict_of(page)
    assert len(page.get("video")) == 1


@pytest.mark.parametrize("name", ["blended", "clip"])
def test_no_label_promises_a_verdict(name: str) -> None:
    assert "may well miss" in EXAMPLES[name].label
