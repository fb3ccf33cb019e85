"""How often a model is right: per data set and together, in counts, rates and charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.charts import show_chart
from deepfake.app.data_sets import short_title_of, title_of
from deepfake.app.models import model_identity
from deepfake.app.records import Estimate, Evaluation, ReliabilityBin, SetResult
from deepfake.app.wording import NOTHING_FIRM, PERCENT, percent

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


def show_measured(evaluation: Evaluation, card: Card) -> None:
    """Show results on all sets, then one set in detail."""
    st.markdown(
        f"Measured on the **{evaluation.split}** part of each data set: pictures that the model never learned from. "
        "The brackets hold 95 % intervals: with other pictures of the same kind the number would mostly fall into them."
    )
    _show_all_sets(evaluation, card)
    name = st.selectbox("Data set in detail", list(evaluation.sets), format_func=title_of, key="set")
    _show_one_set(name, evaluation, card)


def show_comparison(evaluations: Mapping[str, Evaluation | None], cards: Mapping[str, Card]) -> None:
    """A table of all models; every set counts the same in its means."""
    rows = []
    for name, card in cards.items():
        evaluation = evaluations[name]
        macro = {} if evaluation is None else evaluation.macro
        rows.append(
            {
                "Model": card.title,
                "Learned from": ", ".join(short_title_of(one) for one in card.training_data if card.learned_from(one)),
                "AUC": _plain(macro.get("auc")),
                "Right (accuracy)": _rate(macro.get("accuracy")),
                "Real called manipulated": _rate(macro.get("false_alarm_rate")),
                "Measured on": NOTHING_FIRM if evaluation is None else ", ".join(map(short_title_of, evaluation.sets)),
            }
        )
    st.table({name: [row[name] for row in rows] for name in rows[0]}, hide_index=True, border="horizontal")
    st.caption("Means over the test sets that have both real and manipulated faces; every set counts the same.")


def _show_all_sets(evaluation: Evaluation, card: Card) -> None:
    rows = [_set_row(name, one, card) for name, one in evaluation.sets.items()]
    if evaluation.macro:
        rows.append(_macro_row(evaluation))
    with st.container(key="all-sets"):
        st.table({name: [row[name] for row in rows] for name in rows[0]}, hide_index=True, border="horizontal")
    st.caption(
        "**AUC**: of one manipulated and one real face, how often the manipulated one gets the higher probability "
        "(0.5 is guessing). **Firm**: how often the model dares to say more than “inconclusive”, and how often it is "
        "then right."
    )
    with_auc = {
        short_title_of(name): one.metrics["auc"] for name, one in evaluation.sets.items() if "auc" in one.metrics
    }
    if with_auc:
        show_chart(
            f"auc-{model_identity(card)}",
            lambda palette: _draw_intervals(with_auc, palette),
            alt="AUC with 95 % interval. " + "; ".join(f"{name}: {_plain(one)}" for name, one in with_auc.items()),
        )


def _set_row(name: str, one: SetResult, card: Card) -> dict[str, str]:
    (_, false_alarms), (missed, _) = one.confusion
    return {
        "Data set": title_of(name),
        "Learned from this set?": _learned_from(name, card),
        "AUC": _plain(one.metrics.get("auc")),
        "Right (accuracy)": _rate(one.metrics.get("accuracy")),
        "Real called manipulated": f"{false_alarms:,} of {one.num_real:,}" if one.num_real else NOTHING_FIRM,
        "Manipulated called real": f"{missed:,} of {one.num_fake:,}" if one.num_fake else NOTHING_FIRM,
        "Firm": NOTHING_FIRM if one.coverage is None else percent(one.coverage.value),
        "Firm and right": _rate(one.correctness),
    }


def _learned_from(name: str, card: Card) -> str:
    if card.learned_from(name):
        return "its training part"
    return "no; half of it set the threshold" if name in card.training_data else "no, never seen"


def _macro_row(evaluation: Evaluation) -> dict[str, str]:
    return {
        "Data set": "Mean of the sets with both classes",
        "Learned from this set?": "",
        "AUC": _plain(evaluation.macro.get("auc")),
        "Right (accuracy)": _rate(evaluation.macro.get("accuracy")),
        "Real called manipulated": _rate(evaluation.macro.get("false_alarm_rate")),
        "Manipulated called real": "",
        "Firm": "",
        "Firm and right": "",
    }


def _show_one_set(name: str, evaluation: Evaluation, card: Card) -> None:
    one = evaluation.sets[name]
    left, right = st.columns(2)
    with left:
        st.markdown("**Called what, when a call is forced**")
        _show_confusion(name, one, evaluation, card)
    with right:
        st.markdown("**Does a percentage mean what it says?**")
        _show_reliability(name, one, card)
    st.markdown(_firm_sentences(one))
    if one.num_without_face:
        st.caption(f"{one.num_without_face:,} files of this set are not counted: no face was found in them.")
    if one.roc is not None or one.precision_recall is not None:
        with st.expander("ROC and precision-recall curves", key="curves", on_change="rerun") as box:
            if box.open:
                _show_curves(name, one, card)
    with st.expander("All measurements of this set", key="metrics", on_change="rerun") as box:
        if box.open:
            _show_metrics(one)


def _show_confusion(name: str, one: SetResult, evaluation: Evaluation, card: Card) -> None:
    (_, false_alarms), (missed, found) = one.confusion
    sentences = []
    if one.num_real:
        share = percent_of(false_alarms, one.num_real)
        sentences.append(f"Real faces called manipulated: {false_alarms:,} of {one.num_real:,} ({share}).")
    if one.num_fake:
        share = percent_of(found, one.num_fake)
        sentences.append(
            f"Manipulated faces called manipulated: {found:,} of {one.num_fake:,} ({share}); missed: {missed:,}."
        )

    def draw(palette: Palette) -> Figure:
        from deepfake.reports.figures import draw_confusion

        return draw_confusion(one.confusion, palette=palette)

    alt = f"Confusion matrix. {' '.join(sentences)}"
    show_chart(f"confusion-{name}-{model_identity(card)}", draw, alt=alt)
    st.markdown(" ".join(sentences))
    st.caption(f"Counted at the threshold {evaluation.threshold:.2f}, without “inconclusive”.")


def _show_reliability(name: str, one: SetResult, card: Card) -> None:
    def draw(palette: Palette) -> Figure:
        from deepfake.reports.figures import draw_reliability

        bins = one.reliability
        return draw_reliability(
            [b.mean_probability for b in bins], [b.share_fake for b in bins], [b.n for b in bins], palette=palette
        )

    if one.num_fake == 0:
        st.markdown("This set holds real faces alone, so there is nothing to compare a probability with.")
        return
    sentence = reliability_sentence(one.reliability)
    show_chart(f"reliability-{name}-{model_identity(card)}", draw, alt=f"Reliability diagram. {sentence}")
    st.markdown(sentence)


def _show_curves(name: str, one: SetResult, card: Card) -> None:
    from deepfake.reports.figures import draw_precision_recall, draw_roc

    roc, precision_recall = one.roc, one.precision_recall
    left, right = st.columns(2)
    if roc is not None:
        with left:
            show_chart(
                f"roc-{name}-{model_identity(card)}",
                lambda palette: draw_roc(*roc, palette=palette),
                alt=f"ROC curve; area under it (AUC) {_plain(one.metrics.get('auc'))}.",
            )
    if precision_recall is not None:
        with right:
            show_chart(
                f"precision-recall-{name}-{model_identity(card)}",
                lambda palette: draw_precision_recall(*precision_recall, palette=palette),
                alt=f"Precision-recall curve; average precision {_plain(one.metrics.get('ap'))}.",
            )


def _show_metrics(one: SetResult) -> None:
    rows = [
        (_METRIC_WORDS.get(name, name), _plain(value, digits=3), f"{value.n:,}") for name, value in one.metrics.items()
    ]
    names, values, counts = zip(*rows, strict=True)
    table = {"Image metric": names, "Value [95 % interval]": values, "n": counts}
    st.table(table, hide_index=True, border="horizontal")


def _firm_sentences(one: SetResult) -> str:
    """What the verdicts of the page were on this set, in counts."""
    parts = []
    for truth, words in (("real", "real"), ("fake", "manipulated")):
        counts = one.verdicts.get(truth, {})
        total = sum(counts.values())
        if total:
            parts.append(
                f"Of {total:,} {words} faces, {counts.get('fake', 0):,} were called “likely manipulated”, "
                f"{counts.get('uncertain', 0):,} “inconclusive”, and in {counts.get('real', 0):,} no sign was found."
            )
    return "**The verdicts of this page.** " + " ".join(parts) if parts else ""


def reliability_sentence(bins: tuple[ReliabilityBin, ...]) -> str:
    """The best-filled range above one half in words: "when it says 80 %, it is right 78 times in 100"."""
    firm = [one for one in bins if one.mean_probability >= 0.5]
    if not firm:
        return "The model never gave more than 50 % here."
    typical = max(firm, key=lambda one: one.n)
    return (
        f"When it says {100 * typical.mean_probability:.0f}{PERCENT}, it is right "
        f"{100 * typical.share_fake:.0f} times in 100 (from {typical.n:,} pictures)."
    )


def percent_of(count: int, total: int) -> str:
    """A counted share, which may be exactly none or all."""
    return f"{100 * count / total:.0f}{PERCENT}"


def _draw_intervals(values: Mapping[str, Estimate], palette: Palette) -> Figure:
    from deepfake.reports.figures import draw_intervals

    plain = {name: (one.low, one.value, one.high) for name, one in values.items()}
    return draw_intervals(plain, label="image AUC with 95 % interval", chance=0.5, palette=palette)


def _plain(one: Estimate | None, digits: int = 2) -> str:
    if one is None:
        return NOTHING_FIRM
    return _with_interval(*(f"{value:.{digits}f}" for value in (one.value, one.low, one.high)))


def _rate(one: Estimate | None) -> str:
    if one is None:
        return NOTHING_FIRM
    return _with_interval(f"{100 * one.value:.0f}{PERCENT}", f"{100 * one.low:.0f}", f"{100 * one.high:.0f}")


def _with_interval(value: str, low: str, high: str) -> str:
    """Broken over two lines, if at all, between the value and its interval."""
    return f"{value} [{low},\N{NO-BREAK SPACE}{high}]"
