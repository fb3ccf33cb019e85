"""What all forms of a report have in common: each is known by its ending, and the same report is the same file."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deepfake.errors import FileAccessError
from deepfake.reports.forms import FORMS, form_of
from deepfake.reports.report import Report
from tests.reports.made_reports import SAYS, file_with_a_face, report_on


@pytest.mark.parametrize("ending", FORMS)
def test_the_same_report_is_the_same_file_bit_for_bit(single: Report, astronaut_pixels, ending: str) -> None:
    again = report_on(file_with_a_face(astronaut_pixels, provenance=SAYS))
    first = FORMS[ending].render(single)
    time.sleep(1.1)  # what a clock writes into a file changes by the second
    assert FORMS[ending].render(again) == first


@pytest.mark.parametrize("ending", FORMS)
def test_another_time_is_another_file(single: Report, ending: str) -> None:
    later = replace(single, made_at=single.made_at + timedelta(minutes=1))
    assert FORMS[ending].render(later) != FORMS[ending].render(single)


@pytest.mark.parametrize(("name", "ending"), [("a.html", ".html"), ("b.PDF", ".pdf"), ("c.d.csv", ".csv")])
def test_the_ending_says_the_form(name: str, ending: str) -> None:
    assert form_of(Path(name)) is FORMS[ending]


def test_an_unknown_ending_names_those_there_are() -> None:
    with pytest.raises(FileAccessError, match=r"report\.docx .*\.html, \.pdf, \.json, \.csv"):
        form_of(Path("report.docx"))
