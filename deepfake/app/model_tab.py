"""The tab "The model": what it learned from, how often it is right, and how training went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from deepfake.app.all_models import show_all_models
from deepfake.app.measured import show_measured
from deepfake.app.measured_clips import show_measured_clips
from deepfake.app.measured_left_out import show_left_out
from deepfake.app.plain_card import show_plain_card
from deepfake.app.records import Evaluation, read_evaluation, read_history, read_left_out
from deepfake.app.training_curves import show_training
from deepfake.app.wording import literal
from deepfake.classifier.library import find_model
from deepfake.errors import ModelError

if TYPE_CHECKING:
    from deepfake.classifier.card import Card

Record = TypeVar("Record")


def show_model_tab(card: Card, cards: Mapping[str, Card]) -> None:
    """Show the model that answers, and the others beside it.

    Args:
        card: Of the chosen model.
        cards: Of all models.
    """
    folder = find_model(card.name)
    evaluation, evaluation_fault = _read(read_evaluation, folder)
    left_out, left_out_fault = _read(read_left_out, folder)
    history, history_fault = _read(read_history, folder)
    show_plain_card(card, evaluation, left_out)
    st.subheader("How often it is right", anchor=False)
    if evaluation_fault:
        st.warning(f"The measurements of this model cannot be shown. {literal(evaluation_fault)}")
    elif evaluation is None:
        st.info(
            "This model has not been measured: there is no evaluation.json beside it. Treat its verdicts with care."
        )
    elif evaluation.sets:
        show_measured(evaluation, card)
    if left_out_fault or (left_out is not None and left_out.rows):
        st.subheader("On a kind of pictures that it never saw", anchor=False)
        if left_out is not None:
            show_left_out(left_out, evaluation, card)
        else:
            st.warning(f"What its sisters were measured to do cannot be shown. {literal(left_out_fault)}")
    st.subheader("On clips", anchor=False)
    show_measured_clips({} if evaluation is None else evaluation.clips, card)
    st.subheader("How training went", anchor=False)
    if card.best_epoch is None:
        st.info("This model was not trained here, so nothing is known of how that went.")
    elif history_fault:
        st.warning(f"The training curves cannot be shown. {literal(history_fault)}")
    elif history is None or not history.epochs:
        st.info("There is no record of this model's training (history.csv) beside it.")
    else:
        show_training(history, card, card.best_epoch)
    if len(cards) > 1:
        st.subheader("All models", anchor=False)
        show_all_models({name: _evaluation_of(name) for name in cards}, cards, card)
    _show_technical(card)


def _read(read: Callable[[Path], Record | None], folder: Path) -> tuple[Record | None, str]:
    """What lies beside a model, or else why it cannot be understood."""
    try:
        return read(folder), ""
    except ModelError as error:
        return None, str(error)


def _evaluation_of(name: str) -> Evaluation | None:
    return _read(read_evaluation, find_model(name))[0]


def _show_technical(card: Card) -> None:
    with st.expander("Numbers for experts", type="compact", key="card-numbers"):
        rules = card.rules
        st.markdown(
            f"Architecture `{card.architecture}` · face finder `{card.crop.detector.name}` at "
            f"{card.crop.detector.threshold} · margin {card.crop.margin} · calibration {card.calibration.kind} (slope "
            f"{card.calibration.slope:.3f}, offset {card.calibration.offset:.3f}) · threshold {rules.threshold:.3f} · "
            f"uncertain between {rules.band_low:.3f} and {rules.band_high:.3f} · among n faces limits rise by "
            f"{rules.logit_shift_per_log_face:.3f} ln n in logits · smallest face {rules.min_face_px} px · weights "
            f"sha256 `{card.weights_sha256[:16]}`"
        )
        shown = ("recipe", "notes", "versions", *(["imported"] if card.imported else []))
        st.json({name: value for name, value in card.to_dict().items() if name in shown}, expanded=False)
