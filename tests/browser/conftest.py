"""The real app on a free port, and a real browser to use it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deepfake.classifier.card import write_card
from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE, sha256_of
from tests.fakes import make_card, make_clip_rules
from tests.serving import RunningApp, serve

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def app(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The app, with an untrained model whose card lets it be firm on clips."""
    models = tmp_path_factory.mktemp("browser-models")
    shutil.copytree(model_folder, models / "tiny")
    card = make_card(
        name="tiny",
        weights_sha256=sha256_of(models / "tiny" / WEIGHTS_FILE),
        clips=make_clip_rules(band_low=0.0, threshold=0.001, band_high=0.001),  # whatever it is shown, it is fake
    )
    write_card(models / "tiny" / CARD_FILE, card)
    with serve(models, tmp_path_factory.mktemp("log") / "app.log") as running:
        yield running


@pytest.fixture
def page(app: RunningApp) -> Iterator[Any]:
    """The app in a browser; fails the test if anything went wrong in there or was fetched from elsewhere."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = _find_chromium()
    faults: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("request", lambda request: None if _is_local(request.url, app.url) else faults.append(request.url))
        tab.goto(app.url)
        yield tab
        browser.close()
    assert faults == []


def _is_local(url: str, app_url: str) -> bool:
    return url.startswith((app_url, app_url.replace("http", "ws", 1), "data:", "blob:"))


def _find_chromium() -> str:
    named = os.environ.get("DEEPFAKE_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this system; install it, or name its program in DEEPFAKE_CHROMIUM")
    return found
