"""Which versions of which libraries are at work: on cards and in reports."""

from __future__ import annotations

import platform

from deepfake.libraries import installed_version

_LIBRARIES = ("tensorflow", "keras", "numpy", "opencv-python-headless", "scikit-learn", "lime", "scikit-image")
_ON_SOME_SYSTEMS = ("ai-edge-litert",)


def library_versions() -> dict[str, str]:
    """The installed versions of all libraries that move a number, and of Python, by name."""
    found = {library: installed_version(library) or "unknown" for library in _LIBRARIES}
    found |= {library: known for library in _ON_SOME_SYSTEMS if (known := installed_version(library))}
    return found | {"python": platform.python_version()}
