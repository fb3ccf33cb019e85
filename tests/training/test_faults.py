"""A full disk, a loss that is no number: a run stops with a sentence, and what was best until then is kept whole."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from deepfake.errors import TrainingError
from deepfake.training.callbacks import EpochSeeds, read_history, save_whole
from deepfake.training.recipes.cnn64 import Cnn64
from deepfake.training.run_folder import claim_run
from deepfake.training.trainer import train
from tests.prepared_sets import make_prepared_set

RECIPE = Cnn64(input_side_px=16, blocks=((4,),), dense_units=4, epochs=3, batch_size=8)


def scores_of(path: Path) -> np.ndarray:
    model = keras.saving.load_model(path, compile=False)
    return np.asarray(model(np.full((1, 16, 16, 3), 100, np.float32)))


def test_a_disk_that_fills_up_stops_the_run_and_it_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An OSError of the saving library came through, and half a file stayed on the full disk."""
    save, num_saved = keras.Model.save, 0

    def full(self: Any, path: Path, *arguments: Any, **settings: Any) -> None:
        nonlocal num_saved
        num_saved += 1
        if num_saved == 3:  # the first epoch saves its best and its last
            Path(path).write_bytes(b"half of a")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(self, path, *arguments, **settings)

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save", full)
        with pytest.raises(TrainingError, match=r"No space left.*free some space"):
            train(RECIPE, [make_prepared_set()], run_dir=tmp_path / "run", verbose=0)
    kept = {path.name for path in (tmp_path / "run").iterdir()}
    assert not any("partial" in name for name in kept)
    assert np.isfinite(scores_of(tmp_path / "run" / "best.keras")).all()
    trained = train(RECIPE, [make_prepared_set()], run_dir=tmp_path / "run", verbose=0)
    assert [row["epoch"] for row in trained.history] == [0, 1, 2]


def test_a_checkpoint_on_a_full_disk_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = RECIPE.build()
    save_whole(model, tmp_path / "best.keras")
    before = (tmp_path / "best.keras").read_bytes()

    def full(self: Any, path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", full)
    with pytest.raises(TrainingError, match=r"best\.keras cannot be written"):
        save_whole(model, tmp_path / "best.keras")
    assert (tmp_path / "best.keras").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["best.keras"]


def test_a_loss_that_is_no_number_stops_the_run_and_the_best_epoch_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = EpochSeeds.on_epoch_begin

    def ruin(self: EpochSeeds, epoch: int, logs: dict[str, float] | None = None) -> None:
        begin(self, epoch, logs)
        if epoch == 1:
            self.model.set_weights([np.full_like(values, np.nan) for values in self.model.get_weights()])

    monkeypatch.setattr(EpochSeeds, "on_epoch_begin", ruin)
    with pytest.raises(TrainingError, match=r"no longer numbers.*best epoch so far is kept"):
        train(RECIPE, [make_prepared_set()], run_dir=tmp_path / "run", verbose=0)
    assert [row["epoch"] for row in read_history(tmp_path / "run" / "history.csv")] == [0]
    assert np.isfinite(scores_of(tmp_path / "run" / "best.keras")).all()


def test_a_run_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TrainingError, match="--runs-dir"):
        claim_run(tmp_path / "file" / "run", RECIPE, [])
