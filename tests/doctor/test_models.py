"""Models that are whole, damaged, swapped, or judge otherwise than when they were published."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepfake.classifier.card import Card, write_card
from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE, Classifier, sha256_of
from deepfake.doctor.findings import Finding
from deepfake.doctor.models import check_class_order, check_models, check_portrait
from deepfake.errors import WeightsMismatchError
from tests.fakes import constant, make_card

_MEASURED = {"macro": {"auc": {"value": 0.8}}}


def put(models: Path, **changes: object) -> Card:
    folder = models / "m"
    folder.mkdir()
    (folder / WEIGHTS_FILE).write_bytes(b"weights")
    values = {"name": "m", "weights_sha256": sha256_of(folder / WEIGHTS_FILE), "metrics": _MEASURED,
              "portrait_probability": 0.75, **changes}  # fmt: skip
    card = make_card(**values)
    write_card(folder / CARD_FILE, card)
    return card


def faults(findings: list[Finding]) -> list[str]:
    return [finding.sentence for finding in findings if finding.grade == "fault"]


def test_a_whole_model_that_judges_as_before_is_fine(tmp_path: Path) -> None:
    card = put(tmp_path)
    findings = check_models(lambda name: Classifier(constant(0.75), card), tmp_path)
    assert [finding.grade for finding in findings] == ["fine", "fine", "fine"]
    assert "gets 0.7500; expected 0.7500" in findings[-1].sentence


def test_other_weights_are_a_fault_and_are_not_loaded(tmp_path: Path) -> None:
    put(tmp_path, weights_sha256="0" * 64)

    def load(name: str) -> Classifier:
        raise AssertionError("loaded")

    (said,) = faults(check_models(load, tmp_path))
    assert "was replaced" in said


def test_a_broken_card_and_an_empty_folder_are_faults(tmp_path: Path) -> None:
    assert "no model" in faults(check_models(_never, tmp_path))[0]
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / CARD_FILE).write_text("{", encoding="utf-8")
    (said,) = faults(check_models(_never, tmp_path))
    assert said.startswith("broken: ")


def _never(name: str) -> Classifier:
    raise AssertionError(f"{name} was loaded")


def test_a_model_that_cannot_be_loaded_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path)

    def load(name: str) -> Classifier:
        raise WeightsMismatchError("gone meanwhile")

    assert faults(check_models(load, tmp_path)) == ["m cannot be used: gone meanwhile"]


@pytest.mark.parametrize(("score", "grade"), [(0.7401, "fine"), (0.7599, "fine"), (0.73, "fault"), (0.25, "fault")])
def test_the_self_test_picture_may_differ_by_a_hundredth(score: float, grade: str) -> None:
    card = make_card(portrait_probability=0.75)
    assert check_portrait(Classifier(constant(score), card)).grade == grade


def test_a_card_of_before_the_self_test_gets_a_note_that_says_how_to_add_it() -> None:
    found = check_portrait(Classifier(constant(0.5), make_card(name="old")))
    assert found.grade == "note"
    assert "doctor --remember old" in found.sentence


@pytest.mark.parametrize(
    ("metrics", "grade"),
    [({"macro": {"auc": {"value": 0.3}}}, "fault"), (_MEASURED, "fine"), ({}, "note"), ({"macro": 3}, "note")],
)
def test_swapped_classes_are_seen_in_what_was_measured(metrics: dict, grade: str) -> None:
    assert check_class_order("m", make_card(metrics=metrics)).grade == grade
