"""The stress test and the reports in a real browser: asked for with a click, kept as files, read as a page."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from deepfake.explain.stress import CHANGES
from tests.browser.handling import drop, weigh_areas_one_by_one
from tests.conftest import REPO

_SLOW_MS = 120_000  # the first picture waits for TensorFlow
_ASK = "Does the result hold"


def keep(page: Any, form: str, folder: Path) -> Path:
    """Click a report's button and wait for the file."""
    with page.expect_download(timeout=_SLOW_MS) as waited:
        page.get_by_role("button", name=form, exact=True).click()
    path = folder / waited.value.suggested_filename
    waited.value.save_as(path)
    return path


@pytest.fixture
def judged(page: Any, astronaut_bytes: bytes) -> Any:
    """The page with a picture that was judged, explained and tested."""
    weigh_areas_one_by_one(page)
    drop(page, ("face & <b>co</b>.png", astronaut_bytes))
    page.get_by_text(_ASK).click(timeout=_SLOW_MS)
    page.get_by_text("does not listen to this table").wait_for(timeout=_SLOW_MS)
    page.get_by_text("not proof of tampering").wait_for(timeout=_SLOW_MS)
    return page


def test_the_stress_test_names_every_change_and_fits_a_phone(judged: Any) -> None:
    for title in ("As it is", *CHANGES.values()):
        judged.get_by_role("rowheader").filter(has_text=title).first.wait_for()
    judged.set_viewport_size({"width": 380, "height": 900})
    main = judged.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 0


def test_a_report_is_kept_in_each_form_and_holds_what_the_page_shows(judged: Any, tmp_path: Path) -> None:
    pdf = keep(judged, "PDF", tmp_path).read_bytes()
    assert pdf.startswith(b"%PDF-") and len(pdf) > 20_000
    report = json.loads(keep(judged, "JSON", tmp_path).read_text(encoding="utf-8"))
    jsonschema.validate(report, json.loads((REPO / "docs/report.schema.json").read_text(encoding="utf-8")))
    (file,) = report["files"]
    assert file["name"] == "face & <b>co</b>.png"
    (face,) = file["faces"]
    assert [one["change"] for one in face["stress"]["trials"]] == list(CHANGES)
    assert face["explanation"]["account"]


@pytest.mark.parametrize("width_px", [1280, 380])
def test_the_report_as_a_page_reads_well_by_itself(judged: Any, tmp_path: Path, width_px: int) -> None:
    path = keep(judged, "Web page", tmp_path)
    alone = judged.context.browser.new_page()  # which knows nothing of the app
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.set_viewport_size({"width": width_px, "height": 900})
    alone.goto(path.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert alone.get_by_role("heading", level=1).count() == 1
    assert alone.get_by_text("face & <b>co</b>.png").first.is_visible()
    assert alone.get_by_text(CHANGES["mirror"]).first.is_visible()
    assert alone.locator("img").count() > 0
    assert alone.locator("img").evaluate_all("all => all.filter(one => !one.complete || !one.naturalWidth).length") == 0
    assert alone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_several_files_make_one_table(page: Any, astronaut_bytes: bytes, tmp_path: Path) -> None:
    drop(page, ("one.png", astronaut_bytes), ("none.png", b"no picture at all"))
    page.get_by_role("button", name="CSV", exact=True).wait_for(timeout=_SLOW_MS)
    rows = list(csv.DictReader(io.StringIO(keep(page, "CSV", tmp_path).read_text(encoding="utf-8-sig"))))
    assert {row["file"] for row in rows} == {"one.png", "none.png"}
