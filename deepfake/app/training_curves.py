"""How training went: loss, accuracy and AUC, epoch by epoch, with the epoch that was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.charts import show_chart
from deepfake.app.models import model_identity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepfake.app.records import History
    from deepfake.classifier.card import Card
    from deepfake.reports.figures import Palette

_CURVES = (
    ("loss", "loss (lower is better)"),
    ("accuracy", "accuracy (0.5 = guessing)"),
    ("auc", "AUC (0.5 = guessing)"),
)


def show_training(history: History, card: Card, best_epoch: int) -> None:
    """Show each curve that the log has, in training and in validation.

    Args:
        history: The log; at least one epoch.
        card: Of the model.
        best_epoch: The epoch that was kept, counted from 0.
    """
    st.markdown(
        "After each epoch, a round of training, the model is tried on validation faces that it has not learned from. "
        f"Epoch {best_epoch + 1} of {len(history.epochs)} was kept{_why_kept(history, best_epoch)}. Training faces it "
        "has met often; how well it does on new ones is the line of validation."
    )
    curves = [(name, label) for name, label in _CURVES if {name, f"val_{name}"} <= history.columns.keys()]
    for place, (name, label) in zip(st.columns(len(_CURVES)), curves, strict=False):
        with place:
            _show_curve(history, name, label, card, kept=best_epoch + 1)
    head_epochs = _head_epochs(card)
    if 0 < head_epochs < len(history.epochs):
        st.caption(
            f"Up to epoch {head_epochs} only the last layers learned, the head; the network below them was left as it "
            "came. From then on it learned, too: fine-tuning."
        )
    st.caption(
        "Accuracy is counted here at even odds of the raw output, before the threshold was chosen, so it differs from "
        "the tables above. Every data set counts the same in the lines of validation."
    )


def _why_kept(history: History, best_epoch: int) -> str:
    """Said only where the log bears it out."""
    aucs = history.columns.get("val_auc", ())
    at = history.epochs.index(best_epoch) if best_epoch in history.epochs else None
    return ", the one with the highest AUC in validation" if at is not None and aucs and aucs[at] == max(aucs) else ""


def _head_epochs(card: Card) -> int:
    return int(card.recipe.get("head_epochs", 0))


def _show_curve(history: History, name: str, label: str, card: Card, *, kept: int) -> None:
    training, validation = history.columns[name], history.columns[f"val_{name}"]
    epochs = [epoch + 1 for epoch in history.epochs]
    at_kept = f" It was {validation[epochs.index(kept)]:.3f} at the kept epoch {kept}." if kept in epochs else ""

    def draw(palette: Palette) -> Figure:
        from deepfake.reports.figures import draw_training_curve

        return draw_training_curve(
            epochs,
            training,
            validation,
            label=label,
            kept_epoch=kept,
            head_epochs=_head_epochs(card),
            palette=palette,
        )

    show_chart(
        f"training-{name}-{model_identity(card)}",
        draw,
        alt=f"{label} over {len(epochs)} epochs: in training from {training[0]:.3f} to {training[-1]:.3f}, in "
        f"validation from {validation[0]:.3f} to {validation[-1]:.3f}.{at_kept}",
    )
