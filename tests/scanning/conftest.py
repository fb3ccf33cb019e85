"""An archive of made-up pictures, and the untrained model that judges them."""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.classifier.card import Card, read_card
from deepfake.classifier.classifier import CARD_FILE
from deepfake.media.images import RGBImage
from tests.pictures import encode

pytest.importorskip("distributed", reason="Dask is not installed: pip install -r requirements-scale.txt")
pytest.importorskip("fsspec", reason="fsspec is not installed: pip install -r requirements-scale.txt")


_LIMIT_S = 900  # of a test; a quiet machine needs a twentieth of it, a very busy one may start a worker for minutes


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """A test that waits for ever fails; where even its end waits for ever, the run ends with what every thread did."""

    def fail(*_: object) -> None:
        raise AssertionError(f"the test did not end within {_LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(_LIMIT_S)
    faulthandler.dump_traceback_later(_LIMIT_S + 120, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def card(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Card:
    """Of the tiny model, which every worker that is started from here finds too."""
    monkeypatch.setenv("DEEPFAKE_MODELS", str(model_folder.parent))
    return read_card(model_folder / CARD_FILE)


def fill(folder: Path, astronaut: RGBImage, num_pictures: int) -> list[str]:
    """Write so many different pictures of the astronaut; their paths, in order."""
    small = np.asarray(Image.fromarray(astronaut).crop((128, 32, 384, 288)))
    paths = []
    for number in range(num_pictures):
        pixels = small.copy()
        pixels[0, 0] = number % 256, number // 256, 7
        path = folder / f"{number % 3}" / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(Image.fromarray(pixels), "PNG"))
        paths.append(str(path))
    return sorted(paths)
