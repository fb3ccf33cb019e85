"""What a person hands in: pictures, clips, a camera picture, or examples."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.examples import choose_examples
from deepfake.app.results import Upload

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

FILE_TYPES = ["jpg", "jpeg", "png", "webp", "gif", "mp4", "mov", "m4v", "avi", "webm", "mkv"]
MAX_FILE_MB = 200
_UPLOADS = "uploads"
_DISK = (
    "nothing is written to disk"
    if hasattr(os, "memfd_create")
    else "a file lies in a private temporary file while it is read, nothing else is written to disk"
)


def ask_for_files() -> list[Upload]:
    """Show the drop zone, examples and the camera; give what was handed in, examples last."""
    files = st.file_uploader(
        "Pictures and video clips, several at once",
        type=FILE_TYPES,
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_MB,
        key="files",
    )
    examples = choose_examples()
    use_camera = st.toggle("Use the camera", key="use_camera")
    photo = st.camera_input("Take a picture", key="camera") if use_camera else None
    st.caption(
        f":material/lock: Pictures and clips stay on this computer, in memory. Nothing is sent to anyone, {_DISK}, and "
        "all is forgotten when this page closes."
    )
    uploads = [_upload_of(file) for file in files or []]
    present = {file.file_id for file in files or []}
    st.session_state[_UPLOADS] = {
        name: one for name, one in st.session_state.get(_UPLOADS, {}).items() if name in present
    }
    if photo is not None:
        uploads.append(Upload.of("camera picture", photo.getvalue()))
    return [*uploads, *examples]


def receive_in_memory() -> None:
    """Have the web server take uploads into memory; on its own it puts those over 1 MB into temporary files."""
    from starlette.formparsers import MultiPartParser

    MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, (MAX_FILE_MB + 1) * 2**20)


def _upload_of(file: UploadedFile) -> Upload:
    """The file with its hash, which of a large one takes long enough to be kept."""
    known: dict[str, Upload] = st.session_state.setdefault(_UPLOADS, {})
    if file.file_id not in known:
        known[file.file_id] = Upload.of(file.name, file.getvalue())
    return known[file.file_id]
