"""The form for programs, held to its schema."""

from __future__ import annotations

import copy
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from deepfake.reports.as_json import report_dict, to_json
from deepfake.reports.report import Report
from tests.reports.made_reports import NASTY, renamed

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "report.schema.json").read_text("utf-8"))


def validate(values: Any) -> None:
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(values)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_batch_with_everything_in_it_follows_the_schema(batch: Report) -> None:
    values = json.loads(to_json(batch))
    validate(values)
    assert [file["kind"] for file in values["files"]] == ["image", "image", "image", "clip"]
    assert values["files"][0]["faces"][0]["stress"]["seed"] == 7
    assert values["files"][0]["provenance"]["credentials"]["state"] == "broken"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("files", 0, "faces", 0, "score"), 1.5),
        (("files", 0, "sha256"), "abc"),
        (("files", 0, "verdict", "verdict"), "authentic"),
        (("files", 0, "error"), "refused all the same"),
        (("files", 0, "further"), 1),
        (("made_at"), "yesterday"),
        (("files"), []),
        (("format_version"), 2),
    ],
)
def test_the_schema_refuses_what_no_report_says(batch: Report, path: Any, value: Any) -> None:
    values = copy.deepcopy(report_dict(batch))
    *parents, last = (path,) if isinstance(path, str) else path
    inner: Any = values
    for step in parents:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(ValidationError):
        validate(values)


def test_the_schema_misses_nothing_that_a_report_says(batch: Report) -> None:
    values = report_dict(batch)
    del values["files"][0]["faces"][0]["explanation"]
    with pytest.raises(ValidationError, match="explanation"):
        validate(values)


def test_pictures_are_whole(batch: Report) -> None:
    picture = report_dict(batch)["files"][0]["picture"]
    assert b64decode(picture["data"]) == batch.files[0].picture.data  # type: ignore[union-attr]


def test_numbers_have_six_digits_and_times_are_in_utc(batch: Report) -> None:
    values = report_dict(batch)
    score = values["files"][0]["faces"][0]["score"]
    assert score == round(batch.files[0].faces[0].score, 6)
    assert values["made_at"] == "2026-11-21T14:30:05Z"


@pytest.mark.parametrize("name", [NASTY, "not utf-8: \udcff"])
def test_any_name_comes_back_as_it_was(batch: Report, name: str) -> None:
    assert json.loads(to_json(renamed(batch, name)))["files"][0]["name"] == name
