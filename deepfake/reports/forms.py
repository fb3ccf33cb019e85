"""The forms that a report comes in, by the ending of its file. Each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from deepfake.errors import FileAccessError

if TYPE_CHECKING:
    from deepfake.reports.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of a report.

    Attributes:
        title: As a button says it.
        media_type: Of its file.
        render: From a report to the bytes of the file.
    """

    title: str
    media_type: str
    render: Callable[[Report], bytes]


def _html(report: Report) -> bytes:
    from deepfake.reports.html import to_html

    return to_html(report)


def _pdf(report: Report) -> bytes:
    from deepfake.reports.pdf import to_pdf

    return to_pdf(report)


def _json(report: Report) -> bytes:
    from deepfake.reports.as_json import to_json

    return to_json(report)


def _csv(report: Report) -> bytes:
    from deepfake.reports.as_csv import to_csv

    return to_csv(report)


FORMS = {
    ".html": Form(title="Web page", media_type="text/html", render=_html),
    ".pdf": Form(title="PDF", media_type="application/pdf", render=_pdf),
    ".json": Form(title="JSON", media_type="application/json", render=_json),
    ".csv": Form(title="CSV", media_type="text/csv", render=_csv),
}


def form_of(path: PurePath) -> Form:
    """The form that a file's ending asks for.

    Raises:
        FileAccessError: None does.
    """
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise FileAccessError(
            f"{path} does not say what form the report shall have. Expected a name that ends in {', '.join(FORMS)}."
        )
    return form
