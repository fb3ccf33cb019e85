"""A run shared by two devices is the run of one, and goes on after a kill with either.

TensorFlow is told of a second processor before it starts, so all such runs are made in a process of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import deepfake.training.trainer as trainer
from deepfake.classifier.architectures.backbones import BACKBONES
from deepfake.errors import TrainingError
from deepfake.training.batches import batches, training_rows
from deepfake.training.callbacks import Checkpoints
from deepfake.training.devices import count_devices, feed, settle, strategy_over
from deepfake.training.recipes import Phase, Recipe
from deepfake.training.recipes.celebdf import CelebDfLeakyRelu
from deepfake.training.recipes.cnn64 import Cnn64
from tests.prepared_sets import make_prepared_set
from tests.tiny_recipe import TINY_BACKBONE, Tiny

PLAIN = CelebDfLeakyRelu(input_side_px=16, batch_size=8, epochs=2, epochs_by_file=2, learning_rate=1e-3)
WITH_NORMS = Cnn64(
    input_side_px=16,
    blocks=((4,), (8,)),
    block_dropout=0,
    dense_units=8,
    dense_dropout=0,
    batch_size=8,
    epochs=2,
    epochs_by_file=1,
    learning_rate=1e-2,
)
TWO_PHASES = Tiny(head_epochs=1, epochs=2)
# float32 sums of halves differ from sums of wholes in the last digits (6e-8 of a value), which 18 steps let grow
TOLERANCE = 1e-5


def plain_descent(phase: Phase, recipe: Recipe, num_steps: int) -> Any:
    """In place of Adam and RMSprop, which divide by a gradient's own size and so magnify the rounding of tiny ones."""
    return keras.optimizers.SGD(phase.learning_rate, momentum=0.9)


class KilledError(Exception):
    """What a kill looks like from inside."""


class DyingAfterTheFirstEpoch(Checkpoints):
    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        raise KilledError


def run_on_two_devices(folder: Path) -> None:
    """What the other process does: all runs, each on one device and on two, into files."""
    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
    BACKBONES["tiny"] = TINY_BACKBONE
    counted = {wanted: count_devices(wanted) for wanted in ("1", "2", "all")}
    (folder / "counted.json").write_text(json.dumps(counted))
    save_run(folder / "two-phases-2", TWO_PHASES, 2, side_px=32)
    trainer._optimizer = plain_descent
    for num_devices in (1, 2):
        save_run(folder / f"plain-{num_devices}", PLAIN, num_devices)
        save_run(folder / f"with-norms-{num_devices}", WITH_NORMS, num_devices)
    for before, after in ((2, 1), (1, 2)):
        name = folder / f"killed-on-{before}-resumed-on-{after}"
        kept, trainer.Checkpoints = trainer.Checkpoints, DyingAfterTheFirstEpoch  # type: ignore[misc]
        try:
            save_run(name, WITH_NORMS, before)
        except KilledError:
            trainer.Checkpoints = kept  # type: ignore[misc]
        save_run(name, WITH_NORMS, after)
    trainer._is_on_gpu = lambda: True
    save_run(folder / "as-on-gpus-2", WITH_NORMS, 2)
    trainer._is_on_gpu = lambda: False
    trainer.settle = lambda model: None
    save_run(folder / "left-to-itself-2", WITH_NORMS, 2)


def save_run(folder: Path, recipe: Any, num_devices: int, *, side_px: int = 16) -> None:
    """25 validation crops are an odd number, which two devices cannot share evenly."""
    sets = [make_prepared_set(num_crops=125 if side_px == 16 else 40, side_px=side_px)]
    trained = trainer.train(recipe, sets, run_dir=folder / "run", num_devices=num_devices, verbose=0)
    (folder / "history.json").write_text(json.dumps([dict(row) for row in trained.history]))
    np.savez(folder / "weights.npz", *trained.model.get_weights())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("devices")
    code = "from tests.training.test_devices import *; run_on_two_devices(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": "."}, capture_output=True, text=True, timeout=1200, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def history(folder: Path) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = json.loads((folder / "history.json").read_text())
    return rows


def assert_same(one: Path, other: Path, tolerance: float) -> None:
    assert [row["epoch"] for row in history(one)] == [row["epoch"] for row in history(other)]
    for key in ("loss", "accuracy", "val_loss", "val_auc"):
        np.testing.assert_allclose(
            [row[key] for row in history(one)], [row[key] for row in history(other)], rtol=tolerance, atol=tolerance
        )
    ours, theirs = np.load(one / "weights.npz"), np.load(other / "weights.npz")
    assert len(ours.files) == len(theirs.files) > 4
    for name in ours.files:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", ["plain", "with-norms"])
def test_two_devices_learn_what_one_does_from_the_same_batches(kind: str, runs: Path) -> None:
    assert_same(runs / f"{kind}-1", runs / f"{kind}-2", TOLERANCE)


def test_without_common_statistics_two_devices_learn_something_else(runs: Path) -> None:
    ours, theirs = (np.load(runs / name / "weights.npz") for name in ("left-to-itself-2", "with-norms-1"))
    assert max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours.files) > 100 * TOLERANCE


def test_what_was_learned_is_more_than_the_tolerance(runs: Path) -> None:
    losses = [row["loss"] for row in history(runs / "with-norms-2")]
    assert losses[0] - losses[-1] > 1000 * TOLERANCE


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_a_killed_run_goes_on_with_as_many_devices_as_there_are_now(before: int, after: int, runs: Path) -> None:
    assert_same(runs / f"killed-on-{before}-resumed-on-{after}", runs / "with-norms-1", TOLERANCE)


def test_two_devices_go_through_both_phases_of_a_pretrained_recipe(runs: Path) -> None:
    assert [row["epoch"] for row in history(runs / "two-phases-2")] == list(range(TWO_PHASES.epochs))


def test_half_precision_is_shared_too_without_xla(runs: Path) -> None:
    """As on GPUs: there Keras compiles with XLA, which stops when a variable lies on another device."""
    losses = [row["loss"] for row in history(runs / "as-on-gpus-2")]
    assert losses == pytest.approx([row["loss"] for row in history(runs / "with-norms-1")], abs=0.05)


def test_all_devices_are_counted(runs: Path) -> None:
    assert json.loads((runs / "counted.json").read_text()) == {"1": 1, "2": 2, "all": 2}


@pytest.mark.parametrize("wanted", ["0", "-1", "many", "1.5", "", "99"])
def test_devices_that_are_not_there_are_refused_with_those_that_are(wanted: str) -> None:
    with pytest.raises(TrainingError, match=rf"received '{wanted}'.*from 1 to .*/device:"):
        count_devices(wanted)


def test_a_batch_that_cannot_be_shared_evenly_is_refused() -> None:
    with pytest.raises(TrainingError, match="batch of 8 crops was to be shared by 3 devices"):
        strategy_over(3, PLAIN)


def test_one_device_changes_nothing() -> None:
    with strategy_over(1, PLAIN).scope():
        assert not tf.distribute.has_strategy()


@pytest.mark.parametrize("jit", [True, False])
def test_on_one_device_norms_are_not_synchronized_whatever_they_were_and_compiling_stays_as_asked(jit: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
        model = Tiny().build()
    norms = [model.get_layer("norm"), model.get_layer("backbone").get_layer("backbone_norm")]
    norms[1].synchronized = True
    model.compile(keras.optimizers.Adam(), "binary_crossentropy", jit_compile=jit)
    settle(model)
    assert [norm.synchronized for norm in norms] == [False, False]
    assert model.jit_compile is jit


def test_the_feed_starts_anew_whenever_it_is_asked() -> None:
    recipe = replace(WITH_NORMS, augment_strength=0.5)
    rows = (training_rows(make_prepared_set(), recipe),)
    expected = list(islice(batches(rows, recipe, first_epoch=1), 3))
    dataset = feed(rows, recipe, first_epoch=1)
    for _ in range(2):
        for ours, theirs in zip(dataset.take(3).as_numpy_iterator(), expected, strict=True):
            assert all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))
