"""From an upload to verdict and overlay, through the page as a person meets it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from deepfake.classifier.card import read_card
from deepfake.media.images import RGBImage
from tests.app.conftest import REPO, OpenPage
from tests.app.driving import add_model, all_text, alternative_texts, html_of, upload, verdict_of
from tests.fakes import brightness, constant, make_card, make_rules, never, patch_brightness
from tests.pictures import encode

LEFT_HALF = (slice(0, 64), slice(0, 32))


@pytest.fixture
def three_faces(astronaut_pixels: RGBImage) -> bytes:
    """One face three times, each darker than the one before."""
    face = astronaut_pixels[0:256, 110:340].astype(float)
    return encode(Image.fromarray(np.hstack([face, face * 0.7, face * 0.45]).astype(np.uint8)), "PNG")


def captions_of_images(page: AppTest) -> list[str]:
    return [caption for element in page.get("image") for caption in element.captions]


def test_an_upload_leads_to_a_verdict_and_an_overlay_with_a_real_network(
    models: Path, model_folder: Path, astronaut_bytes: bytes
) -> None:
    shutil.copytree(model_folder, models / "tiny")
    page = AppTest.from_file(str(REPO / "streamlit_app.py"), default_timeout=60).run()
    upload(page, ("astronaut.png", astronaut_bytes))
    assert 'aria-label="Verdict"' in verdict_of(page)
    made = next(iter(page.session_state["explanations"].values())).explanation
    assert made.segments.shape == made.crop.shape[:2]
    assert read_card(models / "tiny" / "card.json").name == "tiny"


def test_the_page_appears_without_loading_a_model(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Path] = []

    def load(folder: Path) -> None:
        loaded.append(folder)
        raise AssertionError("the page ends where loading begins")

    open_page()
    monkeypatch.setattr("deepfake.classifier.classifier.load_classifier", load)
    import streamlit as st

    st.cache_resource.clear()
    page = AppTest.from_file(str(REPO / "streamlit_app.py"), default_timeout=60).run()
    assert loaded  # last of all: everything below was on the page by then
    assert page.file_uploader(key="files") is not None
    assert [tab.label for tab in page.tabs] == ["Inspect", "The model", "How to read this"]


@pytest.mark.parametrize(
    ("score", "headline", "confidence"),
    [
        (0.9, "Likely manipulated", "High confidence: 90\xa0%"),
        (0.9999, "Likely manipulated", "Very high confidence: more than 99\xa0%"),
        (0.1, "No sign of manipulation found", "High confidence: 90\xa0%"),
        (0.5, "Inconclusive", "About even: the model cannot tell."),
    ],
)
def test_a_verdict_is_said_in_words_with_a_confidence_in_that_verdict(
    open_page: OpenPage, astronaut_bytes: bytes, score: float, headline: str, confidence: str
) -> None:
    page = upload(open_page(constant(score)), ("a.png", astronaut_bytes))
    card = verdict_of(page)
    assert headline in card
    assert confidence in card


@pytest.mark.parametrize("score", [0.9, 0.5, 0.1])
def test_the_verdict_says_which_model_spoke(open_page: OpenPage, astronaut_bytes: bytes, score: float) -> None:
    page = upload(open_page(constant(score)), ("a.png", astronaut_bytes))
    assert "Judged by: A fake scorer" in verdict_of(page)


def test_another_model_judges_anew_and_says_so(open_page: OpenPage, models: Path, astronaut_bytes: bytes) -> None:
    add_model(models, make_card(name="other", title="Another model", weights_sha256="1" * 64))
    page = upload(open_page(), ("a.png", astronaut_bytes))
    page.selectbox(key="model").set_value("other").run()
    assert not page.exception
    assert "Judged by: Another model" in verdict_of(page)
    assert len(page.session_state["inspections"]) == 2


def test_where_no_model_was_asked_none_is_named(open_page: OpenPage, rocket_pixels: RGBImage) -> None:
    rocket = encode(Image.fromarray(rocket_pixels), "PNG")
    for name, data in (("rocket.png", rocket), ("bad.jpg", b"no picture")):
        assert "Judged by" not in verdict_of(upload(open_page(never), (name, data)))


def test_no_sign_is_never_called_authentic_and_names_what_is_untested(
    open_page: OpenPage, astronaut_bytes: bytes
) -> None:
    card = verdict_of(upload(open_page(constant(0.1)), ("a.png", astronaut_bytes)))
    assert "does not prove that the picture is authentic" in card
    assert "diffusion" in card


def test_the_overlay_says_which_areas_led_to_the_result(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF)), ("a.png", astronaut_bytes))
    made = next(iter(page.session_state["explanations"].values()))
    half = made.explanation.segments.shape[1] // 2
    assert made.areas
    for area in made.areas:  # what lies in the right half alone cannot matter
        assert (made.explanation.segments == area.segment)[:, :half].any()
    assert "What led to the result" in captions_of_images(page)
    assert "not proof of tampering" in all_text(page)


def test_a_model_that_nothing_moves_gets_no_map(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(constant(0.9)), ("a.png", astronaut_bytes))
    assert "No area of this face had any influence" in all_text(page)
    assert "What led to the result" not in captions_of_images(page)


def test_an_unstable_explanation_is_not_drawn_and_more_samples_are_offered(
    open_page: OpenPage, astronaut_bytes: bytes
) -> None:
    noise = np.random.default_rng(0)

    def erratic(crops: Any) -> Any:
        return noise.uniform(0.4, 0.6, len(crops)).astype(np.float32)

    page = upload(open_page(erratic), ("a.png", astronaut_bytes))
    assert "A map would mislead" in all_text(page)
    assert "What led to the result" not in captions_of_images(page)
    next(button for button in page.button if button.label.startswith("Try again")).click().run()
    assert page.slider(key="num_samples").value == 1600
    assert {key[3].num_samples for key in page.session_state["explanations"]} == {400, 1600}


def test_a_bad_file_gets_one_sentence_and_the_others_go_on(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(), ("bad.jpg", b"no picture"), ("good.png", astronaut_bytes))
    assert "Could not read this file" in verdict_of(page)  # the first card is open
    labels = [box.label for box in page.expander]
    assert any("bad.jpg" in label and "Could not read this file" in label for label in labels)
    assert any("good.png" in label and "Likely manipulated" in label for label in labels)
    assert list(page.dataframe[0].value["Verdict"]) == ["Could not read this file", "Likely manipulated"]


def test_a_picture_without_a_face_is_not_judged(open_page: OpenPage, rocket_pixels: RGBImage) -> None:
    page = upload(open_page(never), ("rocket.png", encode(Image.fromarray(rocket_pixels), "PNG")))
    assert "No face found" in verdict_of(page)
    assert "#### Why" not in all_text(page)


def test_nothing_in_a_file_name_or_message_is_rendered(open_page: OpenPage) -> None:
    name = "<img src=x onerror=alert(1)> :smile: **b** `c`.png"
    page = upload(open_page(), (name, b"<script>alert(2)</script>"))
    assert not any("<script" in body or "onerror" in body for body in html_of(page))
    label = next(box.label for box in page.expander if "onerror" in box.label)
    assert label.startswith(f"`` {name} ``")  # a code span, longer fenced than the name's own


def test_a_group_is_counted_and_each_face_has_its_own_verdict(open_page: OpenPage, three_faces: bytes) -> None:
    # The three faces have a mean brightness of about 0.58, 0.41 and 0.26.
    card = make_card(name="fixed", rules=make_rules(band_low=0.3, threshold=0.5, band_high=0.5))
    page = upload(open_page(brightness, card), ("group.png", three_faces))
    assert "1 of 3 faces looks manipulated" in verdict_of(page)
    lines = [body for body in html_of(page) if "cut out" in body]
    assert len(lines) == 3
    assert sorted(next(word for word in ("Likely", "Inconclusive", "No sign") if word in line) for line in lines) == [
        "Inconclusive",
        "Likely",
        "No sign",
    ]
    assert len(page.session_state["explanations"]) == 1  # the telling face alone, until another one is chosen


def test_a_face_too_small_says_so_instead_of_leaning(open_page: OpenPage, three_faces: bytes) -> None:
    card = make_card(name="fixed", rules=make_rules(min_face_px=1000))
    page = upload(open_page(constant(0.9), card), ("group.png", three_faces))
    assert "Inconclusive" in verdict_of(page)
    lines = [body for body in html_of(page) if "cut out" in body]
    assert all("Not judged. The face is small" in line and "Leaning" not in line for line in lines)


def test_a_rerun_computes_nothing_again(
    open_page: OpenPage, astronaut_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def counting(crops: Any) -> Any:
        nonlocal asked
        asked += len(crops)
        return patch_brightness(LEFT_HALF)(crops)

    page = upload(open_page(counting), ("a.png", astronaut_bytes))
    after_first = asked
    assert after_first > 1 + 399  # the crop; two repeats of 200 samples, which share the whole face; the test by hiding
    page.session_state["tab"] = "How to read this"
    page.run()
    page.session_state["tab"] = "Inspect"
    page.run()
    assert asked == after_first
    page.slider(key="num_samples").set_value(500).run()
    after_second = asked
    assert after_second > after_first + 499
    page.slider(key="num_samples").set_value(400).run()
    assert asked == after_second


def test_what_was_found_is_forgotten_with_the_file(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(), ("a.png", astronaut_bytes))
    assert page.session_state["inspections"]
    page.file_uploader(key="files").set_value(None).run()
    assert not page.session_state["inspections"]
    assert not page.session_state["explanations"]


def test_only_open_cards_are_explained(open_page: OpenPage, astronaut_bytes: bytes, three_faces: bytes) -> None:
    page = upload(open_page(), ("a.png", astronaut_bytes), ("group.png", three_faces))
    assert len(page.session_state["explanations"]) == 1


def test_every_picture_has_an_alternative_text(open_page: OpenPage, three_faces: bytes) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF)), ("group.png", three_faces))
    texts = alternative_texts(page)
    assert len(texts) == 3  # the picture, the crop, the overlay
    assert all(texts)


def test_without_a_model_the_page_says_what_to_do(models: Path) -> None:
    page = AppTest.from_file(str(REPO / "streamlit_app.py"), default_timeout=60).run()
    assert not page.exception
    assert "python train.py" in page.error[0].value


def test_wrong_weights_are_an_error_in_words(models: Path, model_folder: Path, astronaut_bytes: bytes) -> None:
    shutil.copytree(model_folder, models / "tiny")
    (models / "tiny" / "model.keras").write_bytes(b"other weights")
    page = AppTest.from_file(str(REPO / "streamlit_app.py"), default_timeout=60).run()
    upload(page, ("a.png", astronaut_bytes))
    assert "The model cannot be used" in page.error[0].value
    assert not html_of(page)


def test_the_explanation_is_told_with_its_numbers_and_places(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF)), ("a.png", astronaut_bytes))
    [made] = page.session_state["explanations"].values()
    text = all_text(page)
    assert made.account.rests_on in text
    assert made.account.tried in text and "As a test, hiding" in text
    assert made.account.firmness in text
    assert "Left and right are as seen in the picture." in text
    [table] = page.table
    assert list(table.value["Area"]) == [area.number for area in made.areas]
    assert [place.lower() for place in table.value["Where"]] == [area.place for area in made.areas]
    assert all(
        ("orange" in pushes) == (area.weight > 0)
        for pushes, area in zip(table.value["Pushes"], made.areas, strict=True)
    )


def test_the_strength_of_the_colors_is_chosen_and_nothing_is_judged_for_it(
    open_page: OpenPage, astronaut_bytes: bytes
) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF)), ("a.png", astronaut_bytes))
    [made] = page.session_state["explanations"].values()
    [slider] = page.select_slider
    slider.set_value(30).run()
    assert not page.exception
    assert list(page.session_state["explanations"].values()) == [made]
    assert set(made.overlays) == {100, 30}
    assert made.overlays[100] != made.overlays[30]


def test_the_test_by_hiding_is_drawn_in_a_fold(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF)), ("a.png", astronaut_bytes))
    before = len(alternative_texts(page))
    page.session_state[next(box.key for box in page.expander if box.label.startswith("How firm this is"))] = True
    page.run()
    assert not page.exception
    added = alternative_texts(page)[before:]
    assert len(added) == 1
    assert "while more of the face is hidden" in added[0]
    assert "in 20 random orders" in all_text(page)


def test_another_method_on_parts_of_the_face_is_chosen_in_the_sidebar(
    open_page: OpenPage, astronaut_bytes: bytes
) -> None:
    page = open_page(patch_brightness(LEFT_HALF))
    page.selectbox(key="method").set_value("occlusion").run()
    page.selectbox(key="segmentation").set_value("face-parts").run()
    upload(page, ("a.png", astronaut_bytes))
    [made] = page.session_state["explanations"].values()
    assert (made.explanation.settings.method, made.explanation.settings.segmentation) == ("occlusion", "face-parts")
    assert "leaves nothing to chance" in all_text(page)
    page.session_state[next(box.key for box in page.expander if box.label == "Numbers for experts")] = True
    page.run()
    assert not page.exception
    assert "One by one (occlusion), Parts of the face" in all_text(page)


def test_without_the_points_of_a_face_its_parts_cannot_be_chosen_and_that_is_said(
    open_page: OpenPage, astronaut_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepfake.app.why.points_in_crop", lambda *_, **__: ())
    page = open_page(patch_brightness(LEFT_HALF))
    page.selectbox(key="segmentation").set_value("face-parts").run()
    upload(page, ("a.png", astronaut_bytes))
    assert "choose the segmentation slic" in all_text(page)
    assert 'aria-label="Verdict"' in verdict_of(page)
