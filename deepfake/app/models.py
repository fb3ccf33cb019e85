"""The models a person may choose from, loaded once for all sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.loading import load_libraries
from deepfake.classifier.library import find_model, read_cards

if TYPE_CHECKING:
    from deepfake.classifier.card import Card
    from deepfake.classifier.classifier import Classifier
    from deepfake.errors import InvalidCardError

_MAX_MODELS = 4


def readable_cards() -> tuple[dict[str, Card], dict[str, InvalidCardError]]:
    """The models whose cards are whole, the default first, and what is wrong with the others.

    Titles that several models share are told apart by the names on disk.
    """
    cards: dict[str, Card] = {}
    broken: dict[str, InvalidCardError] = {}
    for name, card in read_cards().items():
        if isinstance(card, Exception):
            broken[name] = card
        else:
            cards[name] = card
    num_titled = Counter(card.title for card in cards.values())
    told_apart = {
        name: replace(card, title=f"{card.title} ({name})") if num_titled[card.title] > 1 else card
        for name, card in cards.items()
    }
    return told_apart, broken


def choose_model(cards: Mapping[str, Card]) -> Card:
    """Ask in the sidebar which model shall answer."""
    name = st.selectbox(
        "Model",
        list(cards),
        format_func=lambda one: cards[one].title,
        key="model",
        help="Each model has learned from other pictures. The tab “The model” says from which.",
    )
    return cards[name]


def model_identity(card: Card) -> str:
    """Changes when a model is trained again under its old name."""
    return f"{card.name}@{card.weights_sha256[:16]}"


def get_classifier(card: Card) -> Classifier:
    """The model of a card, from memory where it was loaded before.

    Raises:
        ModelError: Weights or card cannot be used.
    """
    return _load(str(find_model(card.name)), card.weights_sha256)


def warm_up(card: Card) -> None:
    """Load what the first picture will need, while the page is already there and waits for it.

    Raises:
        ModelError: Weights or card cannot be used.
    """
    get_classifier(card)
    load_libraries()


@st.cache_resource(show_spinner=False, max_entries=_MAX_MODELS)
def _load(folder: str, weights_sha256: str) -> Classifier:
    del weights_sha256  # part of the key: a model trained again is loaded again
    from deepfake.classifier.classifier import load_classifier

    return load_classifier(Path(folder))
