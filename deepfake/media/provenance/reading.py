"""From a file's bytes to its statement.

Runs in a process of its own (see `reader.py`): whatever a hostile file does, it does it there.
"""

from __future__ import annotations

from collections.abc import Callable

from deepfake.media.clips import is_animation, is_clip
from deepfake.media.provenance.containers import read_container
from deepfake.media.provenance.credentials import read_credentials
from deepfake.media.provenance.notes import Notes
from deepfake.media.provenance.pictures import read_picture
from deepfake.media.provenance.statement import Provenance


def read_statement(data: bytes) -> Provenance:
    """All that a file says of itself.

    Args:
        data: Of a picture or a clip.
    """
    notes = Notes()
    is_container = is_clip(data) and not is_animation(data)
    _try(read_container if is_container else read_picture, data, notes)
    mime = _mime(data)
    if mime is not None:
        _try(lambda whole, into: read_credentials(whole, mime, into), data, notes)
    return notes.statement()


def _try(read: Callable[[bytes, Notes], None], data: bytes, notes: Notes) -> None:
    try:
        read(data, notes)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - damaged files raise nearly anything; the rest is still read
        notes.unread.append("A part of what it says of itself is damaged.")


def _mime(data: bytes) -> str | None:
    """The type of a file that can hold content credentials, by its first bytes."""
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:3] == b"GIF":
        return "image/gif"
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/avi"}.get(data[8:12])
    return "video/mp4" if data[4:8] == b"ftyp" else None
