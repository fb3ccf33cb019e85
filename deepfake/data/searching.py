"""Finding a data set by what its folder holds, in the folder named or a few levels below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from deepfake.errors import FileAccessError, UnknownLayoutError

_MAX_DEPTH = 3
_MAX_SUBFOLDERS = 200
_SHOWN = 12


class Found(Protocol):
    """What a reader makes of a folder."""

    @property
    def layout(self) -> str: ...
    @property
    def root(self) -> Path: ...


SetT = TypeVar("SetT", bound=Found)
Reader = Callable[[Path], SetT | None]


def find_set(folder: Path, readers: Sequence[Reader[SetT]]) -> SetT | None:
    """The one data set in a folder, or None.

    Args:
        folder: The set's folder or one up to three levels above it.
        readers: Each makes a set of a folder, or None of it.

    Raises:
        UnknownLayoutError: There is no such folder, or it holds several sets.
        FileAccessError: A folder may not be read.
    """
    if not folder.is_dir():
        raise UnknownLayoutError(
            f"There is no folder {folder}. Expected a data set's folder. Check the spelling, or download the set."
        )
    try:
        found = list(_search(folder.resolve(), readers))  # resolved: a set is named after its folder, "." is no name
    except PermissionError as error:
        raise FileAccessError(
            f"{error.filename or folder} cannot be read ({error.strerror}). Expected a data set that this user may "
            "open. Change its permissions, or copy it."
        ) from error
    if len({(one.layout, one.root.name) for one in found}) > 1:  # else a second copy, as Kaggle's CIPLAB holds one
        roots = ", ".join(str(one.root) for one in found)
        raise UnknownLayoutError(
            f"The folder {folder} holds several data sets. Expected one. Name each by its own folder: {roots}."
        )
    return found[0] if found else None


def what_is_in(folder: Path) -> str:
    """The names of what a folder holds, for a message."""
    found = sorted(child.name + ("/" if child.is_dir() else "") for child in folder.iterdir())
    shown = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
    return shown or "nothing"


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in a folder, hidden ones left out."""
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def by_lower_name(folder: Path) -> dict[str, Path]:
    """The folders directly in a folder, by name; letter case does not matter."""
    return {child.name.lower(): child for child in subfolders(folder)}


def files_below(folder: Path, extensions: tuple[str, ...]) -> Iterator[Path]:
    """Files with one of the (lower-case) extensions, at any depth, in a fixed order.

    Left out: the `._name` that macOS leaves beside each file on other systems' disks.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in extensions and not path.name.startswith("._") and path.is_file():
            yield path


def _search(folder: Path, readers: Sequence[Reader[SetT]]) -> Iterator[SetT]:
    """Every data set in a folder, the shallowest first; nothing is looked for inside a set."""
    level = [folder]
    for _ in range(_MAX_DEPTH + 1):
        deeper: list[Path] = []
        for candidate in level:
            one = next((found for reader in readers if (found := reader(candidate)) is not None), None)
            if one is not None:
                yield one
            else:
                deeper += subfolders(candidate)[:_MAX_SUBFOLDERS]
        level = deeper
