"""The tab "The model": what it learned from, how training went, and how often it is right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.charts import show_chart
from deepfake.app.data_sets import title_of
from deepfake.app.measured import show_comparison, show_measured
from deepfake.app.measured_clips import show_measured_clips
from deepfake.app.models import model_identity
from deepfake.app.records import Evaluation, History, read_evaluation, read_history
from deepfake.app.wording import DIFFUSION, literal
from deepfake.classifier.library import find_model
from deepfake.errors import ModelError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepfake.classifier.card import Card
    from deepfake.reports.figures import Palette

_CURVES = (("auc", "AUC (0.5 = guessing)"), ("loss", "loss (lower is better)"))


def show_model_tab(card: Card, cards: Mapping[str, Card]) -> None:
    """Show the model that answers, and the others beside it.

    Args:
        card: Of the chosen model.
        cards: Of all models.
    """
    st.subheader(card.title, anchor=False)
    st.markdown(
        f"A network of {card.num_parameters:,} numbers that looks at faces of "
        f"{card.crop.side_px} by {card.crop.side_px} pixels. Its name on disk is `{card.name}`."
    )
    _show_learned_from(card)
    folder = find_model(card.name)
    st.subheader("How often it is right", anchor=False)
    evaluation = _evaluation(folder)
    if evaluation is not None and evaluation.sets:
        show_measured(evaluation, card)
    st.subheader("On clips", anchor=False)
    show_measured_clips({} if evaluation is None else evaluation.clips, card)
    st.subheader("How training went", anchor=False)
    _show_training(folder, card)
    if len(cards) > 1:
        st.subheader("All models", anchor=False)
        show_comparison({name: _evaluation_or_none(find_model(name)) for name in cards}, cards)
    _show_technical(card)


def _show_learned_from(card: Card) -> None:
    st.subheader("What it learned from", anchor=False)
    rows = [
        {
            "Data set": title_of(name),
            "Real faces": _count(values, "train", "real"),
            "Manipulated faces": _count(values, "train", "fake"),
            "Kept apart to measure": _sum(_count(values, "test", "real"), _count(values, "test", "fake")),
        }
        for name, values in card.training_data.items()
        if card.learned_from(name)
    ]
    if rows:
        st.table({name: [row[name] for row in rows] for name in rows[0]}, hide_index=True, border="horizontal")
    st.warning(
        "The models here learn from face swaps in video, faces made by StyleGAN, and edits by hand; this one from the "
        f"sets in the table. {DIFFUSION}",
        icon=":material/warning:",
    )
    if card.limits:
        st.markdown("**What it cannot do**\n\n" + "\n".join(f"- {limit}" for limit in card.limits))
    st.markdown(f"**Terms.** {card.licence}")
    terms = {title_of(name): values["terms"] for name, values in card.training_data.items() if values.get("terms")}
    if terms:
        with st.expander("Terms of each data set", type="compact"):
            st.markdown("\n".join(f"- **{name}**: {term}" for name, term in terms.items()))


def _count(values: Mapping[str, dict[str, dict[str, int]]], split: str, label: str) -> int | None:
    count = values.get("splits", {}).get(split, {}).get(label)
    return None if count is None else int(count)


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


def _evaluation(folder: Path) -> Evaluation | None:
    try:
        evaluation = read_evaluation(folder)
    except ModelError as error:
        st.warning(f"The measurements of this model cannot be shown. {literal(str(error))}")
        return None
    if evaluation is None:
        st.info(
            "This model has not been measured: there is no evaluation.json beside it. Treat its verdicts with care."
        )
    return evaluation


def _evaluation_or_none(folder: Path) -> Evaluation | None:
    try:
        return read_evaluation(folder)
    except ModelError:
        return None


def _show_training(folder: Path, card: Card) -> None:
    try:
        history = read_history(folder)
    except ModelError as error:
        st.warning(f"The training curves cannot be shown. {literal(str(error))}")
        return
    if history is None or not history.epochs:
        st.info("There is no record of this model's training (history.csv) beside it.")
        return
    st.markdown(
        "In each epoch the model learns from about as many pictures as there are for training, and is then tried on "
        f"validation pictures it has not learned from. Epoch {card.best_epoch + 1} of {len(history.epochs)} was kept. "
        "Training pictures it has met often; how well it does on new ones is the line of validation."
    )
    places = st.columns(2)
    for place, (name, label) in zip(places, _CURVES, strict=True):
        if name in history.columns and f"val_{name}" in history.columns:
            with place:
                _show_curve(history, name, label, card)


def _show_curve(history: History, name: str, label: str, card: Card) -> None:
    training, validation = history.columns[name], history.columns[f"val_{name}"]
    epochs = [epoch + 1 for epoch in history.epochs]
    kept = card.best_epoch + 1
    at_kept = f" It was {validation[epochs.index(kept)]:.3f} at the kept epoch {kept}." if kept in epochs else ""

    def draw(palette: Palette) -> Figure:
        from deepfake.reports.figures import draw_training_curve

        return draw_training_curve(epochs, training, validation, label=label, kept_epoch=kept, palette=palette)

    show_chart(
        f"training-{name}-{model_identity(card)}",
        draw,
        alt=f"{label} over {len(epochs)} epochs: in training from {training[0]:.3f} to {training[-1]:.3f}, in "
        f"validation from {validation[0]:.3f} to {validation[-1]:.3f}.{at_kept}",
    )


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
        st.json({"recipe": card.recipe, "notes": card.notes, "versions": card.versions}, expanded=False)
