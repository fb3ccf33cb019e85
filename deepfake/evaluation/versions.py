"""Which versions of which libraries are at work: on cards and in reports."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_LIBRARIES = ("tensorflow", "keras", "numpy", "opencv-python-headless", "scikit-learn", "lime", "scikit-image")


def library_versions() -> dict[str, str]:
    """The installed versions of all libraries that move a number, and of Python, by name."""
    return {library: _version(library) for library in _LIBRARIES} | {"python": platform.python_version()}


def _version(library: str) -> str:
    """The installed version; TensorFlow and OpenCV are also sold under other names."""
    for name in (library, f"{library}-cpu", library.removesuffix("-headless")):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"
