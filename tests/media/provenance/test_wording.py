"""A file's statement in words: known statements, known sentences."""

from __future__ import annotations

import pytest

from deepfake.media.provenance.statement import (
    BROKEN,
    CREDENTIALS,
    EXIF,
    INTACT,
    PNG_TEXT,
    SIGNATURE_STATES,
    XMP,
    AiMark,
    Credentials,
    Provenance,
)
from deepfake.media.provenance.wording import SIGNATURES, facts, mark_words, summary


def mark(where: str = XMP, code: str = "trainedAlgorithmicMedia", *, is_whole: bool = True) -> AiMark:
    return AiMark(where=where, code=code, is_whole=is_whole)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Provenance(), "The file says nothing about where it comes from. That proves nothing."),
        (Provenance(camera="A"), "The file names the camera that took it."),
        (Provenance(camera="A", software=("B",)), "The file names a camera and the programs that it went through."),
        (Provenance(software=("B",)), "The file says a little about where it comes from."),
        (
            Provenance(camera="A", ai_marks=(mark(),)),
            "The file itself says that it was made by an AI generator, not by a camera.",
        ),
        (
            Provenance(ai_marks=(mark(code="algorithmicMedia"),)),
            "The file itself says that it was made by a generator, not by a camera.",
        ),
        (
            Provenance(ai_marks=(mark(is_whole=False),)),
            "The file itself says that an AI generator took part in making it.",
        ),
        (
            Provenance(credentials=Credentials(state=BROKEN)),
            "The file was sealed with content credentials and changed afterwards.",
        ),
        (
            Provenance(credentials=Credentials(state=INTACT)),
            "The file carries content credentials: a signed record of how it was made.",
        ),
    ],
)
def test_the_weightiest_thing_is_said_first(said: Provenance, sentence: str) -> None:
    assert summary(said) == sentence


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (mark(), "made by an AI generator (“trainedAlgorithmicMedia” in its XMP)"),
        (
            mark(CREDENTIALS, is_whole=False),
            "a part of it was made by an AI generator (“trainedAlgorithmicMedia” in its content credentials)",
        ),
        (mark(PNG_TEXT, "parameters"), "holds the settings of an image generator (“parameters” in its PNG text)"),
        (mark(EXIF, "UserComment"), "holds the settings of an image generator (“UserComment” in its EXIF)"),
        (mark(XMP, "Midjourney"), "names an AI system (“Midjourney” in its XMP)"),
    ],
)
def test_a_mark_is_told_with_its_place(given: AiMark, words: str) -> None:
    assert mark_words(given) == words


def test_every_state_of_a_seal_has_its_words() -> None:
    assert SIGNATURES.keys() == set(SIGNATURE_STATES)


def test_facts_stand_by_their_weight_and_only_where_there_are_any() -> None:
    said = Provenance(
        camera="A",
        ai_marks=(mark(),),
        credentials=Credentials(state=INTACT, signer="S", num_ingredients=1),
        other=(("Title", "T"),),
        unread=("Its XMP record is damaged.",),
    )
    assert [name for name, _ in facts(said)] == [
        "Mark of a generator",
        "Content credentials",
        "Signed by",
        "Made from",
        "Camera",
        "Title",
        "Not read",
    ]
    assert ("Made from", "1 other file") in facts(said)
    assert facts(Provenance()) == []
