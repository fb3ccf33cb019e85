"""python -m deepfake report: verdicts with all that stands behind them, to keep: HTML, PDF, JSON, CSV."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepfake.commands.collecting import collect_files, refuse_to_overwrite
from deepfake.commands.console import complain, say
from deepfake.commands.loading import load_model_quietly
from deepfake.errors import FileAccessError, InputError
from deepfake.files import read_whole, write_whole
from deepfake.media.detectors import make_detector
from deepfake.reports.forms import FORMS, form_of

if TYPE_CHECKING:
    from deepfake.explain.base import ExplanationSettings

_ALL_JUDGED, _SOME_REFUSED, _NONE_JUDGED = 0, 1, 2


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("report", help="judge and explain files, and write a report to keep")
    parser.add_argument("paths", nargs="+", metavar="FILE_OR_FOLDER")
    parser.add_argument(
        "--out",
        nargs="+",
        type=Path,
        required=True,
        metavar="REPORT",
        help=f"files to write; their endings say the form: {', '.join(FORMS)}",
    )
    parser.add_argument("--model", metavar="NAME", help="see `models`; the default one otherwise")
    parser.add_argument(
        "--no-explanations", action="store_true", help="do not look for the areas that led to a result; much faster"
    )
    parser.add_argument("--no-stress-test", action="store_true", help="do not judge again after mild changes")
    parser.add_argument(
        "--samples", type=int, default=400, help="perturbations of an explanation, see `explain` (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the explanations (default: %(default)s)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the report; 0 when all files were judged, 1 when some were refused, 2 when none could be."""
    paths = collect_files(options.paths)
    if not paths:
        return _NONE_JUDGED
    _refuse_unwritable(options.out, paths)
    settings = None if options.no_explanations else _settings(options)
    from deepfake.analysis import FRAMES_PER_SECOND
    from deepfake.media.provenance.reader import read_provenance
    from deepfake.reports.building import GivenFile, build_report, refused_file
    from deepfake.reports.making import report_on_file

    classifier = load_model_quietly(options.model)
    detector = make_detector(classifier.card.crop.detector)
    files = []
    for number, path in enumerate(paths, start=1):
        complain(f"{number} of {len(paths)}: {path}")
        try:
            data = read_whole(path)
        except InputError as error:
            files.append(refused_file(GivenFile.of(path, None), str(error)))
            continue
        given = GivenFile.of(path, data, provenance=read_provenance(data))
        files.append(
            report_on_file(
                given, classifier, detector=detector, settings=settings, with_stress=not options.no_stress_test
            )
        )
    report = build_report(files, classifier.card, made_at=datetime.now(UTC), frames_per_second=FRAMES_PER_SECOND)
    for out in options.out:
        write_whole(out, form_of(out).render(report))
        say(f"Wrote {out}.")
    num_refused = sum(file.error is not None for file in files)
    if num_refused == len(files):
        return _NONE_JUDGED
    return _SOME_REFUSED if num_refused else _ALL_JUDGED


def _refuse_unwritable(outputs: list[Path], paths: tuple[str, ...]) -> None:
    """Before anything is judged, which may take long."""
    for out in outputs:
        form_of(out)
        if out.is_dir() or not out.parent.is_dir():
            raise FileAccessError(f"{out} cannot be written. Expected a file in a folder that exists.")
    refuse_to_overwrite(outputs, paths)


def _settings(options: argparse.Namespace) -> ExplanationSettings:
    from deepfake.explain.base import ExplanationSettings  # takes a second to load

    return ExplanationSettings(num_samples=options.samples, max_samples=4 * options.samples, seed=options.seed)
