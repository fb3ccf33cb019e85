"""An analysis as one line of JSON, for programs."""

from __future__ import annotations

import json
from typing import Any

from deepfake.analysis import Analysis, FaceAnalysis

_DIGITS = 6


def analysis_record(path: str, analysis: Analysis) -> dict[str, Any]:
    """What `check --json` writes of a file that was judged."""
    return {
        "path": path,
        "kind": analysis.kind,
        "verdict": analysis.verdict.verdict,
        "probability": _rounded(analysis.verdict.probability),
        "score": _rounded(analysis.score),
        "faces": [_face_record(face) for face in analysis.faces],
        "reasons": [*analysis.verdict.reasons, *analysis.notes],
        "model": analysis.model,
        "error": None,
        "seconds": round(analysis.seconds, 4),
    }


def refusal_record(path: str, kind: str, model: str, error: str, seconds: float) -> dict[str, Any]:
    """What `check --json` writes of a file that was refused."""
    return {
        "path": path,
        "kind": kind,
        "verdict": None,
        "probability": None,
        "score": None,
        "faces": [],
        "reasons": [],
        "model": model,
        "error": error,
        "seconds": round(seconds, 4),
    }


def to_line(record: dict[str, Any]) -> str:
    """One line, without its end; lone surrogates of undecodable file names are kept as escapes."""
    return json.dumps(record, ensure_ascii=True, allow_nan=False)


def _face_record(face: FaceAnalysis) -> dict[str, Any]:
    return {
        "box": face.face.box.to_list(),
        "detection_score": _rounded(face.face.detection_score),
        "score": _rounded(face.score),
        "probability": _rounded(face.probability),
        "verdict": face.verdict.verdict,
        "reasons": list(face.verdict.reasons),
        "quality": {name: round(value, 3) for name, value in face.quality.to_dict().items()},
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
