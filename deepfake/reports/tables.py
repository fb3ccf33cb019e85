"""An evaluation as a Markdown table, as the README and the docs show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepfake.evaluation.left_out import LeftOut
from deepfake.reports.wording import HEADLINES

if TYPE_CHECKING:  # the room of training loads TensorFlow
    from deepfake.training.trials import Search

_NOTHING = "-"
_TRUTHS = ("fake", "real")
_CLIP_METRICS = ("auc", "eer", "accuracy", "false_alarm_rate")
_METRICS = ("auc", "accuracy", "false_alarm_rate", "recall_fake")


def verdict_table(evaluation: Mapping[str, Any]) -> str:
    """One row a set: what the program said of its faces, in counts.

    Args:
        evaluation: As `evaluation.json` stores it.
    """
    said = ("fake", "uncertain", "real")
    lines = [
        f"| test set | {' | '.join(f'{truth}: {HEADLINES[one].lower()}' for truth in _TRUTHS for one in said)} |",
        f"|---|{'---|' * len(said) * len(_TRUTHS)}",
    ]
    for name, one in evaluation["sets"].items():
        counts = [one["firm"]["verdicts"][truth] for truth in _TRUTHS]
        lines.append(markdown_row([name, *(_of(values[verdict], values) for values in counts for verdict in said)]))
    return "\n".join(lines)


def metrics_table(evaluation: Mapping[str, Any]) -> str:
    """One row a set: headline numbers with their 95 % intervals, and what firm verdicts are worth.

    Args:
        evaluation: As `evaluation.json` stores it.
    """
    lines = [
        "| test set | n | image AUC | accuracy at the threshold | real above the threshold | fake above it "
        "| firm verdicts | firm and right |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in evaluation["sets"].items():
        cells = [interval(one["metrics"].get(metric)) for metric in _METRICS]
        firm = [interval(one["firm"][key]) for key in ("coverage", "correctness")]
        lines.append(markdown_row([f"{name}", f"{one['num_real']} real, {one['num_fake']} fake", *cells, *firm]))
    macro = evaluation["macro"]
    if macro:
        cells = [interval(macro.get(metric)) for metric in _METRICS]
        lines.append(markdown_row(["mean of the sets with fakes", str(macro["auc"]["n"]), *cells, "", ""]))
    return "\n".join(lines)


def robustness_table(evaluation: Mapping[str, Any]) -> str:
    """One row a set and change: image AUC and mean probabilities.

    Args:
        evaluation: As `evaluation.json` stores it.
    """
    lines = ["| test set | change | n | image AUC | mean probability, real | fake |", "|---|---|---|---|---|---|"]
    for name, changes in evaluation["robustness"].items():
        for change, one in changes.items():
            values = [_number(one[key]) for key in ("auc", "mean_probability_real", "mean_probability_fake")]
            lines.append(markdown_row([name, change.replace("_", " "), str(one["n"]), *values]))
    return "\n".join(lines)


def clip_table(evaluation: Mapping[str, Any]) -> str:
    """One row a set and unit: frames, then the same clips as wholes.

    Intervals are resampled by source; fewer than ten sources have none.

    Args:
        evaluation: As `evaluation.json` stores it, with `clips`.
    """
    lines = [
        "| clips | measured on | n | AUC | EER | accuracy at the threshold | real above the threshold "
        "| firm verdicts |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in evaluation["clips"].items():
        for unit in ("frame", "clip"):
            measured = one[unit]
            metrics = [interval(measured["metrics"].get(metric)) for metric in _CLIP_METRICS]
            count = f"{measured['num_real']} real, {measured['num_fake']} fake, {measured['num_sources']} sources"
            firm = interval(measured["firm"]["coverage"])
            lines.append(markdown_row([f"{name} ({one['use']})", f"{unit}s", count, *metrics, firm]))
    return "\n".join(lines)


def montage_table(evaluation: Mapping[str, Any]) -> str:
    """One row a set and group size: how often a group of real faces raises a false alarm.

    Args:
        evaluation: As `evaluation.json` stores it.
    """
    lines = [
        "| real faces of | faces a picture | pictures with a false alarm | without the rule |",
        "|---|---|---|---|",
    ]
    for name, sizes in evaluation["montages"].items():
        for size, one in sizes.items():
            lines.append(
                markdown_row([name, size, _number(one["false_alarm_rate"]), _number(one["without_correction"])])
            )
    return "\n".join(lines)


def group_table(evaluation: Mapping[str, Any]) -> str:
    """One row a group of people: how often a real face of it lies above the threshold; empty where no set tells.

    Args:
        evaluation: As `evaluation.json` stores it.
    """
    lines = ["| real faces of | by | group | n | real above the threshold |", "|---|---|---|---|---|"]
    for name, one in evaluation["sets"].items():
        for kind, groups in one.get("false_alarms_by_group", {}).items():
            for group, rate in groups.items():
                lines.append(markdown_row([name, kind, group, str(rate["n"]), interval(rate)]))
    return "\n".join(lines) if len(lines) > 2 else ""


def left_out_table(left_out: LeftOut) -> str:
    """One row a set that was left out: a sister model on it, where it did learn, and on sets of real faces alone."""
    lines = [
        "| never saw | measured on | training crops | AUC | AUC where it learned | real above the threshold |",
        "|---|---|---|---|---|---|",
    ]
    for row in left_out.rows:
        others = [
            "; ".join(f"{name} {interval(one.to_dict())}" for name, one in values.items()) or _NOTHING
            for values in (row.in_set, row.false_alarm_rate)
        ]
        measured_on = f"{row.auc.n} {row.level}s, {row.split}"
        cells = [row.set_name, measured_on, f"{row.num_train_crops:,}", interval(row.auc.to_dict()), *others]
        lines.append(markdown_row(cells))
    return "\n".join(lines)


def trials_table(search: Search) -> str:
    """One row a trial of a search for knobs, the best first; trial 0 is the recipe as it stands."""
    header = ["trial", "mean validation AUC", "best epoch", *search.ranges, "failed because"]
    lines = [markdown_row(header), "|---" * len(header) + "|"]
    for one in search.ranked():
        auc = _NOTHING if one.val_auc is None else f"{one.val_auc:.4f}"
        epoch = _NOTHING if one.best_epoch is None else f"{one.best_epoch + 1} of {one.num_epochs}"
        knobs = [f"{one.knobs[knob]:.4g}" for knob in search.ranges]
        lines.append(markdown_row([str(one.number), auc, epoch, *knobs, one.failure]))
    return "\n".join(lines)


def markdown_row(cells: Sequence[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def interval(estimate: Mapping[str, Any] | None) -> str:
    """A value with its 95 % interval, where it has one; a dash where there is no value."""
    if estimate is None or estimate["value"] is None:
        return _NOTHING
    if estimate["low"] is None:
        return f"{estimate['value']:.3f}"
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"


def _of(count: int, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    return f"{count:,} of {total:,}" if total else _NOTHING


def _number(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.3f}"
