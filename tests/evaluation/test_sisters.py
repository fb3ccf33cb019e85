from __future__ import annotations

from typing import Any

import pytest

from deepfake.classifier.card import ImportedFrom
from deepfake.errors import ForeignWeightsError
from deepfake.evaluation.sisters import measure_left_out
from tests.fakes import make_card, make_classifier
from tests.prepared_sets import make_prepared_set

RECIPE: dict[str, Any] = {"name": "tiny", "epochs": 3, "steps_per_epoch": 10, "batch_size": 8}
LEARNED = {"role": "training", "balance": {"after": {"real": 20, "fake": 20}}}


def sister(**training_data: dict[str, Any]) -> Any:
    crop = make_card().crop
    return make_classifier(name="without-b", recipe=RECIPE, training_data=training_data), crop.side_px


def test_only_sets_that_were_kept_from_her_make_a_row() -> None:
    classifier, side = sister(a=LEARNED, b={"role": "left out"}, faces={"role": "false alarms only"})
    sets = [make_prepared_set(name, side_px=side) for name in ("a", "b")]
    sets.append(make_prepared_set("faces", side_px=side, all_real=True))
    (row,) = measure_left_out(classifier, sets, split="test")
    assert (row.set_name, row.level, row.split) == ("b", "image", "test")
    assert (list(row.in_set), list(row.false_alarm_rate)) == (["a"], ["faces"])
    assert row.num_train_crops == 40
    assert row.sister == "without-b: tiny, 3 epochs of 80 crops"
    assert row.auc.n == 16
    assert 0.5 < row.auc.value <= 1  # fakes of these sets are brighter, and she reads brightness


def test_a_set_that_her_card_does_not_name_was_never_seen_either() -> None:
    classifier, side = sister(a=LEARNED)
    rows = measure_left_out(classifier, [make_prepared_set("c", side_px=side)], split="valid")
    assert [(row.set_name, row.in_set, row.false_alarm_rate) for row in rows] == [("c", {}, {})]


def test_a_sister_who_learned_from_everything_gives_no_row() -> None:
    classifier, side = sister(a=LEARNED)
    assert measure_left_out(classifier, [make_prepared_set("a", side_px=side)], split="test") == []


def test_nobody_can_say_what_was_kept_from_an_imported_model() -> None:
    origin = ImportedFrom(file="theirs.h5", sha256="ab" * 32, fake_is=1, pixels="recipe")
    classifier = make_classifier(name="theirs", imported=origin, training_data={})
    with pytest.raises(ForeignWeightsError, match="theirs was imported, and what it learned from is not known"):
        measure_left_out(classifier, [make_prepared_set()], split="test")
