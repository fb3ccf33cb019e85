from __future__ import annotations

from pathlib import Path

import pytest

from deepfake.classifier.card import Card, write_card
from deepfake.classifier.library import DEFAULT_FILE, find_model, list_models, load_model_named, models_dir, read_cards
from deepfake.errors import InvalidCardError, ModelNotFoundError
from tests.fakes import make_card


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two models, and what is none: a hidden folder, a folder without a card, a file."""
    for name in ("zebra", "aardvark", ".partial"):
        (tmp_path / name).mkdir()
        write_card(tmp_path / name / "card.json", make_card(name=name))
    (tmp_path / "no card").mkdir()
    (tmp_path / "card.json").write_text("{}")
    return tmp_path


def test_models_are_listed_by_name(folder: Path) -> None:
    assert list_models(folder) == ["aardvark", "zebra"]


@pytest.mark.parametrize("written", ["zebra", "zebra\n", "\ufeff zebra\r\n"])
def test_the_model_that_the_file_names_comes_first_and_is_the_default(folder: Path, written: str) -> None:
    (folder / DEFAULT_FILE).write_text(written, encoding="utf-8")
    assert list_models(folder) == ["zebra", "aardvark"]
    assert find_model(folder=folder) == folder / "zebra"


@pytest.mark.parametrize("written", [b"lion\n", b"", b"\xff\xfe", b".partial"])
def test_a_file_that_names_no_model_leaves_the_order_by_name(folder: Path, written: bytes) -> None:
    (folder / DEFAULT_FILE).write_bytes(written)
    assert list_models(folder) == ["aardvark", "zebra"]


def test_without_the_default_the_first_one_is_meant(folder: Path) -> None:
    assert find_model(folder=folder) == folder / "aardvark"


def test_a_model_is_found_by_name(folder: Path) -> None:
    assert find_model("zebra", folder) == folder / "zebra"


@pytest.mark.parametrize("name", ["lion", "", "..", "../zebra", ".partial", "no card", "zebra/"])
def test_what_is_no_model_is_refused_with_those_there_are(folder: Path, name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="aardvark, zebra"):
        find_model(name, folder)


@pytest.mark.parametrize("name", [None, "cnn64"])
def test_without_any_model_the_message_says_how_to_make_one(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(ModelNotFoundError, match=r"python train\.py"):
        find_model(name, tmp_path / "missing")


def test_a_folder_that_is_not_there_has_no_models(tmp_path: Path) -> None:
    assert list_models(tmp_path / "missing") == []


def test_a_bad_card_does_not_hide_the_good_ones(folder: Path) -> None:
    (folder / "aardvark" / "card.json").write_text("{")
    cards = read_cards(folder)
    assert isinstance(cards["aardvark"], InvalidCardError)
    assert isinstance(cards["zebra"], Card)


def test_a_model_is_loaded_by_name(model_folder: Path) -> None:
    assert load_model_named("tiny", model_folder.parent).card.name == "tiny"


def test_models_lie_beside_the_package_unless_the_environment_names_another_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DEEPFAKE_MODELS", raising=False)
    assert models_dir() == Path(__file__).resolve().parents[2] / "models"
    monkeypatch.setenv("DEEPFAKE_MODELS", str(tmp_path))
    assert models_dir() == tmp_path
