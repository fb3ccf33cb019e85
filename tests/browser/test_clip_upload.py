"""A clip, as a person meets it: in a real browser, from the drop to a moment, and cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deepfake.media.images import RGBImage
from tests.browser.handling import drop
from tests.clips import encode_clip, moving, portrait
from tests.serving import RunningApp

_SLOW_MS = 60_000  # the first clip waits for TensorFlow


def test_a_clip_leads_to_people_a_timeline_and_a_moment(page: Any, astronaut_pixels: RGBImage) -> None:
    drop(page, ("moving.mp4", encode_clip(moving(portrait(astronaut_pixels), num_frames=100, step_px=1))))
    page.get_by_role("group", name="Verdict").get_by_text("Likely manipulated").wait_for(timeout=_SLOW_MS)
    page.get_by_text("Person 1: Likely manipulated").wait_for()
    page.get_by_text("Seen from 0:00 to 0:03, 12 frames used.").wait_for()
    page.locator("video").wait_for()
    page.get_by_text("What led to the result").or_(page.get_by_text("A map would mislead")).or_(
        page.get_by_text("No area of this face")
    ).first.wait_for(timeout=_SLOW_MS)
    slider = page.get_by_role("slider", name="Moment")
    slider.focus()
    slider.press("Home")
    page.get_by_text("The frame at 0:00.0").wait_for()
    slider.press("ArrowRight")
    page.get_by_text("The frame at 0:00.3").wait_for()

    chart = page.locator("[data-testid=stVegaLiteChart]")
    points = chart.locator("g.mark-symbol path")
    assert points.count() >= 12
    points.nth(11).scroll_into_view_if_needed()
    box = points.nth(11).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_text("The frame at 0:03.6").wait_for()
    page.get_by_test_id("stSliderThumbValue").get_by_text("0:03.6").wait_for()  # the slider follows the chart


def test_cancelling_ends_the_decoder_and_offers_to_judge_again(
    page: Any, app: RunningApp, astronaut_pixels: RGBImage
) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("processes are counted in /proc, which this system does not have")
    frames = moving(portrait(astronaut_pixels), num_frames=600, step_px=0, size_hw=(720, 1280))
    drop(page, ("long.mp4", encode_clip(frames, fps=10)))
    page.get_by_text("searched for faces").first.wait_for(timeout=_SLOW_MS)
    page.get_by_text("So far:").first.wait_for(timeout=_SLOW_MS)
    assert len(app.decoders()) == 1
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Judging was cancelled").wait_for(timeout=10_000)
    page.wait_for_timeout(1000)
    assert app.decoders() == []
    page.get_by_role("button", name="Judge again").click()
    page.get_by_text("searched for faces").first.wait_for(timeout=_SLOW_MS)
