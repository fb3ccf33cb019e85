"""Files read and written whole: with clear refusals, and never half of one left behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deepfake.errors import FileAccessError

MAX_FILE_BYTES = 200_000_000
_LONGEST_STEM = 25  # letters of at most four bytes, of the 255 that a name may have


def read_whole(path: str | Path) -> bytes:
    """A file's bytes.

    Raises:
        FileAccessError: Missing, not a regular file, over `MAX_FILE_BYTES`, or not ours to read.
    """
    file = Path(path)
    try:
        if not file.exists():
            raise FileAccessError(f"There is no file {path}. Check the spelling.")
        if not file.is_file():
            raise FileAccessError(f"{path} is not a regular file. Expected a picture.")
        size = file.stat().st_size
        if size > MAX_FILE_BYTES:
            raise FileAccessError(
                f"{path} has {size / 1e6:.0f} MB. Expected at most {MAX_FILE_BYTES / 1e6:.0f} MB. Save a smaller copy."
            )
        return file.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise FileAccessError(f"{path} cannot be read ({why}). Expected a file that this user may open.") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never half.

    Raises:
        FileAccessError: The place cannot be written.
    """
    try:
        with begun_beside(path) as scratch:
            scratch.write_bytes(data)
    except OSError as error:
        raise FileAccessError(
            f"{path} cannot be written ({error.strerror}). Expected a folder that exists and has room. Choose another "
            "place."
        ) from error


@contextmanager
def begun_beside(path: Path) -> Iterator[Path]:
    """A file to be written in the place of another, which it takes when the block ends without an error.

    Otherwise it goes: on a full disk what was begun would take the last room.

    Raises:
        OSError: It cannot take the place.
    """
    scratch = scratch_beside(path)
    try:
        yield scratch
        scratch.replace(path)
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def scratch_beside(path: Path) -> Path:
    """Where a file is begun before it takes its place: hidden, and with a name that is short enough for any disk.

    Always the same for the same file, so that what a kill left there goes with the next write.
    """
    mark = hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return path.with_name(f".{path.stem[:_LONGEST_STEM]}.{mark}.partial{path.suffix[:_LONGEST_STEM]}")


@contextmanager
def hold_alone(lock: Path) -> Iterator[bool]:
    """Whether this run is the only one that holds a lock file, which a killed run gives back.

    Always True where the system cannot tell (Windows).
    """
    try:
        import fcntl
    except ImportError:
        yield True
        return
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
