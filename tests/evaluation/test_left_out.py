"""Measurements with a set left out: a round trip, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deepfake.errors import InvalidMeasurementError
from deepfake.evaluation.estimates import Estimate
from deepfake.evaluation.left_out import LeftOut, read_left_out, write_left_out
from tests.fakes import make_left_out, make_left_out_row


def row_as_stored(**changes: Any) -> dict[str, Any]:
    return make_left_out_row().to_dict() | changes


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    written = make_left_out(make_left_out_row(), make_left_out_row(set_name="ffpp", level="clip", split="all"))
    write_left_out(tmp_path / "left_out.json", written)
    assert read_left_out(tmp_path / "left_out.json") == written


def test_the_file_calls_things_as_its_readers_do(tmp_path: Path) -> None:
    write_left_out(tmp_path / "left_out.json", make_left_out(make_left_out_row()))
    values = json.loads((tmp_path / "left_out.json").read_text(encoding="utf-8"))
    assert values["format_version"] == 1
    assert values["rows"][0]["set"] == "ciplab"
    assert values["rows"][0]["in_set"]["140k"] == {"value": 0.8, "low": 0.7, "high": 0.9, "n": 248}


def test_a_file_without_rows_is_whole() -> None:
    assert LeftOut.from_dict({"format_version": 1, "command": "", "rows": []}).rows == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level": "pixel"}, "level 'pixel'.*image, frame, clip"),
        ({"split": "train"}, "split 'train'.*test, valid, all"),
        ({"num_train_crops": 0}, "num_train_crops 0"),
        ({"in_set": {"ciplab": {"value": 0.8, "low": 0.7, "high": 0.9, "n": 5}}}, "'ciplab' among the sets it saw"),
        ({"false_alarm_rate": {"lfw": {"value": 7.0, "low": 6.0, "high": 8.0, "n": 5}}}, "<= 1"),
        ({"auc": {"value": 0.5, "low": 0.6, "high": 0.7, "n": 5}}, "low <= value"),
        ({"auc": {"value": None, "low": None, "high": None, "n": 5}}, "TypeError"),
        ({"auc": 0.7}, "not complete"),
        ({"in_set": None}, "not complete"),
    ],
)
def test_a_row_that_cannot_be_so_is_refused_with_the_reason(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidMeasurementError, match=said):
        LeftOut.from_dict({"format_version": 1, "command": "", "rows": [row_as_stored(**changes)]})


@pytest.mark.parametrize("missing", ["set", "split", "sister", "auc", "in_set", "false_alarm_rate"])
def test_a_missing_field_is_named(missing: str) -> None:
    row = row_as_stored()
    del row[missing]
    with pytest.raises(InvalidMeasurementError, match=f"KeyError: '{missing}'"):
        LeftOut.from_dict({"format_version": 1, "command": "", "rows": [row]})


def test_a_set_counts_once_at_each_level() -> None:
    frames, clips = (make_left_out_row(set_name="ffpp", level=level) for level in ("frame", "clip"))
    assert len(make_left_out(frames, clips).rows) == 2
    with pytest.raises(InvalidMeasurementError, match="'ffpp' twice at the level 'clip'"):
        make_left_out(clips, clips)


@pytest.mark.parametrize("values", [[], {}, None, "text", {"format_version": 1, "rows": [3], "command": ""}])
def test_json_that_is_something_else_is_refused(values: Any) -> None:
    with pytest.raises(InvalidMeasurementError, match=r"left_out\.json"):
        LeftOut.from_dict(values)


def test_another_format_version_is_refused() -> None:
    with pytest.raises(InvalidMeasurementError, match="format version 2"):
        LeftOut.from_dict({"format_version": 2, "command": "", "rows": []})


@pytest.mark.parametrize("data", [b"{", b"\xff", None])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "left_out.json").write_bytes(data)
    with pytest.raises(InvalidMeasurementError, match=r"left_out\.json cannot be read"):
        read_left_out(tmp_path / "left_out.json")


def test_intervals_may_be_missing_where_sources_are_few() -> None:
    few = Estimate(value=0.6, low=None, high=None, n=6)
    row = make_left_out_row(auc=few)
    assert LeftOut.from_dict(make_left_out(row).to_dict()).rows[0].auc == few
