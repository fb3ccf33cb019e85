"""Head, then fine-tuning: what learns in which, from which rate, and that a kill in either changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import deepfake.training.trainer as trainer
from deepfake.classifier.architectures.backbones import BACKBONES
from deepfake.training.callbacks import Checkpoints, PlateauRate, plateau_rate
from deepfake.training.recipes.cnn64 import Cnn64
from deepfake.training.trainer import TrainedModel, train
from tests.prepared_sets import make_prepared_set
from tests.tiny_recipe import TINY_BACKBONE, Tiny


@pytest.fixture(scope="module", autouse=True)
def tiny_backbone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
        yield


def sets() -> list[Any]:
    return [make_prepared_set(side_px=32)]


@pytest.fixture(scope="module")
def unbroken(tiny_backbone: None, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A run that nothing happened to."""
    return train(Tiny(), sets(), run_dir=tmp_path_factory.mktemp("runs") / "whole", verbose=0)


class KilledError(Exception):
    """What a kill looks like from inside."""


def killed_after(epoch_to_die: int) -> type[Checkpoints]:
    class Dying(Checkpoints):
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            super().on_epoch_end(epoch, logs)
            if epoch == epoch_to_die:
                raise KilledError

    return Dying


def watched(monkeypatch: pytest.MonkeyPatch, folder: Path, recipe: Any) -> tuple[TrainedModel, list[dict[str, Any]]]:
    """Train, and note at the end of each epoch what the model's weights and rate are."""
    notes: list[dict[str, Any]] = []

    class Watching(Checkpoints):
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            super().on_epoch_end(epoch, logs)
            notes.append(
                {
                    "conv": self.model.get_layer("backbone").get_layer("conv").kernel.numpy(),
                    "norm": self.model.get_layer("backbone").get_layer("backbone_norm").moving_mean.numpy(),
                    "dense": self.model.get_layer("dense").kernel.numpy(),
                    "rate": float(self.model.optimizer.learning_rate),
                    "phase": self.phase,
                }
            )

    monkeypatch.setattr(trainer, "Checkpoints", Watching)
    return train(recipe, sets(), run_dir=folder, verbose=0), notes


def changed(notes: Sequence[dict[str, Any]], part: str) -> list[bool]:
    return [not np.array_equal(one[part], other[part]) for one, other in pairwise(notes)]


def test_the_head_learns_first_and_the_backbone_but_its_norms_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trained, notes = watched(monkeypatch, tmp_path / "run", Tiny())
    assert [one["phase"] for one in notes] == ["head"] * 2 + ["fine-tuning"] * 3
    assert changed(notes, "dense") == [True] * 4
    assert changed(notes, "conv") == [False, True, True, True]
    assert changed(notes, "norm") == [False] * 4
    assert [row["epoch"] for row in trained.history] == [0, 1, 2, 3, 4]


def test_norms_learn_too_where_the_recipe_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _, notes = watched(monkeypatch, tmp_path / "run", Tiny(freeze_norms=False))
    assert changed(notes, "norm") == [False, True, True, True]


def test_each_phase_starts_from_its_own_rate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _, notes = watched(monkeypatch, tmp_path / "run", Tiny(schedule="constant"))
    assert [one["rate"] for one in notes] == pytest.approx([1e-2] * 2 + [1e-3] * 3)


@pytest.mark.parametrize("epoch", [0, 1, 3], ids=["in the head", "between the phases", "in fine-tuning"])
def test_a_run_killed_in_any_phase_ends_where_an_unbroken_one_ends(
    epoch: int, unbroken: TrainedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "Checkpoints", killed_after(epoch))
        with pytest.raises(KilledError):
            train(Tiny(), sets(), run_dir=tmp_path / "broken", verbose=0)
    resumed = train(Tiny(), sets(), run_dir=tmp_path / "broken", verbose=0)
    assert resumed.best_epoch == unbroken.best_epoch
    for key in ("epoch", "loss", "val_loss", "val_auc"):
        ours, theirs = ([row[key] for row in one.history] for one in (resumed, unbroken))
        assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-4)
    for one, other in zip(resumed.model.get_weights(), unbroken.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-3)


def test_early_stopping_waits_for_the_last_phase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With rates too small to change a score, no epoch is better than the first of its phase."""
    still = Tiny(
        learning_rate=1e-12, fine_tune_learning_rate=1e-12, head_epochs=3, epochs=9, patience=1, augment_strength=0
    )
    trained = train(still, sets(), run_dir=tmp_path / "run", verbose=0)
    # the statistics of the head's own norm still move, so an epoch may be better by chance
    assert 5 <= len(trained.history) < 9
    again = train(still, sets(), run_dir=tmp_path / "run", verbose=0)
    assert again.history == trained.history


@pytest.mark.parametrize(
    ("aucs", "expected"),
    [
        ([], 1.0),
        ([0.5], 1.0),
        ([0.5, 0.6, 0.7], 1.0),
        ([0.7, 0.6], 1.0),
        ([0.7, 0.7, 0.7], 0.1),
        ([0.7, 0.6, 0.8, 0.7, 0.7], 0.1),
        ([0.7, 0.6, 0.6, 0.6], 0.1),
        ([0.7, 0.6, 0.6, 0.6, 0.6], 0.01),
    ],
)
def test_the_rate_falls_after_two_epochs_without_a_new_best(aucs: list[float], expected: float) -> None:
    assert plateau_rate(1.0, aucs, factor=0.1, patience=2) == pytest.approx(expected)


def test_a_resumed_plateau_takes_the_epochs_before_the_kill_into_account() -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.5))
    callback = PlateauRate(0.5, factor=0.1, patience=2, history=[{"epoch": 0, "val_auc": 0.9}])
    callback.set_model(model)
    callback.on_epoch_end(1, {"val_auc": 0.8})
    callback.on_epoch_end(2, {"val_auc": 0.8})
    callback.on_epoch_begin(3)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "mean_absolute_error"])
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "plateau"])
def test_a_model_is_compiled_with_what_the_recipe_says(loss: str, optimizer: str, schedule: str) -> None:
    recipe = Cnn64(
        input_side_px=16, blocks=((4,),), loss=loss, optimizer=optimizer, schedule=schedule, weight_decay=0.0, epochs=3
    )
    model = recipe.build()
    (phase,) = recipe.phases()
    trainer._begin(phase, model, recipe, num_steps=10)
    assert model.loss == loss
    assert type(model.optimizer).__name__.lower() == optimizer
    assert model.optimizer.weight_decay is None
    start = 0.1 if schedule == "cosine" else 1.0  # cosine warms up from a tenth
    assert float(model.optimizer.learning_rate) == pytest.approx(start * recipe.learning_rate)


def test_the_log_has_the_metrics_of_training_and_of_each_validation_set(tmp_path: Path) -> None:
    recipe = Cnn64(input_side_px=16, blocks=((4,),), dense_units=4, epochs=1, batch_size=8, loss="mean_absolute_error")
    trained = train(recipe, [make_prepared_set("a"), make_prepared_set("b")], run_dir=tmp_path / "run", verbose=0)
    names = ("loss", "accuracy", "precision", "recall", "auc")
    expected = {"epoch", *names, *(f"val_{name}" for name in names), "val_auc_a", "val_auc_b"}
    assert set(trained.history[0]) == expected
