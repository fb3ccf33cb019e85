"""How often a model is right on clips: frames one by one, and the same clips as wholes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.data_sets import title_of
from deepfake.app.wording import NOTHING_FIRM

if TYPE_CHECKING:
    from deepfake.app.records import ClipResult, Estimate
    from deepfake.classifier.card import Card


def show_measured_clips(clips: dict[str, ClipResult], card: Card) -> None:
    """A row a set of clips, and what it means for the verdicts on clips."""
    if card.clips is None or not clips:
        st.info(
            "This model's answers on clips have not been measured, so it calls every clip inconclusive. They are "
            "measured by: python -m deepfake calibrate"
        )
        return
    rows = [_row(name, one) for name, one in clips.items()]
    with st.container(key="clip-sets"):
        st.table({name: [row[name] for row in rows] for name in rows[0]}, hide_index=True, border="horizontal")
    st.caption(
        "In brackets 95 % intervals, with pairs of people drawn together; fewer than ten pairs have none. “Left out in "
        "turn”: the rules for clips were chosen on these clips; each got its probability from clips of other people."
    )
    if not card.clips.is_ever_firm:
        st.warning(
            "On these clips the model was wrong too often for firm verdicts, so it calls every clip inconclusive."
        )


def _row(name: str, one: ClipResult) -> dict[str, str]:
    return {
        "Clips": _title(name),
        "How measured": one.use,
        "Number": f"{one.num_real} real, {one.num_fake} manipulated",
        "AUC, clips": _with_interval(one.clip_auc),
        "AUC, single frames": _with_interval(one.frame_auc),
        "Real called manipulated": f"{one.num_false_alarms} of {one.num_real}",
        "Firm verdicts": f"{one.num_firm} of {one.num_real + one.num_fake}",
    }


def _title(name: str) -> str:
    """A set's title; what part of the set it is stays behind the comma."""
    set_name, comma, part = name.partition(",")
    return title_of(set_name) + comma + part


def _with_interval(estimate: Estimate | None) -> str:
    if estimate is None:
        return NOTHING_FIRM
    if estimate.low == estimate.high:
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"
