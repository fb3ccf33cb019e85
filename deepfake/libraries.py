"""Which libraries are installed, and which versions this program was tested with."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)==([^\s#;]+)")


def pinned_versions(requirements: Path = _REQUIREMENTS) -> dict[str, str]:
    """Version by library, as `requirements.txt` pins them; empty where there is no such file."""
    if not requirements.is_file():
        return {}
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return {found[1]: found[2] for found in map(_PINNED.match, lines) if found}


def installed_version(library: str) -> str | None:
    """The version that is installed; TensorFlow and OpenCV are also sold under other names."""
    for name in (library, f"{library}-cpu", library.removesuffix("-headless")):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None
