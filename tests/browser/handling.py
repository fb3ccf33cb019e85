"""What a person does on the page: hand in a file, choose from a list."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Any


def drop(page: Any, *files: tuple[str, bytes]) -> None:
    """Hand in files, each a name and its bytes, all at once."""
    page.locator("input[type=file]").first.set_input_files(
        [{"name": name, "mimeType": guess_type(name)[0], "buffer": data} for name, data in files]
    )


def choose(page: Any, label: str, option: str) -> None:
    """Choose from a list."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()


def weigh_areas_one_by_one(page: Any) -> None:
    """Have explanations that leave nothing to chance: there is a map, and it is drawn once."""
    page.get_by_text("Advanced").click()
    choose(page, "How areas are weighed", "One by one (occlusion)")
