"""Precision, recall and F1 against counts worked out by hand, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report as reference

from deepfake.evaluation.classification_report import classification_report
from deepfake.evaluation.metrics import evaluate_set
from tests.fakes import make_rules


def test_the_shares_are_those_worked_out_by_hand() -> None:
    report = classification_report([[8, 2], [4, 6]])
    assert (report.real.precision, report.real.recall, report.real.support) == (8 / 12, 8 / 10, 10)
    assert report.real.f1 == pytest.approx(2 * (2 / 3) * 0.8 / (2 / 3 + 0.8))
    assert (report.fake.precision, report.fake.recall, report.fake.support) == (6 / 8, 6 / 10, 10)
    assert report.macro.recall == pytest.approx(0.7)
    assert (report.num_right, report.macro.support, report.accuracy) == (14, 20, 0.7)


def test_it_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels, called = rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    counts = [[int(((labels == truth) & (called == said)).sum()) for said in (0, 1)] for truth in (0, 1)]
    ours, theirs = classification_report(counts), reference(labels, called, output_dict=True)
    for scores, name in ((ours.real, "0"), (ours.fake, "1"), (ours.macro, "macro avg")):
        expected = theirs[name]
        assert (scores.precision, scores.recall, scores.f1, scores.support) == pytest.approx(
            (expected["precision"], expected["recall"], expected["f1-score"], expected["support"])
        )
    assert ours.accuracy == pytest.approx(theirs["accuracy"])


def test_both_classes_count_the_same_in_the_mean() -> None:
    report = classification_report([[100, 0], [1, 1]])
    assert report.macro.recall == pytest.approx((1.0 + 0.5) / 2)


def test_what_was_never_called_has_no_precision_and_an_f1_of_none_found() -> None:
    report = classification_report([[5, 0], [3, 0]])
    assert (report.fake.precision, report.fake.recall, report.fake.f1) == (None, 0.0, 0.0)
    assert report.macro.precision is None


def test_a_class_that_is_not_there_has_no_recall() -> None:
    report = classification_report([[5, 0], [0, 0]])
    assert (report.fake.recall, report.fake.f1, report.fake.support) == (None, None, 0)


def test_of_nothing_there_is_no_accuracy() -> None:
    assert classification_report([[0, 0], [0, 0]]).accuracy is None


def test_it_agrees_with_the_metrics_that_are_stored_beside_the_counts() -> None:
    rng = np.random.default_rng(0)
    probabilities, labels = rng.random(80), rng.integers(0, 2, 80)
    measured = evaluate_set(probabilities, labels, [str(row) for row in range(80)], make_rules(threshold=0.6))
    report = classification_report(measured["confusion"])
    for name, scores in (("real", report.real), ("fake", report.fake)):
        for measure in ("precision", "recall", "f1"):
            assert getattr(scores, measure) == pytest.approx(measured["metrics"][f"{measure}_{name}"]["value"])
    assert report.accuracy == pytest.approx(measured["metrics"]["accuracy"]["value"])
