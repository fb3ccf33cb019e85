"""What a model is worth on a kind of pictures that it never saw: its sisters, each without one of the sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.data_sets import short_title_of, title_of
from deepfake.app.estimates import NOUNS, plain, rate
from deepfake.app.measured import show_aucs
from deepfake.app.models import model_identity
from deepfake.app.tables import Cell, show_rows
from deepfake.app.wording import literal
from deepfake.phrases import PERCENT
from deepfake.reports.wording import NOTHING_FIRM

if TYPE_CHECKING:
    from deepfake.app.records import Evaluation
    from deepfake.classifier.card import Card
    from deepfake.evaluation.estimates import Estimate
    from deepfake.evaluation.left_out import LeftOut, LeftOutRow

_SPLIT_WORDS = {"test": "test part", "valid": "validation part", "all": "whole set"}
_SISTER, _OWN = "a sister that never saw this set", "this model, which learned from it"


def show_left_out(left_out: LeftOut, evaluation: Evaluation | None, card: Card) -> None:
    """A row a set that was left out, beside what the model itself does there.

    Args:
        left_out: At least one row.
        evaluation: Of the model itself.
        card: Of the model itself.
    """
    st.markdown(
        "Each row was **measured on a sister model that never saw this set**: made in the same way from the other "
        "sets, then tried on the one it had to do without. A picture from elsewhere is of a kind that this model "
        "never saw either, so **the sister's is the honest number for it**, not this model's on sets it learned from."
    )
    own = [_own_auc(row, evaluation, card) for row in left_out.rows]
    show_rows("left-out", [_table_row(row, of_model) for row, of_model in zip(left_out.rows, own, strict=True)])
    left, right = st.columns(2)
    with left:
        _show_chart(left_out, own, card)
    right.caption(
        f"With 95{PERCENT} intervals; of an AUC, 0.5 is guessing and 1 is perfect. "
        + " ".join(_sister_sentences(left_out))
        + f" These numbers are made again by {literal(left_out.command)}."
    )
    with st.expander("Are the sisters fair stand-ins?", key="sisters", on_change="rerun") as box:
        if box.open:
            show_rows("sisters-table", [_sister_row(row) for row in left_out.rows])
            st.caption(
                "How well each sister does on other files of the sets that it did learn from (AUC), and how many real "
                "faces it calls manipulated, on sets of real faces alone."
            )


def _table_row(row: LeftOutRow, own: Estimate | None) -> dict[str, Cell]:
    return {
        "Set left out": title_of(row.set_name),
        "Sister that never saw it: AUC": plain(row.auc),
        "Tried on": f"{row.auc.n:,} {NOUNS[row.level]} ({_SPLIT_WORDS[row.split]})",
        "This model, which learned from it: AUC": plain(own),
        "On": NOTHING_FIRM if own is None else f"{own.n:,} {NOUNS[row.level]}",
    }


def _sister_row(row: LeftOutRow) -> dict[str, Cell]:
    return {
        "Sister without": title_of(row.set_name),
        "Learned from": f"{row.num_train_crops:,} faces",
        "Where it learned": _each(row.in_set, plain),
        "False alarms": _each(row.false_alarm_rate, rate),
    }


def _each(values: Mapping[str, Estimate], words: Callable[[Estimate], str]) -> str:
    return "; ".join(f"{short_title_of(name)} {words(one)}" for name, one in values.items()) or NOTHING_FIRM


def _own_auc(row: LeftOutRow, evaluation: Evaluation | None, card: Card) -> Estimate | None:
    """What the model itself does on the set, counted alike; None unless it learned from it."""
    if evaluation is None or not card.learned_from(row.set_name):
        return None
    if row.level == "image":
        one = evaluation.sets.get(row.set_name)
        return None if one is None else one.metrics.get("auc")
    clips = evaluation.clips.get(f"{row.set_name}, test split") or evaluation.clips.get(row.set_name)
    if clips is None:
        return None
    return (clips.clip if row.level == "clip" else clips.frame).metrics.get("auc")


def _sister_sentences(left_out: LeftOut) -> list[str]:
    """How the sisters were made; said once where they were made alike."""
    described = {row.sister.rstrip(".") for row in left_out.rows}
    if len(described) == 1:
        return [f"The sisters: {described.pop()}."]
    return [f"The sister without {short_title_of(row.set_name)}: {row.sister.rstrip('.')}." for row in left_out.rows]


def _show_chart(left_out: LeftOut, own: list[Estimate | None], card: Card) -> None:
    names = [_row_name(row, left_out) for row in left_out.rows]
    sister = {name: row.auc for name, row in zip(names, left_out.rows, strict=True)}
    own_by_name = {name: one for name, one in zip(names, own, strict=True) if one is not None}
    show_aucs(f"left-out-{model_identity(card)}", {_OWN: own_by_name, _SISTER: sister})


def _row_name(row: LeftOutRow, left_out: LeftOut) -> str:
    """With what was counted, where a set is there more than once."""
    is_repeated = sum(one.set_name == row.set_name for one in left_out.rows) > 1
    title = short_title_of(row.set_name)
    return f"{title}, {NOUNS[row.level]}" if is_repeated else title
