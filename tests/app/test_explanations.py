"""Explanations made step by step, without a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import streamlit as st

from deepfake.app import explanations
from deepfake.app.explanations import Subject, recall, refine
from deepfake.app.options import ExplanationOptions
from deepfake.app.results import Upload, forget_all_but
from deepfake.classifier.classifier import Classifier
from deepfake.media.quality import FaceQuality
from tests.explain.test_parts import FRONTAL
from tests.fakes import make_card, make_rules, patch_brightness

CARD = make_card(rules=make_rules(threshold=0.3))
LEFT_HALF = (slice(0, 64), slice(0, 32))


class EndedError(BaseException):
    """As Streamlit ends a run when a person clicks."""


@pytest.fixture(autouse=True)
def empty_session() -> Iterator[None]:
    st.session_state.clear()
    yield
    st.session_state.clear()


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many variants each call of the model was asked for."""
    calls: list[int] = []

    def scorer(crops: Any) -> Any:
        calls.append(len(crops))
        return patch_brightness(LEFT_HALF)(crops)

    monkeypatch.setattr(explanations, "get_classifier", lambda card: Classifier(scorer, card))
    return calls


@pytest.fixture
def subject() -> Subject:
    noise = np.random.default_rng(0).integers(60, 200, (8, 8, 3))
    return Subject(
        upload=Upload.of("a.png", b"a"),
        card=CARD,
        options=ExplanationOptions(),
        part=0,
        crop=np.kron(noise, np.ones((16, 16, 1))).astype(np.uint8),
        landmarks=FRONTAL,
        quality=FaceQuality(side_px=50, brightness=120.0, sharpness=300.0),
        whose="the face",
        key="a",
    )


def ignore(_: int) -> None:
    """Nobody listens."""


def test_the_first_look_comes_unchecked_and_the_end_tested_and_told(subject: Subject, judged: list[int]) -> None:
    made = list(refine(subject, ignore))
    first, last = made[0], made[-1]
    assert len(made) >= 2
    assert (first.explanation.agreement, first.check, first.account) == (None, None, None)
    assert first.areas  # it can be drawn
    assert last.explanation.is_final
    assert last.check is not None and last.account is not None
    assert sum(judged[:2]) < sum(judged) / 2  # the first look waits for one repeat alone


def test_what_could_mislead_is_part_of_the_account(subject: Subject, judged: list[int]) -> None:
    *_, last = refine(subject, ignore)
    assert last.account is not None
    assert any("small: 50 pixels, while the model looks at 64" in caution for caution in last.account.cautions)


def test_only_the_end_is_remembered(subject: Subject, judged: list[int]) -> None:
    steps = refine(subject, ignore)
    next(steps)
    assert recall(subject) is None
    *_, last = steps
    assert recall(subject) is last


def test_a_click_in_between_costs_nothing_that_was_judged(subject: Subject, judged: list[int]) -> None:
    *_, whole = refine(subject, ignore)
    at_once = sum(judged)
    st.session_state.clear()
    judged.clear()

    def click(done: int) -> None:
        if done > 250:
            raise EndedError

    with pytest.raises(EndedError):
        list(refine(subject, click))
    before = sum(judged)
    assert before < at_once
    *_, gone_on = refine(subject, ignore)
    block = 128  # the one that was being judged when the click came is judged again
    assert sum(judged) <= at_once + block
    assert np.array_equal(gone_on.explanation.weights, whole.explanation.weights)


def test_progress_counts_variants(subject: Subject, judged: list[int]) -> None:
    told: list[int] = []
    list(refine(subject, told.append))
    assert told == sorted(told)
    assert told[-1] == sum(judged)


def test_unfinished_work_is_forgotten_with_its_file(subject: Subject, judged: list[int]) -> None:
    next(refine(subject, ignore))
    assert st.session_state["unfinished"]
    forget_all_but([])
    assert not st.session_state["unfinished"]
