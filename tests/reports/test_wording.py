"""What page and reports say of a verdict."""

from __future__ import annotations

from deepfake.reports.wording import confidence_of, confidence_words, explaining_sentences, headline
from deepfake.verdicts import Verdict


def test_confidence_is_that_of_the_stated_verdict() -> None:
    assert confidence_of(Verdict(verdict="fake", probability=0.9, reasons=())) == 0.9
    assert confidence_of(Verdict(verdict="real", probability=0.1, reasons=())) == 0.9
    assert confidence_of(Verdict(verdict="uncertain", probability=0.9, reasons=())) is None
    assert confidence_of(Verdict(verdict="no_face", probability=None, reasons=())) is None


def test_nothing_is_said_of_a_confidence_where_nothing_was_judged() -> None:
    assert confidence_words(Verdict(verdict="uncertain", probability=None, reasons=("Too small.",))) == ""


def test_the_confidence_of_a_group_says_whose_it_is() -> None:
    verdict = Verdict(verdict="fake", probability=0.9, reasons=("1 of 2 faces looks manipulated.",))
    assert confidence_words(verdict, num_faces=2).endswith("for the most suspicious face")


def test_a_headline_is_not_repeated_below_itself() -> None:
    verdict = Verdict(verdict="fake", probability=0.9, reasons=("1 of 12 faces looks manipulated.", "Signs."))
    assert headline(verdict, 12) == "1 of 12 faces looks manipulated"
    assert explaining_sentences(verdict, 12) == ["Signs."]
