"""Sentences on best and worst sets follow from the measurements."""

from __future__ import annotations

from typing import Any

import pytest

from deepfake.app.records import Evaluation, SetResult
from deepfake.app.strengths import ranked_sets, strength_sentences, worst_sentence
from deepfake.classifier.card import Card
from deepfake.evaluation.estimates import Estimate
from tests.fakes import make_card, make_left_out, make_left_out_row

EVERYTHING: Card = make_card(training_data={"140k": {}, "ciplab": {}, "dfdc-faces": {}})


def measured(auc: float | None, *, real: tuple[int, int] = (90, 10), num_fake: int = 100) -> SetResult:
    metrics = {} if auc is None else {"auc": Estimate(value=auc, low=None, high=None, n=200)}
    fields: dict[str, Any] = {"coverage": None, "correctness": None, "verdicts": {}, "roc": None, "groups": {}}
    return SetResult(
        unit="image",
        num_real=sum(real),
        num_fake=num_fake,
        num_without_face=0,
        metrics=metrics,
        confusion=(real, (0, num_fake)),
        precision_recall=None,
        reliability=(),
        **fields,
    )


def evaluation(**sets: SetResult) -> Evaluation:
    named = {name.replace("k140", "140k").replace("_", "-"): one for name, one in sets.items()}
    return Evaluation(split="test", threshold=0.5, sets=named, macro={}, clips={})


def test_sets_are_ranked_from_best_to_worst_and_those_that_rank_nothing_are_left_out() -> None:
    one = evaluation(k140=measured(0.7), ciplab=measured(0.9), lfw=measured(None, num_fake=0))
    assert ranked_sets(one) == [("ciplab", 0.9), ("140k", 0.7)]


def test_the_best_and_the_worst_of_several_are_named_and_no_other() -> None:
    one = evaluation(k140=measured(0.7), ciplab=measured(0.9), dfdc_faces=measured(0.8))
    best, worst = strength_sentences(one, None, EVERYTHING)
    assert best.startswith("It is **best on CIPLAB (edited by hand)**: of one") and "90 times in 100" in best
    assert worst == "It is **worst on 140k (StyleGAN faces)**: 70 times in 100."


def test_a_set_that_it_never_learned_from_is_called_so() -> None:
    one = evaluation(k140=measured(0.9), celeb_df_v2=measured(0.6))
    _, worst = strength_sentences(one, None, EVERYTHING)
    assert worst.startswith("It is **worst on Celeb-DF (face swaps in video)**, from which it never learned: 60")


def test_a_single_set_is_neither_best_nor_worst() -> None:
    [sentence] = strength_sentences(evaluation(ciplab=measured(0.9)), None, EVERYTHING)
    assert sentence.startswith("It was measured on CIPLAB (edited by hand) alone")


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ({"lfw": (95, 5)}, "On **LFW**, a set of real faces alone, it has these false alarms: 5 of 100 (5\xa0%)"),
        (
            {"lfw": (190, 10), "utkface": (46, 4)},
            "Of 2 sets of real faces alone, it has most false alarms on **UTKFace**: 4 of 50 (8\xa0%)",
        ),
    ],
)
def test_false_alarms_are_compared_by_their_share(sets: dict[str, tuple[int, int]], said: str) -> None:
    one = evaluation(**{name: measured(None, real=real, num_fake=0) for name, real in sets.items()})
    [sentence] = strength_sentences(one, None, EVERYTHING)
    assert sentence == f"{said} called manipulated at the threshold."


def test_the_worst_sister_is_named() -> None:
    better = make_left_out_row(set_name="140k", in_set={}, auc=Estimate(value=0.7, low=0.6, high=0.8, n=5))
    [sentence] = strength_sentences(evaluation(), make_left_out(better, make_left_out_row()), EVERYTHING)
    assert sentence.endswith("the worst result is 55 times in 100, on CIPLAB (edited by hand).")


def test_of_what_was_not_measured_nothing_is_said() -> None:
    assert strength_sentences(evaluation(), make_left_out(), EVERYTHING) == []
    assert worst_sentence(evaluation()) is None
