"""The model's card in plain words: what it is, what it learned from, where it fails, under which terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.data_sets import short_title_of, title_of, with_titles
from deepfake.app.estimates import percent_exactly
from deepfake.app.strengths import strength_sentences
from deepfake.app.tables import Cell, show_rows
from deepfake.app.wording import literal
from deepfake.phrases import listed
from deepfake.reports.wording import NOTHING_FIRM

if TYPE_CHECKING:
    from deepfake.app.records import Evaluation
    from deepfake.classifier.card import Card, ImportedFrom
    from deepfake.evaluation.left_out import LeftOut

_IN_PLACE = (
    "{percent} of the manipulated ones were replaced by real faces blended with a changed copy of themselves, which "
    "show the seams of many methods."
)


def show_plain_card(card: Card, evaluation: Evaluation | None, left_out: LeftOut | None) -> None:
    """Show all that a person should know of a model before trusting it.

    Args:
        card: Of the model.
        evaluation: What it was measured to do.
        left_out: What its sisters were measured to do.
    """
    st.subheader(card.title, anchor=False)
    st.markdown(
        f"A network of {card.num_parameters:,} numbers that looks at faces of "
        f"{card.crop.side_px} by {card.crop.side_px} pixels. Its name on disk is `{card.name}`."
    )
    st.subheader("What it learned from", anchor=False)
    if card.imported is None:
        _show_learned_from(card)
    else:
        _show_origin(card.imported)
    st.subheader("Where it is strong, and where it fails", anchor=False)
    measured = [] if evaluation is None else strength_sentences(evaluation, left_out, card)
    limits = [with_titles(limit, card.training_data | card.chosen_on) for limit in card.limits]
    st.markdown("\n".join(f"- {sentence}" for sentence in (*measured, *limits)))
    _show_terms(card)


def _show_origin(origin: ImportedFrom) -> None:
    st.warning(
        f"Not known. This model was trained elsewhere and imported from {literal(origin.file)}. It may know the very "
        "pictures it is measured on below; then it looks better here than it is.",
        icon=":material/warning:",
    )


def _show_learned_from(card: Card) -> None:
    learned = {name: values for name, values in card.training_data.items() if card.learned_from(name)}
    if learned:
        rows: list[dict[str, Cell]] = [
            {
                "Data set": title_of(name),
                "What it shows": values.get("shows", NOTHING_FIRM),
                "Real": _num_learned(values, "real"),
                "Manipulated": _num_learned(values, "fake"),
            }
            for name, values in learned.items()
        ]
        show_rows("learned-from", rows)
        blended = card.recipe.get("self_blended", 0)
        st.caption(
            "How many different faces it learned from. Others of the same sets were kept apart to choose its settings "
            "and to measure it. These parts share no clip, and no person where the set says who is who."
            + (f" {_IN_PLACE.format(percent=percent_exactly(blended))}" if blended else "")
        )
    others = [name for name in card.training_data if name not in learned]
    careful = [short_title_of(name) for name in others if card.chose_threshold_on(name)]
    unseen = [short_title_of(name) for name in others if card.training_data[name].get("role") == "left out"]
    if careful:
        st.markdown(
            f"It did not learn from {listed(careful)}: one half of these real faces set how careful it is, the other "
            "half counts its false alarms."
        )
    chosen_on = {} if card.clips is None else card.clips.note.get("chosen_on", {})
    for_clips = [short_title_of(name) for name in others if name in chosen_on]
    if for_clips:
        st.markdown(
            f"It did not learn from {listed(for_clips)}: the limits for verdicts on clips were chosen there, and "
            "it was measured."
        )
    untouched = [name for name in unseen if name not in for_clips]
    if untouched:
        st.markdown(f"Nothing was learned or chosen on {listed(untouched)}: only measured.")


def _num_learned(values: Mapping[str, Any], label: str) -> int | None:
    """Balancing drops faces of the larger class, or repeats those of the smaller, which makes them no more."""
    balance = values.get("balance") or {}
    counts = [balance.get("before"), balance.get("after"), values.get("splits", {}).get("train")]
    known = [int(one[label]) for one in counts if one and label in one]
    return min(known, default=None)


def _show_terms(card: Card) -> None:
    st.markdown(f"**Terms.** {card.licence}")
    sets = card.training_data | card.chosen_on
    terms = {title_of(name): values["terms"] for name, values in sets.items() if values.get("terms")}
    if terms:
        with st.expander("Terms of each data set", type="compact"):
            st.markdown("\n".join(f"- **{name}**: {term}" for name, term in terms.items()))
