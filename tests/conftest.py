"""What many tests share: a public-domain face, a tiny saved model, and the real data sets where they are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as skimage_data

from deepfake.media.detectors import Detector, DetectorSettings, make_detector
from deepfake.media.images import RGBImage
from tests.fakes import make_card
from tests.pictures import encode

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def astronaut_pixels() -> RGBImage:
    """Eileen Collins, 512 x 512, public domain: one face, about 90 x 113 px at (178, 63)."""
    return np.asarray(skimage_data.astronaut(), dtype=np.uint8)


@pytest.fixture(scope="session")
def astronaut_bytes(astronaut_pixels: RGBImage) -> bytes:
    """The same as a PNG file."""
    return encode(Image.fromarray(astronaut_pixels), "PNG")


@pytest.fixture(scope="session")
def rocket_pixels() -> RGBImage:
    """A picture without a face, 427 x 640."""
    return np.asarray(skimage_data.rocket(), dtype=np.uint8)


@pytest.fixture(scope="session")
def yunet() -> Detector:
    """The default face finder."""
    return make_detector(DetectorSettings())


@pytest.fixture
def data_dir() -> Path:
    """The folder of real data sets; it decides whether a test runs at all."""
    named = os.environ.get("DEEPFAKE_TEST_DATA")
    folder = Path(named) if named else REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data sets at {folder}; name their folder in DEEPFAKE_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole model folder, with untrained weights and a valid card. Read it; copy it before changing it."""
    import keras

    from deepfake.classifier.architectures import build_cnn64
    from deepfake.classifier.card import write_card
    from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE, sha256_of

    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    model = build_cnn64(blocks=((4,), (4,), (8,)), block_dropout=0.1, dense_units=8, dense_dropout=0.1)
    model.save(folder / WEIGHTS_FILE)
    write_card(folder / CARD_FILE, make_card(name="tiny", weights_sha256=sha256_of(folder / WEIGHTS_FILE)))
    return folder
