"""A run that is killed goes on as if it had not been; other runs are refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from deepfake.errors import EmptyDatasetError, TrainingError
from deepfake.training.callbacks import ResumedEarlyStopping, read_history
from deepfake.training.recipes.cnn64 import Cnn64
from deepfake.training.trainer import train
from tests.prepared_sets import make_prepared_set

RECIPE = Cnn64(
    input_side_px=16,
    blocks=((4,), (8,)),
    dense_units=8,
    epochs=5,
    epochs_by_file=2,
    patience=5,
    batch_size=8,
)
_RUN = "from tests.training.test_trainer import run; import sys; run(sys.argv[1])"


def run(folder: str) -> None:
    """Train the tiny recipe; also what the killed process runs."""
    train(RECIPE, [make_prepared_set(num_crops=400)], run_dir=Path(folder), verbose=0)


def test_a_killed_run_goes_on_and_ends_where_an_unbroken_one_ends(tmp_path: Path) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    process = subprocess.Popen([sys.executable, "-c", _RUN, str(broken)], env=os.environ | {"PYTHONPATH": "."})
    try:
        deadline = time.monotonic() + 120
        while not read_history(broken / "history.csv"):
            assert process.poll() is None and time.monotonic() < deadline, "the run ended before it could be killed"
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(read_history(broken / "history.csv")) < RECIPE.epochs

    sets = [make_prepared_set(num_crops=400)]
    resumed = train(RECIPE, sets, run_dir=broken, verbose=0)
    unbroken = train(RECIPE, sets, run_dir=whole, verbose=0)

    assert [row["epoch"] for row in resumed.history] == [0, 1, 2, 3, 4]
    assert resumed.best_epoch == unbroken.best_epoch
    for key in ("loss", "val_loss", "val_auc"):
        np.testing.assert_allclose(
            [row[key] for row in resumed.history], [row[key] for row in unbroken.history], rtol=1e-3, atol=1e-4
        )
    for one, other in zip(resumed.model.get_weights(), unbroken.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-3)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    sets = [make_prepared_set()]
    first = train(RECIPE, sets, run_dir=tmp_path / "run", verbose=0)
    again = train(RECIPE, sets, run_dir=tmp_path / "run", verbose=0)
    assert again.history == first.history


def test_checkpoints_of_another_recipe_are_refused(tmp_path: Path) -> None:
    sets = [make_prepared_set()]
    train(replace(RECIPE, epochs=1), sets, run_dir=tmp_path / "run", verbose=0)
    with pytest.raises(TrainingError, match="another recipe or other data"):
        train(replace(RECIPE, epochs=1, learning_rate=0.5), sets, run_dir=tmp_path / "run", verbose=0)


def test_a_model_trained_in_half_precision_is_handed_over_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0"])
    trained = train(replace(RECIPE, epochs=1), [make_prepared_set()], run_dir=tmp_path / "run", verbose=0)
    assert {layer.dtype_policy.name for layer in trained.model.layers} == {"float32"}
    assert keras.saving.load_model(tmp_path / "run" / "best.keras").get_layer("dense").dtype_policy.name == (
        "mixed_float16"
    )


def test_a_set_without_fakes_is_refused_with_its_counts(tmp_path: Path) -> None:
    with pytest.raises(EmptyDatasetError, match=r"train split of people has .* 0 fake"):
        train(RECIPE, [make_prepared_set("people", all_real=True)], run_dir=tmp_path / "run", verbose=0)


def test_early_stopping_counts_the_epochs_before_the_kill(tmp_path: Path) -> None:
    stopping = ResumedEarlyStopping(patience=3, history=[{"epoch": e, "val_auc": 0.9 - 0.1 * e} for e in range(3)])
    stopping.set_model(_Stoppable())
    stopping.on_train_begin()
    assert not stopping.model.stop_training
    stopping.on_epoch_end(3, {"val_auc": 0.5})
    assert stopping.model.stop_training


class _Stoppable:
    stop_training = False
