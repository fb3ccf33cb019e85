"""The doors that a hostile file goes through. Each takes a case and says what came of it, and never raises.

What is added to the product and takes files, such as a report, is added to `DOORS`, and the corpus goes through it too.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from deepfake.__main__ import main
from deepfake.app.clip_job import ClipInspection, ClipJob
from deepfake.app.results import Inspection, Upload, forget_all_but, inspect_upload
from deepfake.app.wording import literal
from deepfake.classifier.classifier import Classifier
from deepfake.media.clips import is_clip
from tests.hostile.making import Case
from tests.hostile.names import MARKUP, fit_for_disk

_CLIP_S = 240.0
_WOULD_RUN = MARKUP[:3]
_LONGEST_SENTENCES = 700
_NOT_FOR_PEOPLE = re.compile(r"Traceback|\[Errno|0x[0-9a-f]{6}|<class|<[a-z]+ object|site-packages|\.py\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a door made of a case.

    Attributes:
        verdict: None where it was refused.
        refusal: The sentence, or "".
        fault: What is wrong with the door's answer, or "".
    """

    verdict: str | None
    refusal: str
    fault: str = ""


Door = Callable[[Case, Classifier, Path], Outcome]


def unclear(refusal: str) -> str:
    """What keeps a refusal from being a clear sentence for a person; "" where nothing does."""
    if not refusal.isprintable():
        return "it holds control characters or line breaks"
    if not (refusal[:1].isupper() or refusal.startswith("/")) or not refusal.endswith("."):
        return "it is no sentence"
    if len(refusal) > _LONGEST_SENTENCES:
        return f"it has {len(refusal)} characters"
    found = _NOT_FOR_PEOPLE.search(refusal)
    return f"{found.group()!r} says nothing to a person" if found else ""


def check(case: Case, classifier: Classifier, folder: Path) -> Outcome:
    """`python -m deepfake check FILE --json -`, the file lying on disk under the name it was given."""
    path = folder / fit_for_disk(case.name)
    path.write_bytes(case.data)
    said, complained = io.StringIO(), io.StringIO()
    try:
        with (
            patch("deepfake.commands.check.load_model_quietly", return_value=classifier),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(complained),
        ):
            code = main(["check", "--json", "-", "--", str(path)])
    finally:
        path.unlink()
    lines = said.getvalue().splitlines()
    if len(lines) != 1:
        return Outcome(verdict=None, refusal="", fault=f"{len(lines)} lines of JSON")
    record = json.loads(lines[0])
    is_refused = record["error"] is not None
    fault = ""
    if code != (2 if is_refused else 0) or (record["verdict"] is None) != is_refused:
        fault = f"exit code {code} and verdict {record['verdict']!r} do not go with the error {record['error']!r}"
    elif record["path"] != str(path):
        fault = f"another path came back: {record['path']!r}"
    elif complained.getvalue():
        fault = f"it complained: {complained.getvalue()!r}"
    return Outcome(verdict=record["verdict"], refusal=record["error"] or "", fault=fault or _fault_of(record["error"]))


def page(case: Case, classifier: Classifier, folder: Path) -> Outcome:
    """What the page does with an upload, up to the pieces that it shows."""
    del folder  # the page writes nothing
    upload = Upload.of(case.name, case.data)
    if not literal(upload.name).isprintable():
        return Outcome(verdict=None, refusal="", fault="the name is not shown as plain text")
    if is_clip(upload.data):
        job = ClipJob(upload.data, classifier, 3.0)
        if not _watched(job):
            job.cancel()
            return Outcome(verdict=None, refusal="", fault=f"the clip was not judged within {_CLIP_S:.0f} seconds")
        made = job.outcome()
    else:
        with patch("deepfake.app.results.get_classifier", return_value=classifier):
            made = inspect_upload(upload, classifier.card)
        forget_all_but([])
    if isinstance(made, Inspection | ClipInspection):
        return Outcome(verdict=made.analysis.verdict.verdict, refusal="")
    refusal = str(getattr(made, "message", made))
    return Outcome(verdict=None, refusal=refusal, fault=_fault_of(refusal))


def _watched(job: ClipJob) -> bool:
    """Wait as the page does: who looks away for seconds has left."""
    return any(job.wait(0.5) for _ in range(int(_CLIP_S / 0.5)))


def _fault_of(refusal: str | None) -> str:
    wrong = unclear(refusal) if refusal is not None else ""
    return f"{wrong}: {refusal!r}" if wrong else ""


def report(case: Case, classifier: Classifier, folder: Path) -> Outcome:
    """`python -m deepfake report FILE`, as HTML and JSON: no text of the file's or of its name is markup there."""
    path, page_file, record_file = folder / fit_for_disk(case.name), folder / "report.html", folder / "report.json"
    path.write_bytes(case.data)
    told = io.StringIO()
    try:
        with (
            patch("deepfake.commands.report.load_model_quietly", return_value=classifier),
            contextlib.redirect_stdout(told),
            contextlib.redirect_stderr(told),
        ):
            options = ["--no-explanations", "--no-stress-test", "--out", str(page_file), str(record_file)]
            code = main(["report", *options, "--", str(path)])
        if not (page_file.is_file() and record_file.is_file()):
            return Outcome(verdict=None, refusal="", fault=f"it wrote nothing and said {told.getvalue()!r}")
        shown, (record,) = page_file.read_text("utf-8"), json.loads(record_file.read_bytes())["files"]
    finally:
        for written in (path, page_file, record_file):
            written.unlink(missing_ok=True)
    refusal = record["error"] or ""
    verdict = None if refusal else record["verdict"]["verdict"]
    if code != (2 if refusal else 0):
        return Outcome(verdict=verdict, refusal=refusal, fault=f"exit code {code} does not go with {refusal!r}")
    rendered = next((markup for markup in _WOULD_RUN if markup in shown), None)
    fault = f"{rendered!r} is markup in the report" if rendered else _fault_of(record["error"])
    return Outcome(verdict=verdict, refusal=refusal, fault=fault)


DOORS: tuple[Door, ...] = (check, page, report)
