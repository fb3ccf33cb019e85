"""One data set in detail: confusion matrix, classification report, reliability, curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.charts import show_chart
from deepfake.app.estimates import NOUNS, count_among, percent_exactly, plain, rate
from deepfake.app.loading import load_libraries
from deepfake.app.models import model_identity
from deepfake.app.records import ReliabilityBin, SetResult
from deepfake.app.tables import Cell, show_rows
from deepfake.evaluation.classification_report import ClassScores, classification_report
from deepfake.phrases import PERCENT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepfake.classifier.card import Card
    from deepfake.reports.figures import Palette

_METRIC_WORDS = {
    "auc": "AUC",
    "accuracy": "Accuracy",
    "precision_fake": "Precision, manipulated",
    "recall_fake": "Recall, manipulated",
    "f1_fake": "F1, manipulated",
    "precision_real": "Precision, real",
    "recall_real": "Recall, real",
    "f1_real": "F1, real",
    "eer": "EER (equal error rate)",
    "ap": "AP (average precision)",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "ece": "ECE (calibration error)",
    "false_alarm_rate": "False alarms (real called manipulated)",
}


def show_one_set(name: str, one: SetResult, card: Card, *, threshold: float) -> None:
    """Show one set, or one set of clips, in all that was measured.

    Args:
        name: Of the set.
        one: What was measured.
        card: Of the model.
        threshold: At which the confusion matrix was counted.
    """
    chart_key = f"{one.unit}-{name}-{model_identity(card)}"
    left, right = st.columns(2)
    with left:
        st.markdown("**Called what, when a call is forced**")
        _show_confusion(one, chart_key, threshold)
    with right:
        st.markdown("**Does a percentage mean what it says?**")
        _show_reliability(one, chart_key)
    st.markdown(_verdict_sentences(one))
    if one.has_both_classes:
        _show_report(one)
    if one.groups:
        with st.expander("False alarms by group of people", key=f"groups-{one.unit}", on_change="rerun") as box:
            if box.open:
                _show_groups(one)
    if one.num_without_face:
        st.caption(f"{one.num_without_face:,} files of this set are not counted: no face was found in them.")
    if one.roc is not None or one.precision_recall is not None:
        with st.expander("ROC and precision-recall curves", key=f"curves-{one.unit}", on_change="rerun") as box:
            if box.open:
                _show_curves(one, chart_key)
    with st.expander("All measurements of this set", key=f"metrics-{one.unit}", on_change="rerun") as box:
        if box.open:
            _show_metrics(one)


def _show_confusion(one: SetResult, chart_key: str, threshold: float) -> None:
    (_, false_alarms), (missed, found) = one.confusion
    noun = NOUNS[one.unit]
    sentences = []
    if one.num_real:
        sentences.append(f"Real {noun} called manipulated: {count_among(false_alarms, one.num_real)}.")
    if one.num_fake:
        sentences.append(
            f"Manipulated {noun} called manipulated: {count_among(found, one.num_fake)}; missed: {missed:,}."
        )

    def draw(palette: Palette) -> Figure:
        from deepfake.reports.figures import draw_confusion

        return draw_confusion(one.confusion, noun=noun, palette=palette)

    show_chart(f"confusion-{chart_key}", draw, alt=f"Confusion matrix. {' '.join(sentences)}")
    st.markdown(" ".join(sentences))
    st.caption(f"Confusion matrix, counted at the threshold {threshold:.2f}, without “inconclusive”.")


def _show_reliability(one: SetResult, chart_key: str) -> None:
    noun = NOUNS[one.unit]
    if not one.has_both_classes:
        truth = "real" if one.num_real else "manipulated"
        st.markdown(f"This set holds {truth} {noun} alone, so there is nothing to compare a probability with.")
        return

    def draw(palette: Palette) -> Figure:
        from deepfake.reports.figures import draw_reliability

        bins = one.reliability
        return draw_reliability(
            [b.mean_probability for b in bins],
            [b.share_fake for b in bins],
            [b.n for b in bins],
            noun=noun,
            palette=palette,
        )

    sentence = reliability_sentence(one.reliability, noun)
    show_chart(f"reliability-{chart_key}", draw, alt=f"Reliability diagram. {sentence}")
    st.markdown(sentence)
    st.caption("Reliability diagram: below the dotted line the model sees too much manipulation, above it too little.")


def reliability_sentence(bins: tuple[ReliabilityBin, ...], noun: str) -> str:
    """The best-filled range above one half in words: "when it says 80 %, it is right 78 times in 100"."""
    firm = [one for one in bins if one.mean_probability >= 0.5]
    if not firm:
        return f"The model never gave more than 50{PERCENT} here."
    typical = max(firm, key=lambda one: one.n)
    return (
        f"When it says {100 * typical.mean_probability:.0f}{PERCENT}, it is right "
        f"{100 * typical.share_fake:.0f} times in 100 (from {typical.n:,} {noun})."
    )


def _verdict_sentences(one: SetResult) -> str:
    """What the verdicts of the page were on this set, in counts."""
    parts = []
    for truth, words in (("real", "real"), ("fake", "manipulated")):
        counts = one.verdicts.get(truth, {})
        total = sum(counts.values())
        if total:
            parts.append(
                f"Of {total:,} {words} {NOUNS[one.unit]}, {counts.get('fake', 0):,} were called “likely manipulated”, "
                f"{counts.get('uncertain', 0):,} “inconclusive”, and in {counts.get('real', 0):,} no sign was found."
            )
    return "**The verdicts of this page.** " + " ".join(parts) if parts else ""


def _show_report(one: SetResult) -> None:
    report = classification_report(one.confusion)
    noun = NOUNS[one.unit]
    st.markdown(
        "**Classification report.** "
        f"Of all {noun}, {count_among(report.num_right, report.macro.support)} were called what they are: the accuracy."
    )
    rows = [
        _report_row(f"Real {noun}", report.real),
        _report_row(f"Manipulated {noun}", report.fake),
        _report_row("Mean of both (macro average)", report.macro),
    ]
    show_rows(f"report-{one.unit}", rows)
    st.caption(
        f"**Precision**: of the {noun} that were called so, how many are. **Recall**: of those that are so, how many "
        "were called so. **F1** is high only where both are. **Support**: how many there were. In the mean both "
        "classes count the same. Counted at the threshold, as in the confusion matrix."
    )


def _report_row(words: str, scores: ClassScores) -> dict[str, Cell]:
    return {
        "Truly": words,
        "Precision": percent_exactly(scores.precision),
        "Recall": percent_exactly(scores.recall),
        "F1": percent_exactly(scores.f1),
        "Support": f"{scores.support:,}",
    }


def _show_groups(one: SetResult) -> None:
    rows: list[dict[str, Cell]] = [
        {"By": kind, "Group": group, "Faces": f"{measured.n:,}", "Real called manipulated": rate(measured)}
        for kind, groups in one.groups.items()
        for group, measured in groups.items()
    ]
    show_rows(f"groups-table-{one.unit}", rows)
    st.caption(
        "Groups as the makers of the set named and estimated them. Where intervals overlap widely, the groups may do "
        "alike; a group with clearly more false alarms is one on which to trust this model less."
    )


def _show_curves(one: SetResult, chart_key: str) -> None:
    from deepfake.reports.figures import draw_precision_recall, draw_roc

    roc, precision_recall = one.roc, one.precision_recall
    report = classification_report(one.confusion)
    recall, precision = report.fake.recall, report.fake.precision
    left, right = st.columns(2)
    if roc is not None and recall is not None:
        at = (one.confusion[0][1] / one.num_real, recall)
        with left:
            show_chart(
                f"roc-{chart_key}",
                lambda palette: draw_roc(*roc, at_threshold=at, palette=palette),
                alt=f"ROC curve; area under it (AUC) {plain(one.metrics.get('auc'))}. At the threshold "
                f"{percent_exactly(at[1])} of the manipulated are found, and {percent_exactly(at[0])} of the real are "
                "called manipulated.",
            )
            st.caption("ROC: the further the line bends to the upper left, the better.")
    if precision_recall is not None and recall is not None:
        share_fake = one.num_fake / (one.num_real + one.num_fake)
        at_threshold = None if precision is None else (recall, precision)
        with right:
            show_chart(
                f"precision-recall-{chart_key}",
                lambda palette: draw_precision_recall(
                    *precision_recall, share_fake=share_fake, at_threshold=at_threshold, palette=palette
                ),
                alt=f"Precision-recall curve; average precision {plain(one.metrics.get('ap'))}; guessing would have "
                f"{percent_exactly(share_fake)}.",
            )
            st.caption("Precision and recall: the longer the line stays at the top, the better.")


def _show_metrics(one: SetResult) -> None:
    rows = [
        (_METRIC_WORDS.get(name, name), plain(value, digits=3), f"{value.n:,}") for name, value in one.metrics.items()
    ]
    names, values, counts = zip(*rows, strict=True)
    table = {f"{one.unit.capitalize()} metric": names, f"Value [95{PERCENT} interval]": values, "n": counts}
    load_libraries()
    st.table(table, hide_index=True, border="horizontal")
