"""The tab "How to read this": what a verdict means, where it fails, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.guide import FAILS, GLOSSARY, MEANING, NEXT, WHAT
from deepfake.app.records import read_evaluation
from deepfake.app.strengths import worst_sentence
from deepfake.classifier.library import find_model
from deepfake.errors import ModelError

if TYPE_CHECKING:
    from deepfake.classifier.card import Card


def show_guide_tab(card: Card | None) -> None:
    """Explain the page to someone who has never heard of a neural network."""
    with st.container(width=760):
        st.markdown(WHAT)
        st.markdown(MEANING)
        st.markdown(_failures(card))
        st.markdown(NEXT)
        st.markdown("#### Glossary")
        st.markdown(GLOSSARY)


def _failures(card: Card | None) -> str:
    lines = [*FAILS]
    worst = None if card is None else _worst_sentence(card)
    if worst is not None:
        lines.insert(0, worst)
    return "#### Where it fails\n\n" + "\n".join(f"- {line}" for line in lines)


def _worst_sentence(card: Card) -> str | None:
    try:
        evaluation = read_evaluation(find_model(card.name))
    except ModelError:
        return None
    worst = None if evaluation is None else worst_sentence(evaluation)
    return worst or "**This model has not been measured**, so nobody knows how often it is wrong."
