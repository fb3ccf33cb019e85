"""LiteRT says what Keras says, in any thread, and takes no file but the one that the card names."""

from __future__ import annotations

import hashlib
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepfake.classifier import lite
from deepfake.classifier.card import read_card, write_card
from deepfake.classifier.classifier import CARD_FILE, compile_scorer, load_classifier, load_network, load_scorer
from deepfake.classifier.library import list_models
from deepfake.classifier.lite import LITE_FILE, LiteScorer, has_lite_engine, write_lite
from deepfake.errors import InvalidCardError, ModelError, WeightsMismatchError
from deepfake.media.crops import Crops
from tests.conftest import REPO
from tests.fakes import make_card

pytestmark = pytest.mark.skipif(not has_lite_engine(), reason="LiteRT is not made for this system")
SHIPPED = sorted(list_models(REPO / "models"))


@pytest.fixture(scope="module")
def quick(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a model in its own room, with the file for LiteRT beside the weights."""
    folder = tmp_path_factory.mktemp("quick") / "tiny"
    shutil.copytree(model_folder, folder)
    card = read_card(folder / CARD_FILE)
    digest = write_lite(load_network(folder, card), folder / LITE_FILE)
    write_card(folder / CARD_FILE, replace(card, lite_sha256=digest))
    return folder


def crops_of(count: int, side_px: int = 64) -> Crops:
    return np.random.default_rng(count).uniform(0, 255, (count, side_px, side_px, 3)).astype(np.float32)


def test_scores_are_those_of_keras_for_batches_of_any_size(quick: Path) -> None:
    card = read_card(quick / CARD_FILE)
    scorer, usual = LiteScorer(quick / LITE_FILE, card), compile_scorer(load_network(quick, card))
    for count in (1, 7, 2, 130, 1):
        crops = crops_of(count)
        assert scorer(crops).shape == (count,)
        np.testing.assert_allclose(scorer(crops), usual(crops), atol=1e-6)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_scores_as_its_keras_file_does(name: str) -> None:
    folder = REPO / "models" / name
    card = read_card(folder / CARD_FILE)
    crops = crops_of(16, card.crop.side_px)
    usual = compile_scorer(load_network(folder, card))
    np.testing.assert_allclose(LiteScorer(folder / LITE_FILE, card)(crops), usual(crops), atol=1e-4)


def test_threads_share_a_scorer_and_each_gets_its_own_answers(quick: Path) -> None:
    scorer = LiteScorer(quick / LITE_FILE, read_card(quick / CARD_FILE))
    batches = [crops_of(count) for count in range(1, 25)]
    alone = [scorer(one) for one in batches]
    with ThreadPoolExecutor(8) as pool:
        for one, together in zip(alone, pool.map(scorer, batches), strict=True):
            assert np.array_equal(one, together)


def test_a_model_is_judged_without_tensorflow(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepfake.classifier.classifier.load_network", lambda *_: pytest.fail("Keras was asked"))
    assert load_classifier(quick).scores(crops_of(3)).shape == (3,)


def test_tensorflow_judges_where_the_engine_is_not_there(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_engine = load_classifier(quick).scores(crops_of(3))
    monkeypatch.setattr("deepfake.classifier.classifier.has_lite_engine", lambda: False)
    monkeypatch.setattr(lite.LiteScorer, "__init__", lambda *_: pytest.fail("LiteRT was asked"))
    np.testing.assert_allclose(load_classifier(quick).scores(crops_of(3)), with_engine, atol=1e-6)


def test_an_engine_that_cannot_be_loaded_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    assert not has_lite_engine()


def test_another_file_than_the_cards_is_refused(quick: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(quick, folder)
    with (folder / LITE_FILE).open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsMismatchError, match=r"model\.tflite has sha256"):
        load_classifier(folder)
    (folder / LITE_FILE).unlink()
    with pytest.raises(WeightsMismatchError, match="There is no"):
        load_classifier(folder)


def test_weights_that_are_not_the_cards_are_refused_though_the_engine_needs_them_not(
    quick: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(quick, folder)
    (folder / "model.keras").write_bytes(b"other weights")
    with pytest.raises(WeightsMismatchError, match=r"model\.keras"):
        load_scorer(folder, read_card(folder / CARD_FILE))


@pytest.mark.parametrize("content", [b"", b"no network at all", b"\x1c\0\0\0TFL3" + bytes(64)])
def test_what_is_no_network_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / LITE_FILE).write_bytes(content)
    with pytest.raises(ModelError, match="Restore the model's folder"):
        LiteScorer(tmp_path / LITE_FILE, make_card(lite_sha256=hashlib.sha256(content).hexdigest()))


def test_a_network_for_other_crops_is_refused(quick: Path) -> None:
    card = read_card(quick / CARD_FILE)
    wider = replace(card, crop=replace(card.crop, side_px=128))
    with pytest.raises(ModelError, match=r"Expected crops \(-1, 128, 128, 3\)"):
        LiteScorer(quick / LITE_FILE, wider)


def test_a_card_names_the_file_by_a_text() -> None:
    with pytest.raises(InvalidCardError, match="lite_sha256"):
        make_card(lite_sha256=7)
