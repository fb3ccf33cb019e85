"""The page, driven without a browser, with models whose right answer is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from deepfake.classifier.card import Card
from deepfake.classifier.classifier import Classifier, Scorer
from deepfake.media.images import RGBImage
from deepfake.media.provenance.statement import Provenance
from tests.app.driving import add_model
from tests.clips import encode_clip, moving, portrait
from tests.fakes import constant, make_card

REPO = Path(__file__).resolve().parents[2]
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def fresh_model_cache() -> Iterator[None]:
    """No test sees a model that another one loaded."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def silent_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files say nothing of themselves, and no process is started to ask them; tests of that part let them speak."""
    monkeypatch.setattr("deepfake.media.provenance.reader.read_provenance", lambda data: Provenance())


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models, the one that the page looks into."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("DEEPFAKE_MODELS", str(folder))
    return folder


@pytest.fixture
def open_page(models: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Open the page with a model that scores as told, without TensorFlow."""

    def open_with(scorer: Scorer | None = None, card: Card | None = None) -> AppTest:
        card = card or make_card(name="fixed")
        add_model(models, card)
        monkeypatch.setattr(
            "deepfake.classifier.classifier.load_classifier", lambda folder: Classifier(scorer or constant(0.9), card)
        )
        return AppTest.from_file(str(REPO / "streamlit_app.py"), default_timeout=60).run()

    return open_with


@pytest.fixture(scope="session")
def one_person(astronaut_pixels: RGBImage) -> bytes:
    """Two seconds of one face that moves; six frames are judged."""
    return encode_clip(moving(portrait(astronaut_pixels), num_frames=50, step_px=1))
