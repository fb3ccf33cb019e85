"""The pictures of the docs, drawn again: python tools/draw_docs.py (needs requirements-dev.txt and a Chromium).

Starts the app, drops scikit-image's astronaut on it, waits for the explanation, and takes a picture of the page; and
writes what `explain` draws. Both go to docs/images/.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from skimage.data import astronaut

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
_PORT = 8599
_WAIT_MS = 240_000
_SIZE = {"width": 1100, "height": 2400}
_MARGIN_PX = 14
_COLORS = 200


def main() -> None:
    """Write docs/images/app.png and explained.png."""
    file = io.BytesIO()
    Image.fromarray(astronaut()).save(file, "PNG")
    with tempfile.TemporaryDirectory() as scratch:
        portrait = Path(scratch) / "portrait.png"
        portrait.write_bytes(file.getvalue())
        explained = Path(scratch) / "explained.png"
        subprocess.run(
            [sys.executable, "-m", "deepfake", "explain", str(portrait), "--out", str(explained)], cwd=ROOT, check=True
        )
        _shrink(Image.open(explained)).save(IMAGES / "explained.png", optimize=True)
        _shrink(Image.open(io.BytesIO(_page_with(portrait)))).save(IMAGES / "app.png", optimize=True)


def _page_with(portrait: Path) -> bytes:
    options = ["--server.port", str(_PORT), "--server.headless", "true", "--server.fileWatcherType", "none"]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options]
    app = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://localhost:{_PORT}/_stcore/health", app)
        with sync_playwright() as playwright:
            program = os.environ.get("DEEPFAKE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = browser.new_page(viewport=_SIZE, device_scale_factor=1.25)
            page.goto(f"http://localhost:{_PORT}")
            page.locator("input[type=file]").first.set_input_files(portrait, timeout=_WAIT_MS)
            page.get_by_role("group", name="Verdict").first.wait_for(timeout=_WAIT_MS)
            page.get_by_text("not proof of tampering").or_(page.get_by_text("relied on")).first.wait_for(
                timeout=_WAIT_MS
            )
            page.wait_for_timeout(3000)  # Streamlit fades its parts in
            card = page.get_by_test_id("stExpander").filter(has_text=portrait.name).first.bounding_box()
            last = page.get_by_text("What led to the result").first.bounding_box()  # under the second picture
            assert card is not None and last is not None
            height = last["y"] + last["height"] + _MARGIN_PX - card["y"]
            picture = page.screenshot(full_page=True, clip=card | {"height": height})
            browser.close()
            return picture
    finally:
        app.terminate()
        app.wait(20)


def _wait_for(url: str, app: subprocess.Popen[bytes]) -> None:
    while app.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    sys.exit("The app did not start. Is the port taken?")


def _shrink(picture: Image.Image) -> Image.Image:
    """Few colors: a tenth of the bytes, and the eye sees the same."""
    return picture.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
