"""Where a model is strong and where it fails, in sentences made from its measurements. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepfake.app.data_sets import short_title_of, title_of
from deepfake.app.estimates import count_among, times_in_100
from deepfake.app.origins import learned_in_words

if TYPE_CHECKING:
    from deepfake.app.records import Evaluation
    from deepfake.classifier.card import Card
    from deepfake.evaluation.left_out import LeftOut

_AUC_IN_WORDS = "of one manipulated and one real face, it gives the manipulated one the higher probability"


def ranked_sets(evaluation: Evaluation) -> list[tuple[str, float]]:
    """The sets on which real and manipulated faces can be told apart, with the AUC, the best first."""
    measured = [(name, one.metrics["auc"].value) for name, one in evaluation.sets.items() if "auc" in one.metrics]
    return sorted(measured, key=lambda pair: -pair[1])


def worst_sentence(evaluation: Evaluation) -> str | None:
    """Its worst set by name; None where no set tells."""
    ranked = ranked_sets(evaluation)
    if not ranked:
        return None
    name, auc = ranked[-1]
    return f"**Its worst test set is {title_of(name)}**: {_AUC_IN_WORDS} {times_in_100(auc)} (guessing: 50)."


def strength_sentences(evaluation: Evaluation, left_out: LeftOut | None, card: Card) -> list[str]:
    """Best set, worst set, most false alarms, and the worst of what was left out; each only where it was measured."""
    ranked = ranked_sets(evaluation)
    sentences = []
    if len(ranked) == 1:
        name, auc = ranked[0]
        sentences.append(
            f"It was measured on {title_of(name)} alone: {_AUC_IN_WORDS} {times_in_100(auc)} (guessing: 50)."
        )
    elif ranked:
        (best, best_auc), (worst, worst_auc) = ranked[0], ranked[-1]
        sentences.append(
            f"It is **best on {title_of(best)}**{_never(best, card)}: {_AUC_IN_WORDS} {times_in_100(best_auc)} "
            "(guessing: 50)."
        )
        sentences.append(f"It is **worst on {title_of(worst)}**{_never(worst, card)}: {times_in_100(worst_auc)}.")
    alarms = _most_false_alarms(evaluation)
    if alarms is not None:
        sentences.append(alarms)
    if left_out is not None and left_out.rows:
        hardest = min(left_out.rows, key=lambda row: row.auc.value)
        sentences.append(
            "Pictures of **a kind that it never saw**: sister models that had to do without one of the sets were tried "
            f"on that set, and the worst result is {times_in_100(hardest.auc.value)}, on "
            f"{title_of(hardest.set_name)}."
        )
    return sentences


def _never(name: str, card: Card) -> str:
    return learned_in_words(
        card, name, yes="", no=", from which it never learned", unknown=", from which it may have learned"
    )


def _most_false_alarms(evaluation: Evaluation) -> str | None:
    counted = {name: one.confusion[0] for name, one in evaluation.sets.items() if one.num_real and not one.num_fake}
    if not counted:
        return None
    name = max(counted, key=lambda one: counted[one][1] / sum(counted[one]))
    where = f"**{short_title_of(name)}**"
    alarms = f"{count_among(counted[name][1], sum(counted[name]))} called manipulated at the threshold."
    if len(counted) == 1:
        return f"On {where}, a set of real faces alone, it has these false alarms: {alarms}"
    return f"Of {len(counted)} sets of real faces alone, it has most false alarms on {where}: {alarms}"
