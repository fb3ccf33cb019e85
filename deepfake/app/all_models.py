"""All models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.data_sets import short_title_of, title_of
from deepfake.app.estimates import plain, rate
from deepfake.app.measured import SPLIT_WORDS
from deepfake.app.origins import NOT_KNOWN, learned_in_words
from deepfake.app.tables import Cell, show_rows
from deepfake.reports.wording import NOTHING_FIRM

if TYPE_CHECKING:
    from deepfake.app.records import Evaluation
    from deepfake.classifier.card import Card


def show_all_models(evaluations: Mapping[str, Evaluation | None], cards: Mapping[str, Card], chosen: Card) -> None:
    """Show what each model is and does on the whole, then their AUC set by set.

    Args:
        evaluations: By the model's name; None where it was not measured.
        cards: By the model's name.
        chosen: The one that answers now.
    """
    rows = [_row(cards[name], one, chosen) for name, one in evaluations.items()]
    show_rows("all-models", rows)
    meant = {
        frozenset(one_set for one_set in _with_auc(one) if _is_in_mean(one_set, cards[name]))
        for name, one in evaluations.items()
        if one is not None
    }
    st.caption(
        "Means over the sets with real and manipulated faces that a model learned from, or was imported with; every "
        "set counts the same."
        + ("" if len(meant) < 2 else " These sets differ between the models, and so their means do not compare.")
    )
    names = list({name: None for one in evaluations.values() if one is not None for name in _with_auc(one)})
    if names:
        by_set = [
            {"AUC on": title_of(name)}
            | {cards[model].title: _auc_on(name, one, cards[model]) for model, one in evaluations.items()}
            for name in names
        ]
        show_rows("all-models-by-set", by_set)
        unknown = any(card.imported for card in cards.values())
        st.caption(
            "A star: the model never learned from this set."
            + (" A question mark: whether it did is not known, since it was trained elsewhere." if unknown else "")
        )


def _row(card: Card, evaluation: Evaluation | None, chosen: Card) -> dict[str, Cell]:
    macro = {} if evaluation is None else evaluation.macro
    return {
        "Model": f"{card.title} (answers now)" if card.name == chosen.name else card.title,
        "Numbers in it": f"{card.num_parameters:,}",
        "Learned from": _all_learned_from(card),
        "AUC": plain(macro.get("auc")),
        "Right": rate(macro.get("accuracy")),
        "Real called manipulated": rate(macro.get("false_alarm_rate")),
        "Measured on": NOTHING_FIRM if evaluation is None else SPLIT_WORDS.get(evaluation.split, evaluation.split),
    }


def _all_learned_from(card: Card) -> str:
    learned = ", ".join(short_title_of(one) for one in card.training_data if card.learned_from(one))
    return learned if card.imported is None else NOT_KNOWN


def _is_in_mean(name: str, card: Card) -> bool:
    return card.learned_from(name) or name in card.chosen_on


def _with_auc(evaluation: Evaluation) -> list[str]:
    return [name for name, one in evaluation.sets.items() if "auc" in one.metrics]


def _auc_on(name: str, evaluation: Evaluation | None, card: Card) -> str:
    if evaluation is None or name not in _with_auc(evaluation):
        return NOTHING_FIRM
    return plain(evaluation.sets[name].metrics["auc"]) + learned_in_words(card, name, yes="", no=" *", unknown=" ?")
