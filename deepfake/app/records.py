"""What lies beside a model: how training went, and how it was measured."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepfake.classifier.library import EVALUATION_FILE, HISTORY_FILE, LEFT_OUT_FILE
from deepfake.errors import ModelError
from deepfake.evaluation import left_out
from deepfake.evaluation.estimates import Estimate

_MEND = "Train the model again, or restore the file."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Pictures whose probability fell into one range.

    Attributes:
        mean_probability: P(fake), 0..1.
        share_fake: 0..1.
        n: How many pictures.
    """

    mean_probability: float
    share_fake: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """A model on one data set.

    Attributes:
        unit: What a sample is: "image", "frame" or "clip".
        num_real, num_fake: Judged samples.
        num_without_face: Files left out.
        metrics: By name as in `evaluation.json`.
        confusion: Rows truly real and fake, columns called real and fake.
        coverage: Share with a firm verdict.
        correctness: Of the firm verdicts, the share that is right.
        verdicts: By truth, then by verdict.
        roc: False-alarm rates and detection rates; None where a class is missing.
        precision_recall: Recalls and precisions; None where a class is missing.
        reliability: From low to high.
        groups: False-alarm rate by what sets people apart (age, for one), then by group; empty where no set tells.
    """

    unit: str
    num_real: int
    num_fake: int
    num_without_face: int
    metrics: dict[str, Estimate]
    confusion: tuple[tuple[int, int], tuple[int, int]]
    coverage: Estimate | None
    correctness: Estimate | None
    verdicts: dict[str, dict[str, int]]
    roc: tuple[tuple[float, ...], tuple[float, ...]] | None
    precision_recall: tuple[tuple[float, ...], tuple[float, ...]] | None
    reliability: tuple[ReliabilityBin, ...]
    groups: dict[str, dict[str, Estimate]]

    @property
    def has_both_classes(self) -> bool:
        """Whether real and manipulated can be told apart on it at all."""
        return self.num_real > 0 and self.num_fake > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipResult:
    """A model on one set of clips.

    Attributes:
        use: What else the set was used for.
        frame: Frames one by one.
        clip: The same clips as wholes.
    """

    use: str
    frame: SetResult
    clip: SetResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A model on all sets.

    Attributes:
        split: Which part of the sets.
        threshold: At which the confusion matrices were counted.
        sets: By name.
        macro: Mean over the sets with both classes.
        clips: By name of the set of clips; sets without a clip that could be judged are left out.
    """

    split: str
    threshold: float
    sets: dict[str, SetResult]
    macro: dict[str, Estimate]
    clips: dict[str, ClipResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How training went.

    Attributes:
        epochs: Counted from 0.
        columns: By name, one value an epoch; NaN where none was written.
    """

    epochs: tuple[int, ...]
    columns: dict[str, tuple[float, ...]]


def read_history(folder: Path) -> History | None:
    """Read `history.csv`; None where there is none.

    Raises:
        ModelError: It is there and cannot be understood.
    """
    path = folder / HISTORY_FILE
    if not path.is_file():
        return None
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        names = [name for name in (rows[0] if rows else {}) if name != "epoch"]
        return History(
            epochs=tuple(int(float(row["epoch"])) for row in rows),
            columns={name: tuple(_number(row[name]) for row in rows) for name in names},
        )
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise ModelError(f"{path.name} cannot be understood ({type(error).__name__}: {error}). {_MEND}") from error


def read_evaluation(folder: Path) -> Evaluation | None:
    """Read `evaluation.json`; None where there is none.

    Raises:
        ModelError: It is there and cannot be understood.
    """
    path = folder / EVALUATION_FILE
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Evaluation(
            split=str(values["split"]),
            threshold=float(values["threshold"]),
            sets={str(name): _set_result(one) for name, one in values["sets"].items()},
            macro=_estimates(values.get("macro") or {}),
            clips={str(name): _clip_result(one) for name, one in (values.get("clips") or {}).items() if "clip" in one},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ModelError(f"{path.name} cannot be understood ({type(error).__name__}: {error}). {_MEND}") from error


def read_left_out(folder: Path) -> left_out.LeftOut | None:
    """Read `left_out.json`; None where there is none.

    Raises:
        ModelError: It is there and cannot be understood.
    """
    path = folder / LEFT_OUT_FILE
    return left_out.read_left_out(path) if path.is_file() else None


def _set_result(values: Mapping[str, Any]) -> SetResult:
    (real_real, real_fake), (fake_real, fake_fake) = values["confusion"]
    firm = values["firm"]
    return SetResult(
        unit=str(values["unit"]),
        num_real=int(values["num_real"]),
        num_fake=int(values["num_fake"]),
        num_without_face=int(values.get("num_without_face", 0)),
        metrics=_estimates(values["metrics"]),
        confusion=((int(real_real), int(real_fake)), (int(fake_real), int(fake_fake))),
        coverage=_estimate(firm["coverage"]),
        correctness=_estimate(firm["correctness"]),
        verdicts={truth: {said: int(n) for said, n in counts.items()} for truth, counts in firm["verdicts"].items()},
        roc=_curve(values.get("roc"), "false_alarm_rate", "detection_rate"),
        precision_recall=_curve(values.get("precision_recall"), "recall", "precision"),
        reliability=tuple(
            ReliabilityBin(
                mean_probability=float(one["mean_probability"]), share_fake=float(one["share_fake"]), n=int(one["n"])
            )
            for one in values["reliability"]
            if one["n"]
        ),
        groups={kind: _estimates(rates) for kind, rates in values.get("false_alarms_by_group", {}).items()},
    )


def _clip_result(values: Mapping[str, Any]) -> ClipResult:
    return ClipResult(use=str(values["use"]), frame=_set_result(values["frame"]), clip=_set_result(values["clip"]))


def _curve(
    values: Mapping[str, Any] | None, x_name: str, y_name: str
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    if values is None:
        return None
    return tuple(map(float, values[x_name])), tuple(map(float, values[y_name]))


def _estimates(values: Mapping[str, Any]) -> dict[str, Estimate]:
    read = {name: _estimate(one) for name, one in values.items()}
    return {name: one for name, one in read.items() if one is not None}


def _estimate(values: Mapping[str, Any] | None) -> Estimate | None:
    """None where nothing could be measured."""
    return None if values is None or values["value"] is None else Estimate.from_dict(values)


def _number(text: str | None) -> float:
    return float(text) if text else math.nan
