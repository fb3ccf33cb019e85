"""From what was typed to the files that are to be judged."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepfake.commands.console import complain
from deepfake.errors import FileAccessError
from deepfake.media.clips import CLIP_EXTENSIONS
from deepfake.media.images import IMAGE_EXTENSIONS

_EXTENSIONS = (*IMAGE_EXTENSIONS, *CLIP_EXTENSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    paths: tuple[str, ...]
    num_skipped: int


def collect_files(named: Sequence[str]) -> tuple[str, ...]:
    """Files as they were named, and pictures and clips below folders; says what it leaves out."""
    found = _collect(named)
    if found.num_skipped:
        complain(f"Skipped {found.num_skipped} files that are not {', '.join(_EXTENSIONS)}.")
    if not found.paths:
        complain(
            f"There is nothing to judge in {', '.join(named)}. Expected pictures or clips: name a file or a folder."
        )
    return found.paths


def refuse_to_overwrite(outputs: Sequence[Path], paths: Sequence[str]) -> None:
    """So that no file that is to be judged is ever written over.

    Raises:
        FileAccessError: One of the outputs is among the files.
    """
    for output in outputs:
        if output.exists() and any(Path(path).exists() and output.samefile(path) for path in paths):
            raise FileAccessError(f"{output} is itself to be judged, and would be written over. Name another file.")


def _collect(named: Sequence[str]) -> _Found:
    paths: list[str] = []
    num_skipped = 0
    for name in named:
        if not os.path.isdir(name):
            paths.append(name)  # named by hand: always tried, whatever its extension
            continue
        below = list(_files_below(name))
        known = [path for path in below if path.lower().endswith(_EXTENSIONS)]
        paths += known
        num_skipped += len(below) - len(known)
    return _Found(paths=tuple(paths), num_skipped=num_skipped)


def _files_below(folder: str) -> Iterator[str]:
    for current, subfolders, files in os.walk(folder):
        subfolders.sort()
        for file in sorted(files):
            yield os.path.join(current, file)
