"""The part "Why" in a real browser: the explanation of a picture, also on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.handling import drop, weigh_areas_one_by_one

_SLOW_MS = 120_000  # the first picture waits for TensorFlow


@pytest.mark.parametrize("width_px", [1280, 380])
def test_a_picture_leads_to_a_map_a_table_and_a_test_within_the_width_of_the_screen(
    page: Any, astronaut_bytes: bytes, width_px: int
) -> None:
    weigh_areas_one_by_one(page)
    page.set_viewport_size({"width": width_px, "height": 900})
    drop(page, ("face.png", astronaut_bytes))
    page.get_by_text("What led to the result").wait_for(timeout=_SLOW_MS)
    page.get_by_text("not proof of tampering").wait_for(timeout=_SLOW_MS)
    page.get_by_text("leaves nothing to chance").wait_for()
    page.get_by_role("columnheader", name="Where").wait_for()
    overlay = page.get_by_alt_text("The same crop with the areas marked")
    before = overlay.get_attribute("src")
    slider = page.get_by_role("slider", name="Strength of the colors")
    slider.focus()
    slider.press("Home")
    page.get_by_test_id("stSliderThumbValue").get_by_text("0 %", exact=True).wait_for()
    page.wait_for_function("([image, before]) => image.src !== before", arg=[overlay.element_handle(), before])
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
