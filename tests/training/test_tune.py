"""A search starts from the recipe, is judged on validation splits, and goes on after a kill."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

import deepfake.training.tune as tuning
from deepfake.errors import EmptyDatasetError, TrainingError
from deepfake.training.callbacks import read_history
from deepfake.training.recipes import Recipe
from deepfake.training.recipes.cnn64 import Cnn64
from deepfake.training.recipes.knobs import set_knobs
from deepfake.training.recipes.ranges import Between, OneOf, Ranges
from deepfake.training.trainer import TrainedModel
from deepfake.training.trials import Search, Trial
from deepfake.training.tune import tune
from tests.prepared_sets import make_prepared_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Small(Cnn64):
    """Two layers; three knobs to search."""

    ranges: ClassVar[Ranges] = {
        "learning_rate": Between(low=1e-4, high=1e-1, log=True),
        "dense_dropout": Between(low=0.0, high=0.9),
        "batch_size": OneOf(values=(8, 16)),
    }

    input_side_px: int = 16
    blocks: Any = ((4,),)
    dense_units: int = 4
    learning_rate: float = 1e-3
    batch_size: int = 8
    epochs: int = 4
    epochs_by_file: int = 2


def one_step(recipe: Recipe, sets: Any, *, run_dir: Path, **_: Any) -> TrainedModel:
    """A training whose last epoch is its best, with an AUC of 0.9 less the distance of the dropout from 0.7."""
    auc = 0.9 - abs(recipe.dense_dropout - 0.7)  # type: ignore[attr-defined]
    last = recipe.epochs - 1
    history = tuple({"epoch": epoch, "val_auc": auc - 0.1 * (last - epoch)} for epoch in range(recipe.epochs))
    run_dir.mkdir(parents=True, exist_ok=True)
    rows = "\n".join(f"{row['epoch']},{row['val_auc']}" for row in history)
    (run_dir / "history.csv").write_text(f"epoch,val_auc\n{rows}\n")
    (run_dir / "last-all.keras").write_bytes(b"weights")
    return TrainedModel(model=None, history=history, best_epoch=last, rows=())


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """Trials end at once with AUCs that are known; what was trained is noted."""
    trained: list[Recipe] = []

    def noting(recipe: Recipe, sets: Any, **how: Any) -> TrainedModel:
        trained.append(recipe)
        return one_step(recipe, sets, **how)

    monkeypatch.setattr(tuning, "train", noting)
    return trained


def search(folder: Path, num_trials: int, *, recipe: Recipe | None = None, **how: Any) -> Search:
    return tune(recipe or Small(), [make_prepared_set()], num_trials=num_trials, run_dir=folder, verbose=0, **how)


def test_the_first_trial_is_the_recipe_as_it_stands_in_fewer_epochs(known: list[Recipe], tmp_path: Path) -> None:
    found = search(tmp_path / "search", 3, epochs=2)
    assert known[0] == Small().shortened(2)
    assert found.trials[0].knobs == {"learning_rate": 1e-3, "dense_dropout": 0.3, "batch_size": 8}


def test_trials_differ_in_the_knobs_of_the_ranges_alone_and_stay_inside(known: list[Recipe], tmp_path: Path) -> None:
    search(tmp_path / "search", 6)
    own = Small().shortened(1)
    for tried in known:
        back = {knob: getattr(own, knob) for knob in Small.ranges}
        assert replace(tried, **back) == own  # type: ignore[arg-type]
        assert 1e-4 <= tried.learning_rate <= 1e-1
        assert 0 <= tried.dense_dropout <= 0.9  # type: ignore[attr-defined]
        assert tried.batch_size in (8, 16)
    assert len({tried.learning_rate for tried in known}) == 6


def test_the_best_trial_is_the_one_with_the_highest_validation_auc(known: list[Recipe], tmp_path: Path) -> None:
    found = search(tmp_path / "search", 8)
    dropouts = [one.knobs["dense_dropout"] for one in found.trials]
    nearest = min(range(8), key=lambda number: abs(dropouts[number] - 0.7))
    assert found.best.number == nearest
    assert found.best.val_auc == pytest.approx(0.9 - abs(dropouts[nearest] - 0.7))
    assert found.ranked()[0].number == nearest


def test_after_the_random_trials_proposals_are_better_than_chance(known: list[Recipe], tmp_path: Path) -> None:
    """Of three knobs nine trials are random; the mean distance from 0.7 of a uniform draw from 0..0.9 is 0.294."""
    found = search(tmp_path / "search", 13)
    guided = [abs(one.knobs["dense_dropout"] - 0.7) for one in found.trials[10:]]
    assert sum(guided) / len(guided) < 0.294


def test_two_searches_from_the_same_seed_try_the_same_and_from_another_do_not(
    known: list[Recipe], tmp_path: Path
) -> None:
    knobs = [
        [one.knobs for one in search(tmp_path / name, 4, recipe=Small(seed=seed)).trials]
        for name, seed in (("one", 0), ("again", 0), ("other", 1))
    ]
    assert knobs[0] == knobs[1]
    assert knobs[0][1:] != knobs[2][1:]


def test_knobs_that_were_set_are_kept(known: list[Recipe], tmp_path: Path) -> None:
    found = search(tmp_path / "search", 4, recipe=Small(learning_rate=0.5), keep=["learning_rate"])
    assert {tried.learning_rate for tried in known} == {0.5}
    assert found.ranges.keys() == {"dense_dropout", "batch_size"}


def test_a_search_that_ended_goes_on_with_more_trials(known: list[Recipe], tmp_path: Path) -> None:
    first = search(tmp_path / "search", 9)
    more = search(tmp_path / "search", 12)  # nine have numbers of one digit, twelve of two
    assert more.trials[:9] == first.trials
    assert [one.number for one in more.trials] == list(range(12))
    assert len(known) == 12


def test_what_was_tried_is_told_and_kept_as_a_table_after_each_trial(known: list[Recipe], tmp_path: Path) -> None:
    told: list[tuple[Trial, int]] = []
    tables: list[str] = []

    def note(trial: Trial, num_trials: int) -> None:
        told.append((trial, num_trials))
        tables.append((tmp_path / "search" / "trials.csv").read_text())

    found = search(tmp_path / "search", 3, epochs=2, on_trial=note)
    assert told == [(one, 3) for one in found.trials]
    assert [len(table.splitlines()) for table in tables] == [2, 3, 4]
    assert tables[-1] == found.to_csv().replace("\r\n", "\n")
    for row, one in zip(csv.DictReader(io.StringIO(tables[-1])), found.trials, strict=True):
        assert float(row["val_auc"]) == one.val_auc
        assert (int(row["trial"]), int(row["best_epoch"]), int(row["num_epochs"])) == (one.number, 1, 2)
        knobs = [f"{knob}={row[knob]}" for knob in Small.ranges]
        assert set_knobs(Small(), knobs) == replace(Small(), **one.knobs)


def test_no_weights_are_kept_of_a_trial(known: list[Recipe], tmp_path: Path) -> None:
    search(tmp_path / "search", 3)
    assert list((tmp_path / "search").rglob("*.keras")) == []
    assert len(list((tmp_path / "search").rglob("history.csv"))) == 3


def failing(when: Callable[[Recipe], bool]) -> Callable[..., TrainedModel]:
    def train(recipe: Recipe, sets: Any, **how: Any) -> TrainedModel:
        if when(recipe):
            raise TrainingError("the loss is no longer a number")
        return one_step(recipe, sets, **how)

    return train


def test_a_trial_that_cannot_learn_is_one_among_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tuning, "train", failing(lambda recipe: recipe.batch_size == 8))
    found = search(tmp_path / "search", 8)
    failed = [one for one in found.trials if one.knobs["batch_size"] == 8]
    assert len(failed) >= 2 and len(failed) < 8
    assert {(one.val_auc, one.failure) for one in failed} == {(None, "the loss is no longer a number")}
    assert found.best.knobs["batch_size"] == 16
    assert {one.number for one in found.ranked()[-len(failed) :]} == {one.number for one in failed}


def test_a_search_without_any_result_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tuning, "train", failing(lambda recipe: True))
    with pytest.raises(TrainingError, match=r"None of 5 trials.*no longer a number"):
        search(tmp_path / "search", 5)


def test_what_no_other_knob_could_mend_ends_the_search(tmp_path: Path) -> None:
    with pytest.raises(EmptyDatasetError, match="0 fake"):
        tune(Small(), [make_prepared_set("people", all_real=True)], num_trials=2, run_dir=tmp_path / "search")


@pytest.mark.parametrize("changed", [{"recipe": Small(dense_units=5)}, {"epochs": 2}, {"keep": ["batch_size"]}])
def test_the_book_of_another_search_is_refused(changed: dict[str, Any], known: list[Recipe], tmp_path: Path) -> None:
    search(tmp_path / "search", 2)
    with pytest.raises(TrainingError, match="another recipe or other data"):
        search(tmp_path / "search", 2, **changed)


def test_a_book_that_was_cut_off_is_refused(known: list[Recipe], tmp_path: Path) -> None:
    search(tmp_path / "search", 2)
    book = tmp_path / "search" / "oracle.json"
    book.write_text(book.read_text()[:50])
    with pytest.raises(TrainingError, match="cut off"):
        search(tmp_path / "search", 3)


@pytest.mark.parametrize(("num_trials", "keep"), [(1, []), (0, []), (-3, []), (5, list(Small.ranges))])
def test_nothing_to_search_is_refused(num_trials: int, keep: list[str], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"search of .* knobs was asked for"):
        search(tmp_path / "search", num_trials, keep=keep)


def test_the_note_for_the_card_says_what_was_searched_and_what_the_recipe_itself_reached() -> None:
    trials = tuple(
        Trial(number=number, knobs={"dropout": number / 10}, val_auc=auc, best_epoch=0, num_epochs=1)
        for number, auc in enumerate([0.6, None, 0.8, 0.8])
    )
    note = Search(trials=trials, ranges={"dropout": Between(low=0, high=1)}, epochs=5).note()
    assert note["best_trial"] == 2
    assert note["val_auc"] == {"best": 0.8, "recipe_as_it_stands": 0.6}
    assert "4 trials of 5 epochs" in note["rule"]
    assert json.loads(json.dumps(note))["ranges"] == {"dropout": {"low": 0, "high": 1, "log": False}}


LONG = Small(epochs=3, steps_per_epoch=6)
_SEARCH = "from tests.training.test_tune import *; search(Path(sys.argv[1]), 2, recipe=LONG, epochs=3)"


def test_a_search_killed_in_a_trial_goes_on_and_finds_what_an_unbroken_one_finds(tmp_path: Path) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    process = subprocess.Popen([sys.executable, "-c", _SEARCH, str(broken)], env=os.environ | {"PYTHONPATH": "."})
    inside = broken / "trial_1" / "history.csv"
    try:
        deadline = time.monotonic() + 240
        while not inside.exists():
            assert process.poll() is None and time.monotonic() < deadline, "the search ended before it could be killed"
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(read_history(inside)) < 3, "the trial ended before it could be killed"

    resumed = search(broken, 2, recipe=LONG, epochs=3)
    unbroken = search(whole, 2, recipe=LONG, epochs=3)
    assert [one.knobs for one in resumed.trials] == [one.knobs for one in unbroken.trials]
    assert [one.num_epochs for one in resumed.trials] == [3, 3]
    for ours, theirs in zip(resumed.trials, unbroken.trials, strict=True):
        assert ours.val_auc == pytest.approx(theirs.val_auc, abs=1e-3)
    assert resumed.best.number == unbroken.best.number


def test_the_same_knobs_come_to_the_same_result_in_any_trial(tmp_path: Path) -> None:
    """Trials share seed and data: with a single value left to choose, all of them are one run again."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Still(Small):
        ranges: ClassVar[Ranges] = {"weight_decay": Between(low=1e-12, high=2e-12)}

        weight_decay: float = 1e-12

    found = search(tmp_path / "search", 3, recipe=Still(), epochs=1)
    assert len({one.knobs["weight_decay"] for one in found.trials}) == 3
    assert [one.val_auc for one in found.trials] == pytest.approx([found.trials[0].val_auc] * 3, abs=1e-6)
