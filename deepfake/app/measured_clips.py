"""How often a model is right on clips: frames one by one, and the same clips as wholes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.data_sets import title_of
from deepfake.app.estimates import plain
from deepfake.app.measured_set import show_one_set
from deepfake.app.origins import learned_in_words
from deepfake.app.tables import Cell, show_rows
from deepfake.phrases import PERCENT

if TYPE_CHECKING:
    from deepfake.app.records import ClipResult
    from deepfake.classifier.card import Card

_WHOLE, _FRAMES = "Clips as wholes", "Frames one by one"


def show_measured_clips(clips: dict[str, ClipResult], card: Card) -> None:
    """A row a set of clips, what it means for the verdicts on clips, and one set in detail."""
    if card.clips is None or not clips:
        st.info(
            "This model's answers on clips have not been measured, so it calls every clip inconclusive. They are "
            "measured by: python -m deepfake calibrate"
        )
        return
    rows = [_row(name, one, card) for name, one in clips.items()]
    show_rows("clip-sets", rows)
    st.caption(
        f"In brackets 95{PERCENT} intervals, with pairs of people drawn together; fewer than ten pairs have none. "
        "“Left out in turn”: the rules for clips were chosen on these clips; each got its probability from clips of "
        "other people."
    )
    if not card.clips.is_ever_firm:
        st.warning(
            "On these clips the model was wrong too often for firm verdicts, so it calls every clip inconclusive."
        )
    title = "A set of clips in detail: confusion matrix, report, curves"
    with st.expander(title, key="clip-detail", on_change="rerun") as box:
        if box.open:
            _show_detail(clips, card, threshold=card.clips.threshold)


def _show_detail(clips: dict[str, ClipResult], card: Card, *, threshold: float) -> None:
    left, right = st.columns(2)
    name = left.selectbox("Set of clips", list(clips), format_func=titled, key="clip-set")
    unit = right.segmented_control("Counted", (_WHOLE, _FRAMES), default=_WHOLE, required=True, key="clip-unit")
    if unit == _FRAMES:
        show_one_set(name, clips[name].frame, card, threshold=card.rules.threshold)
    else:
        show_one_set(name, clips[name].clip, card, threshold=threshold)


def titled(name: str) -> str:
    """A set's title; what part of the set it is stays behind the comma."""
    set_name, comma, part = name.partition(",")
    return title_of(set_name) + comma + part


def _row(name: str, one: ClipResult, card: Card) -> dict[str, Cell]:
    (_, false_alarms), (_, found) = one.clip.confusion
    num_firm = sum(counts.get(said, 0) for counts in one.clip.verdicts.values() for said in ("real", "fake"))
    return {
        "Clips": titled(name),
        "Learned from it?": learned_in_words(card, name.partition(",")[0], yes="yes, from other clips", no="no, never"),
        "How measured": one.use,
        "AUC, clips": plain(one.clip.metrics.get("auc")),
        "AUC, single frames": plain(one.frame.metrics.get("auc")),
        "Real called manipulated": f"{false_alarms} of {one.clip.num_real}",
        "Manipulated found": f"{found} of {one.clip.num_fake}",
        "Firm verdicts": f"{num_firm} of {one.clip.num_real + one.clip.num_fake}",
    }
