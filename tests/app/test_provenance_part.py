"""What a file says of itself, on the page: apart from the verdict, and harmless whatever it says."""

from __future__ import annotations

import pytest

from deepfake.media.provenance.statement import CREDENTIALS, INTACT, XMP, AiMark, Credentials, Provenance
from tests.app.conftest import OpenPage
from tests.app.driving import all_text, html_of, upload, verdict_of
from tests.fakes import constant

READER = "deepfake.media.provenance.reader.read_provenance"
BY_AI = Provenance(ai_marks=(AiMark(where=XMP, code="trainedAlgorithmicMedia", is_whole=True),))


def test_a_file_that_says_nothing_proves_nothing(open_page: OpenPage, astronaut_bytes: bytes) -> None:
    text = all_text(upload(open_page(), ("a.png", astronaut_bytes)))
    assert "says nothing about where it comes from. That proves nothing." in text
    assert "that something is missing proves nothing" in text


def test_a_mark_of_ai_is_said_at_once_as_the_files_own_word_and_leaves_the_verdict_alone(
    open_page: OpenPage, astronaut_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(READER, lambda data: BY_AI)
    page = upload(open_page(constant(0.1)), ("a.png", astronaut_bytes))
    [notice] = [one.value for one in page.info if "itself says" in one.value]
    assert "made by an AI generator" in notice
    assert "did not check" in notice
    assert "No sign of manipulation found" in verdict_of(page)


def test_hostile_texts_are_shown_as_text(
    open_page: OpenPage, astronaut_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "<img src=x onerror=alert(1)> **bold** [a](javascript:b) :red[c]"
    said = Provenance(
        camera=evil,
        software=(evil,),
        other=((evil, evil),),
        credentials=Credentials(state=INTACT, signer=evil, actions=(evil,)),
        ai_marks=(AiMark(where=CREDENTIALS, code=evil, is_whole=False),),
    )
    monkeypatch.setattr(READER, lambda data: said)
    page = upload(open_page(), ("a.png", astronaut_bytes))
    assert "<img src=x" not in "".join(html_of(page))
    assert "&lt;img src=x onerror=alert(1)&gt;" in "".join(html_of(page))
    assert "javascript:b" not in all_text(page)  # nothing of it is Markdown
    assert not any("javascript:b" in box.label for box in page.expander)


def test_a_file_is_read_once_and_forgotten_with_it(
    open_page: OpenPage, astronaut_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def read(data: bytes) -> Provenance:
        asked.append(len(data))
        return BY_AI

    monkeypatch.setattr(READER, read)
    page = upload(open_page(), ("a.png", astronaut_bytes))
    page.run()
    assert asked == [len(astronaut_bytes)]
    page.file_uploader(key="files").set_value([]).run()
    page.run()
    assert not page.session_state["statements"]


def test_a_picture_without_a_face_may_still_say_where_it_comes_from(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.media.provenance.marked_files import plain_picture

    monkeypatch.setattr(READER, lambda data: BY_AI)
    page = upload(open_page(), ("a.jpg", plain_picture()))
    assert "No face found" in verdict_of(page)
    assert "made by an AI generator" in all_text(page)


def test_a_clip_says_what_its_file_says(
    open_page: OpenPage,
    one_person: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(READER, lambda data: Provenance(camera="Apple iPhone 15"))
    page = upload(open_page(), ("a.mp4", one_person))
    assert "names the camera that took it" in all_text(page)
    assert "Apple iPhone 15" in "".join(html_of(page))
