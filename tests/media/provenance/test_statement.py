"""A file's statement as a value: what it takes, and its way through JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deepfake.media.provenance.statement import CREDENTIALS, INTACT, MOST, XMP, AiMark, Credentials, Provenance

FULL = Provenance(
    camera="Canon EOS R5",
    taken_at="2026:01:02 03:04:05",
    software=("GIMP 3.0", "darktable"),
    ai_marks=(
        AiMark(where=XMP, code="trainedAlgorithmicMedia", is_whole=True),
        AiMark(where=CREDENTIALS, code="compositeSynthetic", is_whole=False),
    ),
    credentials=Credentials(
        state=INTACT,
        signer="A signer",
        program="a program",
        actions=("c2pa.created",),
        num_ingredients=2,
        problems=("x",),
    ),
    other=(("Title", "a title"),),
    unread=("Its XMP record is damaged.",),
)


@pytest.mark.parametrize("statement", [FULL, Provenance()])
def test_a_statement_survives_json(statement: Provenance) -> None:
    assert Provenance.from_dict(json.loads(json.dumps(statement.to_dict()))) == statement


def test_a_file_that_says_nothing_is_silent() -> None:
    assert Provenance().is_silent
    assert not FULL.is_silent
    assert not Provenance(unread=("Its XMP record is damaged.",)).is_silent


@pytest.mark.parametrize(
    "change",
    [
        {"camera": "a\u202eb"},
        {"camera": ""},
        {"taken_at": "two\nlines"},
        {"software": ["x" * 121]},
        {"software": ["x"] * (MOST + 1)},
        {"other": [["name", "\x00"]]},
        {"other": [["name"]]},
        {"unread": ["x" * 300]},
        {"ai_marks": [{"where": "elsewhere", "code": "x", "is_whole": True}]},
        {"ai_marks": [{"where": XMP, "code": 7, "is_whole": True}]},
        {"ai_marks": [{"where": XMP, "code": "x", "is_whole": True}] * (MOST + 1)},
        {"credentials": {"state": "fine", "actions": [], "problems": []}},
        {"credentials": {"state": INTACT, "actions": [], "problems": [], "num_ingredients": "many"}},
        {"credentials": {"state": INTACT, "actions": ["a\nb"], "problems": []}},
        {"further": "field"},
    ],
)
def test_what_a_reader_should_not_say_is_refused(change: dict[str, Any]) -> None:
    values = FULL.to_dict() | change
    with pytest.raises((ValueError, TypeError, KeyError)):
        Provenance.from_dict(values if "further" not in change else change)
