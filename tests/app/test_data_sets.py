"""Data sets are called by their titles, and only they are."""

from __future__ import annotations

import pytest

from deepfake.app.data_sets import short_title_of, title_of, with_titles


def test_a_set_that_is_not_known_keeps_its_name() -> None:
    assert title_of("my faces") == short_title_of("my faces") == "my faces"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On ciplab, lfw it is weak.", "On CIPLAB, LFW it is weak."),
        ("best on dfdc-faces (0.82)", "best on DFDC (0.82)"),
        ("ciplabs and my-ciplab-copy stay", "ciplabs and my-ciplab-copy stay"),
        ("of 140k it knows nothing", "of 140k it knows nothing"),
        ("ffpp was not among its sets", "ffpp was not among its sets"),
    ],
)
def test_names_on_disk_become_titles_as_whole_words(text: str, expected: str) -> None:
    assert with_titles(text, ["ciplab", "lfw", "dfdc-faces", "140k", "mine"]) == expected


def test_without_known_sets_a_sentence_stays_as_it_is() -> None:
    assert with_titles("On ciplab it is weak.", ["mine"]) == "On ciplab it is weak."
