"""An analysis as one line of JSON, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from deepfake.analysis import Analysis, ClipAnalysis, FaceAnalysis
from deepfake.people import Person

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


def clip_record(path: str, analysis: ClipAnalysis) -> dict[str, Any]:
    """What `check --json` writes of a clip that was judged; times in seconds from its first frame."""
    fps, duration_s = analysis.info.fps, analysis.duration_s
    sightings = [(one, person.number) for person in analysis.people for one in person.sightings]
    return {
        "path": path,
        "kind": analysis.kind,
        "verdict": analysis.verdict.verdict,
        "probability": _rounded(analysis.verdict.probability),
        "score": _rounded(analysis.score),
        "faces": [],
        "duration_s": None if duration_s is None else round(duration_s, 3),
        "fps": None if fps is None else round(fps, 3),
        "frames_decoded": analysis.end.num_decoded if analysis.end else 0,
        "frames_judged": len(analysis.frame_times_s),
        "people": [_person_record(person) for person in analysis.people],
        "timeline": [
            {"time_s": round(one.time_s, 3), "person": number, "probability": _rounded(one.probability)}
            for one, number in sorted(sightings, key=lambda pair: (pair[0].time_s, pair[1]))
        ],
        "reasons": [*analysis.verdict.reasons, *analysis.notes],
        "model": analysis.model,
        "error": None,
        "seconds": round(analysis.seconds, 4),
        "stages": {name: round(value, 4) for name, value in asdict(analysis.stages).items()},
    }


def _person_record(person: Person) -> dict[str, Any]:
    return {
        "person": person.number,
        "verdict": person.verdict.verdict,
        "probability": _rounded(person.probability),
        "score": _rounded(person.score),
        "first_s": round(person.first_s, 3),
        "last_s": round(person.last_s, 3),
        "frames": len(person.sightings),
        "frames_counted": person.num_counted,
        "reasons": list(person.verdict.reasons),
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
