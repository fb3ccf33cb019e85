"""Search a recipe's ranges for better knobs: trials from the same seed and data, judged on validation splits alone.

The first trial is the recipe as it stands, so that the best is no worse than that. KerasTuner proposes the others: at
first at random, later where a Gaussian process of those before promises most (`BayesianOptimizationOracle`). It also
keeps the book, from which a search that was killed goes on; the trial in which it was killed goes on from its last
finished epoch, as any run does.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import tensorflow as tf
from keras_tuner.engine.base_tuner import BaseTuner
from keras_tuner.engine.trial import TrialStatus
from keras_tuner.oracles import BayesianOptimizationOracle

from deepfake.classifier.library import TRIALS_FILE
from deepfake.data.prepare import PreparedSet
from deepfake.errors import TrainingError
from deepfake.files import write_whole
from deepfake.training.callbacks import read_history
from deepfake.training.recipes import Recipe
from deepfake.training.recipes.ranges import Between, Ranges
from deepfake.training.run_folder import claim_run
from deepfake.training.trainer import train
from deepfake.training.trials import Search, Trial

_OBJECTIVE = "val_auc"  # the mean over the sets, by which training chooses its epoch, too


def tune(
    recipe: Recipe,
    sets: Sequence[PreparedSet],
    *,
    num_trials: int,
    epochs: int | None = None,
    keep: Collection[str] = (),
    run_dir: Path,
    num_devices: int = 1,
    on_trial: Callable[[Trial, int], None] = lambda trial, num_trials: None,
    verbose: str | int = "auto",
) -> Search:
    """Search, or go on with a search that was killed.

    Args:
        recipe: Where the search starts from; its `ranges` are searched.
        sets: As for `train`; each trial learns from all of them.
        num_trials: In all, those of before the kill included. A search that has ended goes on with a larger number.
        epochs: Of each trial, the recipe's stretches shortened in proportion; a quarter of the recipe's by default.
        keep: Knobs that stay as they are.
        run_dir: Where trials and their book live; the table is kept there as `trials.csv` meanwhile.
        num_devices: See `train`.
        on_trial: Called after each trial, with how many there will be.
        verbose: Keras's progress bar in each trial.

    Raises:
        TrainingError: Nothing to search, no trial succeeded, or `run_dir` holds another search.
        EmptyDatasetError, BackboneWeightsError: See `train`.
    """
    ranges = {knob: values for knob, values in recipe.ranges.items() if knob not in keep}
    if num_trials < 2 or not ranges:
        raise TrainingError(
            f"A search of {num_trials} trials over {len(ranges)} knobs was asked for. Expected at least two trials, "
            f"the recipe as it stands being the first, and one of {', '.join(recipe.ranges)} that is not set."
        )
    short = recipe.shortened(epochs or -(-recipe.epochs // 4))
    claim_run(run_dir, short, sets, ranges={knob: asdict(values) for knob, values in ranges.items()})
    oracle = _RecipeFirst(
        objective=keras_tuner.Objective(_OBJECTIVE, "max"),
        max_trials=num_trials,
        hyperparameters=_space(recipe, ranges),
        seed=recipe.seed + 1,  # KerasTuner takes 0 for "any"
        max_consecutive_failed_trials=num_trials + 1,  # never: one that cannot learn is no reason to stop
    )
    book = _open_book(oracle, run_dir)
    while (asked := oracle.create_trial(book.tuner_id)).status != TrialStatus.STOPPED:
        folder = Path(book.get_trial_dir(asked.trial_id))
        keras.utils.clear_session()
        try:
            tried = replace(short, **asked.hyperparameters.values)
            trained = train(tried, sets, run_dir=folder, num_devices=num_devices, verbose=verbose)
        except (TrainingError, tf.errors.ResourceExhaustedError) as error:
            asked.status, asked.message = TrialStatus.FAILED, str(error).partition("\n")[0]
        else:
            asked.status = TrialStatus.COMPLETED
            oracle.update_trial(asked.trial_id, {_OBJECTIVE: max(row[_OBJECTIVE] for row in trained.history)})
        for checkpoint in folder.glob("*.keras"):
            checkpoint.unlink()  # the best trial's knobs are trained at length, its weights are not kept
        book.on_trial_end(asked)
        write_whole(run_dir / TRIALS_FILE, _read_book(book, ranges, short.epochs).to_csv().encode())
        on_trial(_trial(asked, folder), num_trials)
    search = _read_book(book, ranges, short.epochs)
    if all(one.val_auc is None for one in search.trials):
        raise TrainingError(
            f"None of {len(search.trials)} trials ended with a number. Expected one at least. The last one said: "
            f"{search.trials[-1].failure}"
        )
    return search


class _RecipeFirst(BayesianOptimizationOracle):  # type: ignore[misc]
    """Proposes the recipe's own values before any other."""

    def populate_space(self, trial_id: str) -> Any:
        if not self.trials:
            return {"status": TrialStatus.RUNNING, "values": dict(self.hyperparameters.values)}
        return super().populate_space(trial_id)


def _space(recipe: Recipe, ranges: Ranges) -> Any:
    """The ranges as KerasTuner writes them, each at the recipe's own value."""
    space = keras_tuner.HyperParameters()
    for knob, values in ranges.items():
        own = getattr(recipe, knob)
        if isinstance(values, Between):
            space.Float(knob, values.low, values.high, sampling="log" if values.log else "linear", default=own)
        else:
            space.Choice(knob, list(values.values), default=own)
    return space


def _open_book(oracle: Any, run_dir: Path) -> Any:
    """KerasTuner's record of the search, with what was written in it before a kill."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints that it reloads
            book = BaseTuner(oracle, directory=run_dir.parent, project_name=run_dir.name)
    except json.JSONDecodeError as error:
        raise TrainingError(
            f"The record of the search in {run_dir} was cut off while it was written. Expected whole JSON files. "
            f"Delete that folder to search anew; {TRIALS_FILE} in it has the trials so far."
        ) from error
    oracle.verbose = 0
    book.save()
    return book


def _read_book(book: Any, ranges: Ranges, epochs: int) -> Search:
    return Search(
        trials=tuple(
            _trial(one, Path(book.get_trial_dir(one.trial_id)))
            for one in sorted(book.oracle.trials.values(), key=lambda one: int(one.trial_id))
            if one.status in (TrialStatus.COMPLETED, TrialStatus.FAILED)
        ),
        ranges=ranges,
        epochs=epochs,
    )


def _trial(one: Any, folder: Path) -> Trial:
    history = read_history(folder / "history.csv")
    best = max(history, key=lambda row: row[_OBJECTIVE], default=None)
    return Trial(
        number=int(one.trial_id),
        knobs=dict(one.hyperparameters.values),
        val_auc=one.score,
        best_epoch=None if best is None else int(best["epoch"]),
        num_epochs=len(history),
        failure=one.message or "",
    )
