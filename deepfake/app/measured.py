"""How often a model is right: all sets together, those it learned from beside the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.charts import show_chart
from deepfake.app.data_sets import short_title_of, title_of
from deepfake.app.estimates import count_among, percent_exactly, plain, rate
from deepfake.app.measured_set import show_one_set
from deepfake.app.models import model_identity
from deepfake.app.origins import learned_in_words
from deepfake.app.records import Evaluation, SetResult
from deepfake.app.tables import Cell, show_rows
from deepfake.phrases import PERCENT, listed
from deepfake.reports.wording import NOTHING_FIRM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepfake.classifier.card import Card
    from deepfake.evaluation.estimates import Estimate
    from deepfake.reports.figures import Palette

SPLIT_WORDS = {"test": "test part", "valid": "validation part", "all": "whole"}
_CHOSEN_ON = ", but on which its best epoch, threshold and calibration were chosen, so the numbers are too good"
_AUC_WITH_INTERVAL = f"AUC with 95{PERCENT} interval"
_LEARNED, _NEVER, _UNKNOWN = "a set it learned from", "a set it never learned from", "a set it may have learned from"
_APART = "faces that the model did not learn from"
_APART_FROM_CHOICE = "faces that its threshold was not chosen on. Whether it learned from them elsewhere is not known"


def show_measured(evaluation: Evaluation, card: Card) -> None:
    """Show results on all sets, then one set in detail."""
    st.markdown(
        f"Measured on the **{SPLIT_WORDS.get(evaluation.split, evaluation.split)}** of each data set: "
        f"{_APART if card.imported is None else _APART_FROM_CHOICE}"
        f"{_CHOSEN_ON if evaluation.split == 'valid' else ''}. In brackets are 95{PERCENT} "
        "intervals: with other faces of the same kind the number would mostly fall into them."
    )
    with_fakes = {name: one for name, one in evaluation.sets.items() if one.num_fake}
    all_real = {name: one for name, one in evaluation.sets.items() if name not in with_fakes}
    if with_fakes:
        _show_sets_with_fakes(with_fakes, evaluation, card)
    left, right = st.columns(2)
    with left:
        _show_aucs_of_sets(with_fakes, card)
    with right:
        if all_real:
            _show_false_alarms(all_real, card)
    name = st.selectbox("Data set in detail", list(evaluation.sets), format_func=title_of, key="set")
    show_one_set(name, evaluation.sets[name], card, threshold=evaluation.threshold)


def _show_sets_with_fakes(sets: Mapping[str, SetResult], evaluation: Evaluation, card: Card) -> None:
    learned = [_row(name, one, card) for name, one in sets.items() if card.learned_from(name)]
    others = [_row(name, one, card) for name, one in sets.items() if not card.learned_from(name)]
    mean = [_macro_row(evaluation.macro)] if len(learned) > 1 and evaluation.macro else []
    show_rows("all-sets", [*learned, *mean, *others])
    st.caption(
        "**AUC**: of one manipulated and one real face, how often the manipulated one gets the higher probability "
        "(0.5 is guessing, 1 is perfect). **Right**: the share called what it is, when “inconclusive” is not allowed "
        "(accuracy). **Firm**: how often the model dares to say more than “inconclusive”, and how often it is then "
        "right."
    )


def _row(name: str, one: SetResult, card: Card) -> dict[str, Cell]:
    (_, false_alarms), (missed, _) = one.confusion
    return {
        "Data set": title_of(name),
        "Learned from it?": learned_in_words(card, name, yes="yes, from other files", no="no, never"),
        "AUC": plain(one.metrics.get("auc")),
        "Right": rate(one.metrics.get("accuracy")),
        "Real called manipulated": f"{false_alarms:,} of {one.num_real:,}" if one.num_real else NOTHING_FIRM,
        "Manipulated missed": f"{missed:,} of {one.num_fake:,}",
        "Firm": _share(one.coverage),
        "Firm and right": rate(one.correctness),
    }


def _macro_row(macro: Mapping[str, Estimate]) -> dict[str, Cell]:
    recall = macro.get("recall_fake")
    return {
        "Data set": "Mean of these; every set counts the same",
        "Learned from it?": "yes, all",
        "AUC": plain(macro.get("auc")),
        "Right": rate(macro.get("accuracy")),
        "Real called manipulated": rate(macro.get("false_alarm_rate")),
        "Manipulated missed": NOTHING_FIRM if recall is None else percent_exactly(1 - recall.value),
        "Firm": "",
        "Firm and right": "",
    }


def _share(one: Estimate | None) -> str:
    return percent_exactly(None if one is None else one.value)


def _show_aucs_of_sets(sets: Mapping[str, SetResult], card: Card) -> None:
    """A chart; sets that it learned from and others differ in color and mark."""
    measured = {name: one.metrics["auc"] for name, one in sets.items() if "auc" in one.metrics}
    if not measured:
        return
    # the place among the series decides color and mark, so both are there also where one has nothing in it
    series: dict[str, dict[str, Estimate]] = {_LEARNED: {}, (_NEVER if card.imported is None else _UNKNOWN): {}}
    for name, one in measured.items():
        series[learned_in_words(card, name, yes=_LEARNED, no=_NEVER, unknown=_UNKNOWN)][short_title_of(name)] = one
    show_aucs(f"auc-{model_identity(card)}", series)


def show_aucs(key: str, series: Mapping[str, Mapping[str, Estimate]]) -> None:
    """A chart of AUCs with their intervals; series differ in color and mark.

    Args:
        key: Names the chart and the numbers in it.
        series: What learned from the sets, then what did not, by the words for it; in each, the AUC by the words for
            the data set.
    """

    def draw(palette: Palette) -> Figure:
        from deepfake.reports.figures import draw_intervals

        return draw_intervals(series, label=_AUC_WITH_INTERVAL, chance=0.5, palette=palette)

    said = [f"{name} ({words}): {plain(one)}" for words, values in series.items() for name, one in values.items()]
    show_chart(key, draw, alt=f"{_AUC_WITH_INTERVAL}. {'; '.join(said)}.")


def _show_false_alarms(sets: Mapping[str, SetResult], card: Card) -> None:
    rows = [
        {
            "Real faces alone": short_title_of(name),
            "Called manipulated": count_among(one.confusion[0][1], one.num_real),
            "Verdict “likely manipulated”": f"{one.verdicts.get('real', {}).get('fake', 0):,} of {one.num_real:,}",
        }
        for name, one in sets.items()
    ]
    show_rows("false-alarms", rows)
    halved = [short_title_of(name) for name in sets if card.chose_threshold_on(name)]
    st.caption(
        "False alarms. “Called manipulated” forces a call at the threshold; the verdict is what this page says, "
        "which may be “inconclusive”." + (f" The other half of {listed(halved)} set the threshold." if halved else "")
    )
