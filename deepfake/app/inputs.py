"""What a person hands in: files, a camera picture, or the example."""

from __future__ import annotations

import io

import streamlit as st

from deepfake.app.results import Upload

FILE_TYPES = ["jpg", "jpeg", "png", "webp", "gif"]
MAX_FILE_MB = 100
EXAMPLE_NAME = "example: astronaut.png"
_EXAMPLE_SHOWN = "example_shown"
_EXAMPLE_BYTES = "example_bytes"


def ask_for_pictures() -> list[Upload]:
    """Show the drop zone, the camera and the example; give what was handed in, in that order."""
    files = st.file_uploader(
        "Pictures: JPEG, PNG, WebP or GIF, several at once",
        type=FILE_TYPES,
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_MB,
        key="files",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.session_state.get(_EXAMPLE_SHOWN, False):
            st.button("Remove the example", icon=":material/close:", on_click=_show_example, args=(False,))
        else:
            st.button("Try an example", icon=":material/person:", on_click=_show_example, args=(True,))
        use_camera = st.toggle("Use the camera", key="use_camera")
    photo = st.camera_input("Take a picture", key="camera") if use_camera else None
    st.caption(
        ":material/lock: Pictures stay on this computer, in memory. Nothing is sent to anyone, nothing is written to "
        "disk, and all is forgotten when this page closes."
    )
    uploads = [Upload.of(file.name, file.getvalue()) for file in files or []]
    if photo is not None:
        uploads.append(Upload.of("camera picture", photo.getvalue()))
    if st.session_state.get(_EXAMPLE_SHOWN, False):
        uploads.append(Upload.of(EXAMPLE_NAME, _example_bytes()))
        st.caption(
            "The example is a real photograph: astronaut Eileen Collins, taken by NASA (public domain; it comes with "
            "scikit-image)."
        )
    return uploads


def _show_example(shown: bool) -> None:
    st.session_state[_EXAMPLE_SHOWN] = shown


def _example_bytes() -> bytes:
    if _EXAMPLE_BYTES not in st.session_state:
        from PIL import Image
        from skimage.data import astronaut

        buffer = io.BytesIO()
        Image.fromarray(astronaut()).save(buffer, "PNG")
        st.session_state[_EXAMPLE_BYTES] = buffer.getvalue()
    data: bytes = st.session_state[_EXAMPLE_BYTES]
    return data
