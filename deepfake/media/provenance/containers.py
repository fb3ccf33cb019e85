"""What a clip's container says of it: the phone or camera, programs, and XMP. No frame is decoded."""

from __future__ import annotations

import io
from collections.abc import Mapping

import av

from deepfake.media.provenance.notes import Notes
from deepfake.media.provenance.xmp import read_xmp

_MAKERS = ("com.apple.quicktime.make", "com.android.manufacturer", "make")
_MODELS = ("com.apple.quicktime.model", "com.android.model", "model")
_TIMES = ("com.apple.quicktime.creationdate", "creation_time", "date")
_PROGRAMS = ("com.apple.quicktime.software", "software", "encoder", "writing_application", "tool")
_SHOWN = {"title": "Title", "comment": "Comment", "description": "Description", "copyright": "Copyright"}


def read_container(data: bytes, notes: Notes) -> None:
    """Note what a clip's container says. Where it was taken is left alone: that is for nobody to see.

    Args:
        data: The file's bytes.
        notes: Filled.

    Raises:
        Exception: Of any kind, on a damaged file; what was read until then is kept.
    """
    with av.open(io.BytesIO(data), metadata_errors="replace", options={"export_xmp": "1"}) as container:
        _read_entries(container.metadata, notes)
        for stream in container.streams:
            if stream.type == "video":
                notes.note_software(stream.metadata.get("encoder"))


def _read_entries(entries: Mapping[str, str], notes: Notes) -> None:
    lower = {name.lower(): value for name, value in entries.items()}
    if "xmp" in lower:
        read_xmp(lower["xmp"].encode("utf-8", "replace"), notes)
    for name in _MAKERS:
        notes.note_camera(maker=lower.get(name))
    for name in _MODELS:
        notes.note_camera(model=lower.get(name))
    for name in _TIMES:
        notes.note_camera(taken_at=lower.get(name))
    for name in _PROGRAMS:
        notes.note_software(lower.get(name))
    for name, title in _SHOWN.items():
        notes.note_other(title, lower.get(name))
