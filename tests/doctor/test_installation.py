"""Versions against those that were tested."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepfake.doctor.installation import check_libraries, check_python
from deepfake.libraries import installed_version, pinned_versions


def test_the_requirements_are_read_without_their_remarks(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# What\n-c constraints.txt\nnumpy==2.4.6\nav==18.1.0   # FFmpeg\nloose>=1\n", encoding="utf-8")
    assert pinned_versions(file) == {"numpy": "2.4.6", "av": "18.1.0"}
    assert pinned_versions(tmp_path / "none.txt") == {}


def test_a_library_is_found_under_its_other_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def version(name: str) -> str:
        if name != "tensorflow-cpu":
            raise PackageNotFoundError(name)
        return "2.21.0"

    monkeypatch.setattr("deepfake.libraries.version", version)
    assert installed_version("tensorflow") == "2.21.0"
    assert installed_version("keras") is None


def test_a_missing_library_is_a_fault_and_another_version_a_note() -> None:
    missing, other = check_libraries({"numpy": "0.1", "no-such-library": "1.0"})
    assert missing.grade == "fault"
    assert "no-such-library is not installed" in missing.sentence
    assert "pip install -r requirements.txt" in missing.sentence
    assert other.grade == "note"
    assert f"numpy {np.__version__} is installed, and 0.1 was tested" in other.sentence


def test_libraries_as_tested_are_fine() -> None:
    (found,) = check_libraries({"numpy": np.__version__})
    assert found.grade == "fine"


@pytest.mark.parametrize(("running", "grade"), [((3, 10), "fault"), ((3, 11), "fine"), ((3, 12), "fine"),
                                                ((3, 13), "fault")])  # fmt: skip
def test_python_is_one_of_the_tested_ones(running: tuple[int, int], grade: str) -> None:
    assert check_python(running).grade == grade
