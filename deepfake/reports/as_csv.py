"""The table of a batch for spreadsheets: one row a file."""

from __future__ import annotations

import csv
import io

from deepfake.reports.report import FileReport, Report

COLUMNS = (
    "file",
    "sha256",
    "kind",
    "verdict",
    "probability",
    "score",
    "faces_or_people",
    "reasons",
    "error",
    "model",
    "weights_sha256",
    "made_at",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(report: Report) -> bytes:
    """The report's files as CSV in UTF-8, with the mark by which spreadsheets know it.

    A text from outside that a spreadsheet would run as a formula gets an apostrophe in front; the JSON form has it
    unchanged.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for file in report.files:
        writer.writerow(_row(file, report))
    return buffer.getvalue().encode("utf-8-sig", "backslashreplace")


def _row(file: FileReport, report: Report) -> list[str]:
    verdict = file.verdict
    return [
        _text(file.name),
        file.sha256 or "",
        file.kind,
        verdict.verdict if verdict else "",
        _number(verdict.probability if verdict else None),
        _number(file.score),
        str(file.num_faces) if verdict else "",
        _text(" ".join((*verdict.reasons, *file.notes)) if verdict else ""),
        _text(file.error or ""),
        _text(report.model.name),
        report.model.weights_sha256,
        report.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ]


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"
