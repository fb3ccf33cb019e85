"""Handing a file to the page, as a person who drops it there does."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Any


def drop(page: Any, *files: tuple[str, bytes]) -> None:
    """Hand in files, each a name and its bytes, all at once."""
    page.locator("input[type=file]").first.set_input_files(
        [{"name": name, "mimeType": guess_type(name)[0], "buffer": data} for name, data in files]
    )
