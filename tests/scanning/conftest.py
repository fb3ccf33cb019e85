"""An archive of made-up pictures, and the untrained model that judges them."""

from __future__ import annotations

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
