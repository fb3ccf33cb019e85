"""What is said of a model and a set that it may have learned from: of an imported model nobody here knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepfake.classifier.card import Card

NOT_KNOWN = "not known"


def learned_in_words(card: Card, name: str, *, yes: str, no: str, unknown: str = NOT_KNOWN) -> str:
    """One of three answers to whether a model learned from a data set.

    Args:
        card: Of the model.
        name: Of the set.
        yes: It learned from its training part.
        no: It learned from none of it.
        unknown: The model was trained elsewhere.
    """
    if card.imported is not None:
        return unknown
    return yes if card.learned_from(name) else no
