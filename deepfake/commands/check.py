"""python -m deepfake check: the verdicts of the app, without a browser."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any

from deepfake.analysis import FACE_CHOICES, ClipAnalysis, analyze
from deepfake.classifier.classifier import Classifier
from deepfake.commands.collecting import collect_files, refuse_to_overwrite
from deepfake.commands.console import complain, say
from deepfake.commands.loading import load_model_quietly
from deepfake.commands.side_by_side import in_order
from deepfake.data.workers import num_cores
from deepfake.errors import DeepfakeError, FileAccessError
from deepfake.files import read_whole
from deepfake.media.clips import is_clip
from deepfake.media.detectors import Detector, make_detector
from deepfake.reports.annotate import write_annotated
from deepfake.reports.json_lines import analysis_record, clip_record, refusal_record, to_line

_STANDARD_OUTPUT = "-"
_ALL_JUDGED, _SOME_REFUSED, _NONE_JUDGED = 0, 1, 2


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("check", help="judge pictures, clips, and folders of them")
    parser.add_argument("paths", nargs="+", metavar="FILE_OR_FOLDER")
    parser.add_argument("--model", metavar="NAME", help="see `models`; the default one otherwise")
    parser.add_argument("--json", metavar="OUT.jsonl", help="a JSON object a line, written at once; - for the terminal")
    parser.add_argument(
        "--faces",
        choices=FACE_CHOICES,
        default="all",
        help="judge all faces, or only the central largest one, as for data sets (default: %(default)s)",
    )
    parser.add_argument(
        "--annotate", type=Path, metavar="OUT.mp4", help="write the clip with boxes, people and verdicts, without sound"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge everything named; 0 when all were judged, 1 when some were refused, 2 when none could be."""
    paths = collect_files(options.paths)
    if not paths:
        return _NONE_JUDGED
    _refuse_unwritable(options, paths)
    classifier = load_model_quietly(options.model)
    num_refused = 0
    with _open_output(options.json) as output:
        for record in check_files(paths, classifier, faces=options.faces, annotate=options.annotate):
            num_refused += record["error"] is not None
            if output is not None:
                output.write(to_line(record) + "\n")
                output.flush()
            if options.json != _STANDARD_OUTPUT:
                say(_line_for_people(record))
    if num_refused == len(paths):
        return _NONE_JUDGED
    return _SOME_REFUSED if num_refused else _ALL_JUDGED


def check_files(
    paths: Sequence[str], classifier: Classifier, *, faces: str = "all", annotate: Path | None = None
) -> Iterator[dict[str, Any]]:
    """The answers on files, in their order, made on all cores.

    Args:
        paths: Of pictures and clips.
        classifier: Weights with their card.
        faces: As for `analyze_image`.
        annotate: Where to write the clip with boxes, where a clip is the one file.
    """
    detectors = _Detectors(classifier)

    def check_one(path: str) -> dict[str, Any]:
        return _check_one(path, classifier, detectors.mine(), faces, annotate=annotate)

    yield from in_order(check_one, paths, num_workers=num_cores())


class _Detectors:
    """A face finder for each thread: they cannot be shared."""

    def __init__(self, classifier: Classifier) -> None:
        self._settings = classifier.card.crop.detector
        self._of_thread = threading.local()

    def mine(self) -> Detector:
        if not hasattr(self._of_thread, "detector"):
            self._of_thread.detector = make_detector(self._settings)
        detector: Detector = self._of_thread.detector
        return detector


def _refuse_unwritable(options: argparse.Namespace, paths: tuple[str, ...]) -> None:
    """Before anything is judged, and so that no file that is to be judged is ever written over."""
    if options.annotate is not None:
        if len(paths) > 1:
            raise FileAccessError(
                f"--annotate writes one clip, and {len(paths)} files were named. Name one clip alone."
            )
        if options.annotate.suffix.lower() != ".mp4" or not options.annotate.parent.is_dir():
            raise FileAccessError(
                f"--annotate cannot write {options.annotate}. Expected a name that ends in .mp4, in a folder."
            )
    json_file = None if options.json in (None, _STANDARD_OUTPUT) else Path(options.json)
    refuse_to_overwrite([output for output in (options.annotate, json_file) if output is not None], paths)


def _open_output(name: str | None) -> AbstractContextManager[IO[str] | None]:
    if name is None:
        return nullcontext(None)
    if name == _STANDARD_OUTPUT:
        return nullcontext(sys.stdout)
    try:
        return open(name, "w", encoding="utf-8")
    except OSError as error:
        raise FileAccessError(
            f"The answers cannot be written to {name} ({error.strerror}). Expected a file that can be created. "
            "Choose another --json."
        ) from error


def _check_one(
    path: str, classifier: Classifier, detector: Detector, faces: str, *, annotate: Path | None
) -> dict[str, Any]:
    started, kind = time.perf_counter(), "image"
    try:
        data = read_whole(path)
        kind = "clip" if is_clip(data) else kind
        analysis = analyze(data, classifier, faces=faces, detector=detector)
    except DeepfakeError as error:
        return refusal_record(path, kind, classifier.card.name, str(error), time.perf_counter() - started)
    if not isinstance(analysis, ClipAnalysis):
        if annotate is not None:
            complain(f"{path} is a picture, so no clip was written to {annotate}. `explain` draws on pictures.")
        return analysis_record(path, analysis)
    if annotate is not None:
        try:
            complain(f"Wrote {write_annotated(data, analysis, annotate)} frames to {annotate}.")
        except DeepfakeError as error:  # the verdict stands all the same
            complain(str(error))
    return clip_record(path, analysis)


HEADLINES = {
    "fake": "likely manipulated",
    "real": "no sign of manipulation found",
    "uncertain": "inconclusive",
    "no_face": "no face found",
}


def _line_for_people(record: dict[str, Any]) -> str:
    if record["error"] is not None:
        return f"{record['path']}: could not read this file: {record['error']}"
    probability = record["probability"]
    number = "" if probability is None else f" (probability of fake {probability:.2f})"
    return f"{record['path']}: {HEADLINES[record['verdict']]}{number}. {' '.join(record['reasons'])}"
