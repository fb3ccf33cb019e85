"""Where an archive lies: a folder, a file, or any address that fsspec understands (s3://, gs://, https://...).

fsspec and pyarrow come with `requirements-scale.txt`; this module and its siblings are imported by the command when it
runs, never before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import fsspec

from deepfake.errors import FileAccessError, ScanError
from deepfake.files import MAX_FILE_BYTES
from deepfake.media.clips import CLIP_EXTENSIONS
from deepfake.media.images import IMAGE_EXTENSIONS

EXTENSIONS = (*IMAGE_EXTENSIONS, *CLIP_EXTENSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file to be judged.

    Attributes:
        path: As a person writes it: a path, or a whole address.
        size_bytes: As its place tells; None where it does not.
    """

    path: str
    size_bytes: int | None


def find_files(address: str) -> tuple[list[FoundFile], int]:
    """Every picture and clip at or below an address, by name, and the number of other files there.

    Raises:
        ScanError: There is nothing at the address, it cannot be listed, or a package for it is missing.
    """
    system, root = _open(address)
    try:
        found = system.find(root, detail=True)
    except Exception as error:  # each kind of place fails in its own way
        raise ScanError(
            f"{address} cannot be listed ({type(error).__name__}: {error}). Expected a folder or an address that this "
            "user may list. Check the spelling and the right to read."
        ) from error
    known = {path: about for path, about in found.items() if path.lower().endswith(EXTENSIONS)}
    if not known:
        raise ScanError(
            f"There is nothing to judge in {address}: {len(found)} files, none of which is "
            f"{', '.join(EXTENSIONS)}. Name another folder or address."
        )
    sizes = _sizes(system, known)
    files = [FoundFile(path=_as_written(system, path), size_bytes=sizes[path]) for path in sorted(known)]
    return files, len(found) - len(known)


def fetch(path: str) -> bytes:
    """A file's bytes, wherever it lies.

    Raises:
        FileAccessError: Missing, over the limit of all doors, or not ours to read.
        ScanError: A package for this kind of address is missing.
    """
    system, name = _open(path)
    try:
        size = system.size(name)
        if size is not None and size > MAX_FILE_BYTES:
            raise FileAccessError(
                f"{path} has {size / 1e6:.0f} MB. Expected at most {MAX_FILE_BYTES / 1e6:.0f} MB. Save a smaller copy."
            )
        return bytes(system.cat_file(name))
    except FileNotFoundError as error:
        raise FileAccessError(f"There is no file {path}. It was there when the scan began.") from error
    except FileAccessError:
        raise
    except Exception as error:  # each kind of place fails in its own way, and one file must not end a scan
        raise FileAccessError(
            f"{path} cannot be read ({type(error).__name__}: {error}). Expected a file that this user may open."
        ) from error


def _open(address: str) -> tuple[Any, str]:
    try:
        system, root = fsspec.core.url_to_fs(address)
    except ImportError as error:  # its message names the package: "Install s3fs to access S3"
        raise ScanError(f"{address} needs one more package: {error}. Install it, and start again.") from error
    except ValueError as error:
        raise ScanError(
            f"{address} is not an address that can be read here ({error}). Expected a folder, a file, or an address "
            "such as s3://bucket/folder, gs://bucket/folder or https://host/folder/."
        ) from error
    return system, str(root)


def _sizes(system: Any, found: dict[str, dict[str, Any]]) -> dict[str, int | None]:
    """Listings of web servers tell no sizes; then each file is asked for."""
    silent = [path for path, about in found.items() if about.get("size") is None]
    asked = dict(zip(silent, system.sizes(silent), strict=True)) if silent else {}
    return {path: about["size"] if about.get("size") is not None else asked[path] for path, about in found.items()}


def _as_written(system: Any, path: str) -> str:
    return path if "file" in system.protocol else str(system.unstrip_protocol(path))
