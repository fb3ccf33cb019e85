"""Fit a recipe's model to prepared sets, with checkpoints from which a killed run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from deepfake.classifier.architectures.pretrained import freeze
from deepfake.data.prepare import PreparedSet
from deepfake.errors import TrainingError
from deepfake.training.batches import TrainingRows, steps_per_epoch, training_rows
from deepfake.training.callbacks import (
    Checkpoints,
    EpochSeeds,
    HistoryRow,
    PlateauRate,
    ResumedEarlyStopping,
    ValidationBySet,
    last_checkpoint,
    read_history,
)
from deepfake.training.devices import feed, settle, strategy_over
from deepfake.training.memory import keep_freed_memory
from deepfake.training.recipes import Phase, Recipe
from deepfake.training.run_folder import claim_run


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """What a run leaves.

    Attributes:
        model: The `keras.Model` of the best epoch.
        history: The log, a row an epoch.
        best_epoch: The epoch that was kept, counted from 0.
        rows: What each set gave to training.
    """

    model: Any
    history: tuple[HistoryRow, ...]
    best_epoch: int
    rows: tuple[TrainingRows, ...]


def train(
    recipe: Recipe,
    sets: Sequence[PreparedSet],
    *,
    run_dir: Path,
    tensorboard_dir: Path | None = None,
    num_devices: int = 1,
    verbose: str | int = "auto",
) -> TrainedModel:
    """Train, or go on with a run that was killed.

    Args:
        recipe: Every knob.
        sets: At least one with both classes; each counts the same.
        run_dir: Where checkpoints and the log live. What lies there from the same recipe and data is
            continued: the epoch in which the run was killed is repeated.
        tensorboard_dir: Also log for TensorBoard here.
        num_devices: How many devices of this machine share each step, see `devices.py`.
        verbose: Keras's progress bar: "auto", 0, 1 or 2.

    Raises:
        EmptyDatasetError: A set lacks a class in its training or validation split.
        TrainingError: `run_dir` holds another run, the devices cannot share a batch, or the loss is no longer a number.
        BackboneWeightsError: The weights to start from cannot be had.
    """
    for one in sets:
        one.require_both_classes("train", "valid")
    keep_freed_memory()
    keras.utils.set_random_seed(recipe.seed)
    _use_mixed_precision_on_gpu()
    rows = tuple(training_rows(one, recipe) for one in sets)
    num_steps = steps_per_epoch(rows, recipe)
    claim_run(run_dir, recipe, sets)
    phases = recipe.phases()
    strategy = strategy_over(num_devices, recipe)
    with strategy.scope():
        model, next_epoch = _resume_or_build(recipe, run_dir, num_steps)
    history = [row for row in read_history(run_dir / "history.csv") if row["epoch"] < next_epoch]

    checkpoints = Checkpoints(run_dir, history=history, phase=phases[0].name)
    always = [EpochSeeds(recipe.seed), ValidationBySet(sets), checkpoints, keras.callbacks.TerminateOnNaN()]
    if tensorboard_dir is not None:
        always.append(keras.callbacks.TensorBoard(tensorboard_dir))
    for phase in phases:
        done = [row for row in checkpoints.history if row["epoch"] >= phase.first_epoch]
        if _has_ended(done, phase, recipe):
            continue
        if not done:
            with strategy.scope():
                _begin(phase, model, recipe, num_steps)
        settle(model)
        checkpoints.phase = phase.name
        model.fit(
            feed(rows, recipe, first_epoch=next_epoch),
            steps_per_epoch=num_steps,
            initial_epoch=next_epoch,
            epochs=phase.end_epoch,
            callbacks=[*always, *_of_phase(phase, recipe, done)],
            verbose=verbose,
        )
        next_epoch = phase.end_epoch
        if not checkpoints.history or checkpoints.history[-1]["epoch"] + 1 < next_epoch:
            break  # stopped early, or no longer a number
    if not checkpoints.history:
        raise TrainingError(
            "Training ended before its first epoch did: the loss is no longer a number. Expected a finite loss. "
            f"Lower the learning rate (it was {recipe.learning_rate}) or look at the data."
        )
    best = max(checkpoints.history, key=lambda row: row["val_auc"])
    return TrainedModel(
        model=_in_full_precision(recipe, run_dir / "best.keras"),
        history=tuple(checkpoints.history),
        best_epoch=int(best["epoch"]),
        rows=rows,
    )


def _has_ended(done: Sequence[HistoryRow], phase: Phase, recipe: Recipe) -> bool:
    """Whether a phase has nothing left to do after the epochs that were done in it or later."""
    if not done:
        return False
    if done[-1]["epoch"] + 1 >= phase.end_epoch:
        return True
    best = max(done, key=lambda row: row["val_auc"])
    return _may_stop_early(phase, recipe) and done[-1]["epoch"] - best["epoch"] >= recipe.patience


def _may_stop_early(phase: Phase, recipe: Recipe) -> bool:
    """Early stopping ends the run, so it is for the last phase alone."""
    return phase == recipe.phases()[-1]


def _begin(phase: Phase, model: Any, recipe: Recipe, num_steps: int) -> None:
    """Compile the model for a phase: what learns, from which rate, with which optimizer."""
    freeze(model, phase.freeze)
    model.compile(
        optimizer=_optimizer(phase, recipe, num_steps),
        loss=recipe.loss,
        jit_compile="auto" if _is_on_gpu() else False,  # on a processor XLA compiles for minutes and gains nothing
        weighted_metrics=[
            "accuracy",
            keras.metrics.Precision(name="precision"),
            keras.metrics.Recall(name="recall"),
            keras.metrics.AUC(name="auc"),
        ],
    )


def _optimizer(phase: Phase, recipe: Recipe, num_steps: int) -> Any:
    rate: Any = phase.learning_rate
    if recipe.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=phase.learning_rate / 10,
            warmup_target=phase.learning_rate,
            warmup_steps=num_steps,
            decay_steps=max(1, num_steps * (phase.end_epoch - phase.first_epoch - 1)),
        )
    kind = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[recipe.optimizer]
    return kind(rate, weight_decay=recipe.weight_decay or None)


def _of_phase(phase: Phase, recipe: Recipe, done: Sequence[HistoryRow]) -> list[Any]:
    """Callbacks that count from the phase's first epoch."""
    callbacks = []
    if _may_stop_early(phase, recipe):
        callbacks.append(ResumedEarlyStopping(patience=recipe.patience, history=done))
    if recipe.schedule == "plateau":
        callbacks.append(
            PlateauRate(
                phase.learning_rate,
                factor=recipe.plateau_factor,
                patience=recipe.plateau_patience,
                history=list(done),
            )
        )
    return callbacks


def _use_mixed_precision_on_gpu() -> None:
    """Half the memory and twice the speed on a GPU; on a processor it would only be slower."""
    keras.mixed_precision.set_global_policy("mixed_float16" if _is_on_gpu() else "float32")


def _is_on_gpu() -> bool:
    devices = keras.distribution.list_devices()
    return any("gpu" in device.lower() or "cuda" in device.lower() for device in devices)


def _in_full_precision(recipe: Recipe, weights: Path) -> Any:
    """The model as it is used: float32, whatever it was trained in, since the app may run without a GPU."""
    trained = keras.saving.load_model(weights, compile=False)
    keras.mixed_precision.set_global_policy("float32")
    model = recipe.build()
    model.set_weights(trained.get_weights())
    return model


def _resume_or_build(recipe: Recipe, run_dir: Path, num_steps: int) -> tuple[Any, int]:
    """The model, compiled where it comes from a checkpoint, and the first epoch still to do."""
    for phase in reversed(recipe.phases()):
        last = last_checkpoint(run_dir, phase.name)
        if last.is_file():
            model = keras.saving.load_model(last)  # with its optimizer, and with what is frozen
            # rounded: on a GPU the optimizer does not count the few steps that loss scaling skips
            return model, phase.first_epoch + round(int(model.optimizer.iterations.numpy()) / num_steps)
    return recipe.build_to_train(), 0
