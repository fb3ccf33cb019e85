"""Python and the libraries, against those that were tested."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from deepfake.doctor.findings import Finding, fault, fine, note
from deepfake.libraries import installed_version, pinned_versions

_TESTED_PYTHON = ((3, 11), (3, 12))
_INSTALL = "Install what requirements.txt names: python -m pip install -r requirements.txt"
_NAMED = ("tensorflow", "keras", "opencv-python-headless", "streamlit")


def check_python(running: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Python itself."""
    tested = " and ".join(f"{major}.{minor}" for major, minor in _TESTED_PYTHON)
    said = f"Python {running[0]}.{running[1]}"
    if running not in _TESTED_PYTHON:
        return fault(
            f"{said} runs this program. Expected {tested}, for which its libraries are pinned. Install it again."
        )
    return fine(f"{said}; tested with {tested}.")


def check_libraries(tested: Mapping[str, str] | None = None) -> list[Finding]:
    """Every library that `requirements.txt` pins: missing ones are faults, other versions notes.

    Args:
        tested: Version by library; those of `requirements.txt` by default.
    """
    wanted = pinned_versions() if tested is None else tested
    if not wanted:
        return [note("There is no requirements.txt beside the package, so versions cannot be compared.")]
    found = {library: installed_version(library) for library in wanted}
    findings = [fault(f"{library} is not installed. {_INSTALL}") for library in wanted if found[library] is None]
    findings += [
        note(f"{library} {found[library]} is installed, and {version} was tested. {_INSTALL}")
        for library, version in wanted.items()
        if found[library] not in (None, version)
    ]
    if not findings:
        named = ", ".join(f"{library} {found[library]}" for library in _NAMED if library in found)
        findings.append(fine(f"All {len(wanted)} libraries are there as tested: {named} and the others."))
    return findings
