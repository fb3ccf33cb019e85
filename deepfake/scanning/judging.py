"""What a worker does: it takes a batch of files, judges each content once, and gives a row a file back."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2

from deepfake.analysis import ClipAnalysis, analyze
from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named
from deepfake.classifier.quiet import without_native_notes
from deepfake.errors import DeepfakeError, ScanError
from deepfake.media.clips import is_clip
from deepfake.media.detectors import Detector, make_detector
from deepfake.reports.json_lines import analysis_record, clip_record, refusal_record, to_line
from deepfake.scanning.sources import fetch

Row = dict[str, Any]  # a line of the results, by the names of `parts.SCHEMA`
_ONE_AT_A_TIME = threading.Lock()  # a face finder belongs to one thread; workers have one, unless started otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How every worker judges.

    Attributes:
        model: Its name in the worker's own folder of models.
        weights_sha256: Of its weights; a worker that has others refuses.
        faces: As in `analyze`.
    """

    model: str
    weights_sha256: str
    faces: str


def judge_batch(paths: Sequence[str], batch: int, orders: Orders) -> list[Row]:
    """Judge files that may be copies of each other.

    A copy gets the answer that its first one got and that one's path as `duplicate_of`. A file that cannot be read
    gets a row that says why, and so does one on which our own code fails: of one file in millions. Dask could not even
    send every failure back, and the scan would wait for its answer.

    Raises:
        ModelError: The worker has no such model.
        ScanError: It has another one by that name.
    """
    with _ONE_AT_A_TIME:
        classifier, detector = _loaded(orders)
        first_rows: dict[str, Row] = {}
        return [_judge(path, batch, orders.faces, classifier, detector, first_rows) for path in paths]


@lru_cache(maxsize=1)
def _loaded(orders: Orders) -> tuple[Classifier, Detector]:
    """One model a worker, kept from batch to batch."""
    cv2.setNumThreads(1)  # a worker a core: the cores are shared out already
    with without_native_notes():
        classifier = load_model_named(orders.model)
    if classifier.card.weights_sha256 != orders.weights_sha256:
        raise ScanError(
            f"A worker's model {orders.model} has sha256 {classifier.card.weights_sha256[:12]}..., but the scan began "
            f"with {orders.weights_sha256[:12]}.... Expected the same model on every machine. Copy the folder over."
        )
    return classifier, make_detector(classifier.card.crop.detector)


def _judge(
    path: str, batch: int, faces: str, classifier: Classifier, detector: Detector, first_rows: dict[str, Row]
) -> Row:
    started, kind = time.perf_counter(), "image"
    sha256, size_bytes = None, None
    try:
        data = fetch(path)
        sha256, size_bytes = hashlib.sha256(data).hexdigest(), len(data)
        if sha256 in first_rows:
            seconds = round(time.perf_counter() - started, 4)
            first = first_rows[sha256]
            return first | {"path": _shown(path), "duplicate_of": first["path"], "seconds": seconds}
        kind = "clip" if is_clip(data) else kind
        analysis = analyze(data, classifier, faces=faces, detector=detector)
    except DeepfakeError as error:
        record = refusal_record(
            _shown(path), kind, classifier.card.name, _shown(str(error)), time.perf_counter() - started
        )
    except Exception as error:  # noqa: BLE001 - one file of millions would end the scan, each time it is gone on with
        reason = f"This file could not be judged, for a reason not foreseen ({type(error).__name__}: {error})."
        record = refusal_record(_shown(path), kind, classifier.card.name, _shown(reason), time.perf_counter() - started)
    else:
        if isinstance(analysis, ClipAnalysis):
            record = clip_record(_shown(path), analysis)
        else:
            record = analysis_record(_shown(path), analysis)
    row = row_of(record, sha256=sha256, size_bytes=size_bytes, batch=batch)
    if sha256 is not None:
        first_rows[sha256] = row
    return row


def refused(path: str, batch: int, reason: str) -> Row:
    """The row of a file that no worker could judge."""
    return row_of(refusal_record(_shown(path), "image", "", reason, 0.0), sha256=None, size_bytes=None, batch=batch)


def row_of(record: dict[str, Any], *, sha256: str | None, size_bytes: int | None, batch: int) -> Row:
    """The row of a file, from what `check --json` writes of it."""
    return {
        "path": record["path"],
        "kind": record["kind"],
        "verdict": record["verdict"],
        "probability": record["probability"],
        "score": record["score"],
        "num_faces": len(record.get("people", record["faces"])),
        "reasons": record["reasons"],
        "model": record["model"],
        "error": record["error"],
        "seconds": record["seconds"],
        "sha256": sha256,
        "size_bytes": size_bytes,
        "duplicate_of": None,
        "details": to_line(record),
        "batch": batch,
    }


def _shown(text: str) -> str:
    r"""A path, or a sentence that names it; bytes that are no UTF-8 as \xe9, since Parquet takes UTF-8 alone."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
