"""Reports to keep: buttons that make one when they are clicked, of one file or of all.

A report holds what is known by then; what was not looked into is not made for it, and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.clip_job import Cancelled, ClipInspection
from deepfake.app.explanations import ExplainedFace, parts_explained
from deepfake.app.provenance_part import statement_of
from deepfake.app.results import Inspection, Refusal, Upload
from deepfake.app.stress_part import stress_of
from deepfake.reports.forms import FORMS, Form

if TYPE_CHECKING:
    from deepfake.app.options import Options
    from deepfake.classifier.card import Card
    from deepfake.explain.stress import StressTest
    from deepfake.media.provenance.statement import Provenance
    from deepfake.reports.explained import Explained
    from deepfake.reports.report import FileReport, Report

Outcome = Inspection | ClipInspection | Refusal | Cancelled
_TABLE = ".csv"  # of several files alone
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What the page knows of a file beside its verdict, by the time it is asked; asking needs no session.

    Attributes:
        parts: Explanations, by part of the file.
        stress: Stress tests, by number of the face or person.
        statement: What the file says of itself.
    """

    parts: Callable[[], Mapping[Hashable, ExplainedFace]]
    stress: Callable[[], Mapping[int, StressTest]]
    statement: Callable[[], Provenance | None]


def offer_report(
    uploads: Sequence[Upload], outcomes: Sequence[Outcome], card: Card, options: Options, *, key: str
) -> None:
    """Offer a report in each of its forms.

    Args:
        uploads: Of one file, or of all.
        outcomes: What came of each; files whose judging was cancelled are left out.
        card: Of the model.
        options: As chosen in the sidebar.
        key: Sets the buttons apart from those of other files.
    """
    judged = [(upload, one) for upload, one in zip(uploads, outcomes, strict=True) if not isinstance(one, Cancelled)]
    if not judged:
        return
    findings = [_findings(upload, one, card, options) for upload, one in judged]
    make = partial(_make, judged, findings, card, options.frames_per_second)
    forms = {ending: form for ending, form in FORMS.items() if ending != _TABLE or len(uploads) > 1}
    stem = _stem(judged[0][0].name) if len(uploads) == 1 else f"{len(judged)}-files"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Report to keep:", width="content")
        for ending, form in forms.items():
            st.download_button(
                form.title,
                data=_rendered(make, form),
                file_name=f"deepfake-report-{stem}{ending}",
                mime=form.media_type,
                key=f"report-{key}-{ending}",
                on_click="ignore",
                icon=":material/download:",
            )


def _findings(
    upload: Upload, outcome: Inspection | ClipInspection | Refusal, card: Card, options: Options
) -> _Findings:
    rate = options.frames_per_second if isinstance(outcome, ClipInspection) else None
    return _Findings(
        parts=parts_explained(upload, card, options.explanation),
        stress=stress_of(upload, card, rate),
        statement=statement_of(upload),
    )


def _rendered(make: Callable[[], Report], form: Form) -> Callable[[], bytes]:
    """What a click runs, beside the page: it must not ask the session for anything."""
    return lambda: form.render(make())


def _make(
    judged: Sequence[tuple[Upload, Inspection | ClipInspection | Refusal]],
    findings: Sequence[_Findings],
    card: Card,
    frames_per_second: float,
) -> Report:
    from deepfake.reports.building import build_report

    files = [
        _file(upload, outcome, card, found, frames_per_second)
        for (upload, outcome), found in zip(judged, findings, strict=True)
    ]
    return build_report(files, card, made_at=datetime.now(UTC), frames_per_second=frames_per_second)


def _file(
    upload: Upload,
    outcome: Inspection | ClipInspection | Refusal,
    card: Card,
    found: _Findings,
    frames_per_second: float,
) -> FileReport:
    from deepfake.reports.building import GivenFile, clip_file, image_file, refused_file
    from deepfake.reports.suspicion import Moment

    given = GivenFile(name=upload.name, data=upload.data, sha256=upload.sha256, provenance=found.statement())
    if isinstance(outcome, Refusal):
        return refused_file(given, outcome.message)
    parts, tests = found.parts(), found.stress()
    if isinstance(outcome, Inspection):
        faces = {part: _explained(made) for part, made in parts.items() if isinstance(part, int)}
        stress = {number - 1: test for number, test in tests.items()}
        return image_file(given, outcome.analysis, card, explained=faces, stress=stress)
    moments = {}
    for part, made in parts.items():
        match part:
            case (rate, int(frame), int(person)) if rate == frames_per_second:  # see `moments.explained_part`
                moments[Moment(frame=frame, person=person)] = _explained(made)
    return clip_file(given, outcome.analysis, card, frames=outcome.frames, explained=moments, stress=tests)


def _explained(made: ExplainedFace) -> Explained:
    from deepfake.reports.explained import Explained

    return Explained(explanation=made.explanation, check=made.check)


def _stem(name: str) -> str:
    """A file's name without its ending, in letters that every system takes."""
    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in PurePath(name).stem)
    return stem[:_LONGEST_NAME].strip("-") or "file"
