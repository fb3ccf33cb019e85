"""Reports from the page: offered where there is something to keep, made when they are asked for."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from deepfake.app.report_button import _stem
from deepfake.explain.stress import CHANGES
from deepfake.media.images import RGBImage
from deepfake.media.provenance.statement import Provenance
from tests.app.conftest import OpenPage
from tests.app.driving import open_fold, upload
from tests.clips import encode_clip, moving, portrait
from tests.fakes import make_card, make_clip_rules, patch_brightness
from tests.pictures import encode

LEFT_HALF = (slice(0, 64), slice(0, 32))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each button would make, by the name of its file; a browser asks for it when it is clicked."""
    import streamlit as st

    offered: dict[str, Any] = {}
    really = st.download_button

    def keep(label: str, **options: Any) -> bool:
        assert callable(options["data"]), "a report is made when it is asked for, not before"
        offered[options["file_name"]] = options["data"]
        return really(label, **options)

    monkeypatch.setattr(st, "download_button", keep)
    return offered


def labels(page: AppTest) -> list[str]:
    return [element.proto.label for element in page.get("download_button")]


def test_one_file_has_a_report_in_three_forms(
    open_page: OpenPage, astronaut_bytes: bytes, made: dict[str, Any]
) -> None:
    page = upload(open_page(patch_brightness(LEFT_HALF)), ("my photo.png", astronaut_bytes))
    assert labels(page) == ["Web page", "PDF", "JSON"]
    assert list(made) == [f"deepfake-report-my-photo{ending}" for ending in (".html", ".pdf", ".json")]


def test_the_report_holds_what_the_page_found(
    open_page: OpenPage, astronaut_bytes: bytes, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = Provenance(software=("GIMP",))
    monkeypatch.setattr("deepfake.media.provenance.reader.read_provenance", lambda data: statement)
    page = open_fold(upload(open_page(patch_brightness(LEFT_HALF)), ("a.png", astronaut_bytes)), "Does the result hold")
    [file] = json.loads(made["deepfake-report-a.json"]())["files"]
    known = next(iter(page.session_state["explanations"].values()))
    [face] = file["faces"]
    assert file["name"] == "a.png" and file["size_wh"] == [512, 512]
    assert face["explanation"]["num_samples"] == known.explanation.num_samples
    assert face["explanation"]["account"] == list(known.account.sentences())
    assert [trial["change"] for trial in face["stress"]["trials"]] == list(CHANGES)
    assert file["provenance"]["software"] == ["GIMP"]
    assert made["deepfake-report-a.html"]().startswith(b"<!doctype html>")
    assert made["deepfake-report-a.pdf"]().startswith(b"%PDF")


def test_a_batch_has_a_table_too_and_its_report_is_on_all_files(
    open_page: OpenPage, astronaut_bytes: bytes, rocket_pixels: RGBImage, made: dict[str, Any]
) -> None:
    rocket = encode(Image.fromarray(rocket_pixels), "PNG")
    page = upload(open_page(), ("a.png", astronaut_bytes), ("bad.png", b"no picture"), ("rocket.png", rocket))
    assert labels(page)[:4] == ["Web page", "PDF", "JSON", "CSV"]
    rows = list(csv.DictReader(io.StringIO(made["deepfake-report-3-files.csv"]().decode("utf-8-sig"))))
    assert [(row["file"], row["verdict"]) for row in rows] == [
        ("a.png", "fake"),
        ("bad.png", ""),
        ("rocket.png", "no_face"),
    ]
    files = json.loads(made["deepfake-report-3-files.json"]())["files"]
    assert [len(file["faces"]) for file in files] == [1, 0, 0]
    assert files[1]["error"] and files[2]["error"] is None


def test_a_clip_has_a_report_with_the_moment_that_was_explained(
    open_page: OpenPage, astronaut_pixels: RGBImage, made: dict[str, Any]
) -> None:
    data = encode_clip(moving(portrait(astronaut_pixels), num_frames=20), fps=10)
    card = make_card(name="fixed", clips=make_clip_rules())
    upload(open_page(patch_brightness(LEFT_HALF), card), ("clip.mp4", data))
    report = json.loads(made["deepfake-report-clip.json"]())
    [file] = report["files"]
    [explanation] = file["clip"]["explanations"]
    assert explanation["whose"].startswith("person 1 at 0:0")
    assert report["frames_per_second"] == 3
    assert file["clip"]["people"][0]["stress"] is None, "the test was not asked for"


def test_a_clip_has_a_report_with_the_stress_test_of_its_people(
    open_page: OpenPage, astronaut_pixels: RGBImage, made: dict[str, Any]
) -> None:
    data = encode_clip(moving(portrait(astronaut_pixels), num_frames=20), fps=10)
    card = make_card(name="fixed", clips=make_clip_rules())
    open_fold(upload(open_page(patch_brightness(LEFT_HALF), card), ("clip.mp4", data)), "Does the result hold")
    [file] = json.loads(made["deepfake-report-clip.json"]())["files"]
    assert [trial["change"] for trial in file["clip"]["people"][0]["stress"]["trials"]] == list(CHANGES)


def test_a_refused_file_alone_offers_nothing(open_page: OpenPage, made: dict[str, Any]) -> None:
    page = upload(open_page(), ("bad.png", b"no picture"))
    assert labels(page) == [] and made == {}


def test_nothing_is_made_before_a_click(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    page = upload(open_page(), ("a.png", astronaut_bytes))
    buttons = [element.proto for element in page.get("download_button")]
    assert buttons and all(button.deferred_file_id and not button.url for button in buttons)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a b.png", "a-b"),
        ("../../etc/passwd", "passwd"),
        ("", "file"),
        ("<script>.png", "script"),
        ("\u7167.png", "\u7167"),
    ],
)
def test_a_download_is_named_after_the_file_in_harmless_letters(name: str, stem: str) -> None:
    assert _stem(name) == stem


def test_a_download_of_a_long_name_is_not_named_as_long() -> None:
    assert len(_stem("x" * 300 + ".png")) == 60
