"""What a search for better knobs tried, and what came of each."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deepfake.training.recipes.ranges import Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One attempt.

    Attributes:
        number: From 0; number 0 is the recipe as it stands.
        knobs: What was tried, by the name of the knob.
        val_auc: Mean of the sets' validation AUC in the best epoch; None where the trial failed.
        best_epoch: Counted from 0; None where no epoch ended.
        num_epochs: How many ended.
        failure: Why it failed, else empty.
    """

    number: int
    knobs: Mapping[str, Any]
    val_auc: float | None
    best_epoch: int | None
    num_epochs: int
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found.

    Attributes:
        trials: In the order in which they were made.
        ranges: What was searched.
        epochs: Each trial's, at most.
    """

    trials: tuple[Trial, ...]
    ranges: Ranges
    epochs: int

    @property
    def best(self) -> Trial:
        """The first with the highest AUC."""
        return max(self.trials, key=_rank)

    def ranked(self) -> list[Trial]:
        """The best first; those that failed last."""
        return sorted(self.trials, key=_rank, reverse=True)

    def note(self) -> dict[str, Any]:
        """For the card: what the knobs were chosen from, and how."""
        return {
            "rule": f"the highest mean validation AUC by set of {len(self.trials)} trials of {self.epochs} epochs",
            "best_trial": self.best.number,
            "val_auc": {"best": self.best.val_auc, "recipe_as_it_stands": self.trials[0].val_auc},
            "ranges": {knob: asdict(values) for knob, values in self.ranges.items()},
        }

    def to_csv(self) -> str:
        """One line a trial; knobs are written so that `--set` takes them again."""
        text = io.StringIO(newline="")
        columns = ["trial", "val_auc", "best_epoch", "num_epochs", *self.ranges, "failure"]
        writer = csv.DictWriter(text, fieldnames=columns)
        writer.writeheader()
        for one in self.trials:
            measured = {"val_auc": one.val_auc, "best_epoch": one.best_epoch, "num_epochs": one.num_epochs}
            writer.writerow({"trial": one.number, **measured, **one.knobs, "failure": one.failure})
        return text.getvalue()


def _rank(trial: Trial) -> float:
    return -math.inf if trial.val_auc is None else trial.val_auc
