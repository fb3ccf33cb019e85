"""The table of a batch for spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest

from deepfake.reports.as_csv import COLUMNS, to_csv
from deepfake.reports.report import Report
from tests.reports.made_reports import renamed


def rows_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(report).decode("utf-8-sig"), newline="")))


def test_every_file_has_its_row(batch: Report) -> None:
    face, rocket, bad, clip = rows_of(batch)
    assert tuple(face) == COLUMNS
    assert (face["file"], face["kind"], face["faces_or_people"]) == ("astronaut.png", "image", "1")
    assert face["probability"] == f"{batch.files[0].verdict.probability:.6f}"  # type: ignore[union-attr]
    assert (rocket["verdict"], rocket["probability"], rocket["faces_or_people"]) == ("no_face", "", "0")
    assert (bad["verdict"], bad["faces_or_people"]) == ("", "") and "0 bytes" in bad["error"]
    assert (clip["kind"], clip["faces_or_people"]) == ("clip", "1")
    assert {row["weights_sha256"] for row in (face, rocket, bad, clip)} == {"0" * 64}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum", "\tx"])
def test_no_name_becomes_a_formula(batch: Report, name: str) -> None:
    assert rows_of(renamed(batch, name))[0]["file"] == f"'{name}"


@pytest.mark.parametrize("name", ['a,"b".png', "line\nbreak.png", "\u7167\u7247.png"])
def test_other_names_come_back_as_they_were(batch: Report, name: str) -> None:
    assert rows_of(renamed(batch, name))[0]["file"] == name


def test_a_name_that_is_not_utf_8_is_escaped(batch: Report) -> None:
    assert rows_of(renamed(batch, "a\udcff.png"))[0]["file"] == "a\\udcff.png"
