"""A report for programs, as docs/report.schema.json describes it: the tree of `report.py`, name by name."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from deepfake.reports.report import Report

_DIGITS = 6


def to_json(report: Report) -> bytes:
    """The report as JSON, in ASCII: lone surrogates of undecodable file names are kept as escapes."""
    text = json.dumps(report_dict(report), indent=2, ensure_ascii=True, allow_nan=False)
    return (text + "\n").encode("ascii")


def report_dict(report: Report) -> dict[str, Any]:
    """The report as JSON has it: numbers rounded to six digits, pictures in base64, times in ISO 8601."""
    plain: dict[str, Any] = _plain(report)
    return plain


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return round(value, _DIGITS) if isinstance(value, float) else value
