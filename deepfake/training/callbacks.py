"""What happens around an epoch: validation a set, checkpoints, early stopping and rates that survive a kill."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from sklearn.metrics import log_loss, precision_score, recall_score, roc_auc_score

from deepfake.classifier.architectures.pretrained import all_layers
from deepfake.data.prepare import PreparedSet
from deepfake.errors import TrainingError
from deepfake.files import begun_beside, write_whole

HistoryRow = Mapping[str, float]
_VALIDATION_BATCH = 256
_VALIDATION_PART = 2048  # crops in memory at once: 400 MB at 256 px


class ValidationBySet(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds AUC, loss and accuracy on each set's validation split to the epoch's log, and their macro-averages."""

    def __init__(self, sets: Sequence[PreparedSet]) -> None:
        super().__init__()
        self._parts = [(one.name, one.crop_set.crops, one.rows("valid"), one.labels[one.rows("valid")]) for one in sets]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs if logs is not None else {}
        by_set = {name: self._judge(crops, rows, labels) for name, crops, rows, labels in self._parts}
        for key in ("loss", "accuracy", "precision", "recall", "auc"):
            logs[f"val_{key}"] = float(np.mean([values[key] for values in by_set.values()]))
        for name, values in by_set.items():
            logs[f"val_auc_{name}"] = values["auc"]

    def _score(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return np.asarray(self.model.predict(np.asarray(crops), batch_size=_VALIDATION_BATCH, verbose=0))

    def _judge(
        self, crops: npt.NDArray[np.uint8], rows: npt.NDArray[np.intp], labels: npt.NDArray[np.int64]
    ) -> dict[str, float]:
        # a part at a time, since crops lie on disk and the validation split of a large set need not fit in memory
        parts = [
            self._score(crops[rows[start : start + _VALIDATION_PART]])
            for start in range(0, len(rows), _VALIDATION_PART)
        ]
        scores = np.concatenate(parts)[:, 0].astype(np.float64)
        if not np.isfinite(scores).all():
            raise TrainingError(
                "The model's scores are no longer numbers. Expected finite ones. The best epoch so far is kept in the "
                "runs folder; lower the learning rate, or look at the data."
            )
        return {
            "loss": float(log_loss(labels, np.clip(scores, 1e-7, 1 - 1e-7), labels=[0, 1])),
            "accuracy": float(((scores >= 0.5) == labels).mean()),
            "precision": float(precision_score(labels, scores >= 0.5, zero_division=0)),
            "recall": float(recall_score(labels, scores >= 0.5)),
            "auc": float(roc_auc_score(labels, scores)),
        }


class EpochSeeds(keras.callbacks.Callback):  # type: ignore[misc]
    """Deals dropout the same masks in an epoch whether or not the run was killed before it.

    Keras does not save the state of its random layers; here it follows from (seed, epoch, layer).
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        for number, layer in enumerate(all_layers(self.model)):
            generator = getattr(layer, "seed_generator", None)
            if generator is not None:
                state = np.random.default_rng([self._seed, epoch, number]).integers(0, 2**31, 2)
                generator.state.assign(state.astype(generator.state.dtype))


class Checkpoints(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps each phase's last and the run's best epoch, each file whole or not there, and the log beside them.

    The optimizer's step count, saved with the weights, tells which epoch of its phase a checkpoint ends.

    Attributes:
        folder: Where they are kept.
        history: The log, a row an epoch.
        phase: Name of the phase that is under way.
    """

    def __init__(self, folder: Path, *, history: list[HistoryRow], phase: str) -> None:
        super().__init__()
        self.folder = folder
        self.phase = phase
        self.history = list(history)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        best_before = max((row["val_auc"] for row in self.history), default=-np.inf)
        self.history.append({"epoch": epoch, **logs})
        if logs["val_auc"] > best_before:
            save_whole(self.model, self.folder / "best.keras")
        write_history(self.folder / "history.csv", self.history)
        save_whole(self.model, last_checkpoint(self.folder, self.phase))


class ResumedEarlyStopping(keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """Keras's early stopping on validation AUC, its counters rebuilt from the log of a killed run."""

    def __init__(self, *, patience: int, history: Sequence[HistoryRow]) -> None:
        super().__init__(monitor="val_auc", mode="max", patience=patience)
        self._replay = list(history)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        super().on_train_begin(logs)
        for row in self._replay:
            self.on_epoch_end(int(row["epoch"]), dict(row))


class PlateauRate(keras.callbacks.Callback):  # type: ignore[misc]
    """Lowers the learning rate when the validation AUC no longer rises.

    Unlike Keras's own callback it counts nothing itself: the rate follows from the log, so a run that was killed goes
    on with the right one.
    """

    def __init__(self, start: float, *, factor: float, patience: int, history: list[HistoryRow]) -> None:
        """Lower `start` by `factor` after `patience` epochs; `history` is the phase's log and grows meanwhile."""
        super().__init__()
        self._start, self._factor, self._patience = start, factor, patience
        self._history = history

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        aucs = [row["val_auc"] for row in self._history]
        self.model.optimizer.learning_rate = plateau_rate(
            self._start, aucs, factor=self._factor, patience=self._patience
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._history.append({"epoch": epoch, **(logs or {})})


def plateau_rate(start: float, aucs: Sequence[float], *, factor: float, patience: int) -> float:
    """The learning rate after epochs with these validation AUCs.

    Args:
        start: Before the first epoch.
        aucs: One an epoch.
        factor: What each plateau multiplies it by.
        patience: So many epochs in a row without a new best are a plateau.

    >>> plateau_rate(1.0, [0.6, 0.7, 0.7, 0.65], factor=0.5, patience=2)
    0.5
    """
    rate, best, waited = start, -np.inf, 0
    for auc in aucs:
        waited = 0 if auc > best else waited + 1
        best = max(best, auc)
        if waited == patience:
            rate, waited = rate * factor, 0
    return rate


def last_checkpoint(folder: Path, phase: str) -> Path:
    """Where the last epoch of a phase is kept."""
    return folder / f"last-{phase}.keras"


def save_whole(model: Any, path: Path) -> None:
    """Save a model so that a kill or a full disk leaves the old file or the new one, never half.

    Raises:
        TrainingError: The place cannot be written.
    """
    try:
        with begun_beside(path) as scratch:
            model.save(scratch)
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be written ({error.strerror or error}). Expected a disk with room. The epochs before this "
            "one are kept beside it: free some space, and the same command goes on from there."
        ) from error


def write_history(path: Path, rows: Sequence[HistoryRow]) -> None:
    """Write the log of epochs as CSV, whole or not at all."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())


def read_history(path: Path) -> list[HistoryRow]:
    """Read what `write_history` wrote; an empty list where there is no file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
