"""What explanations were measured to be worth, as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deepfake.reports.tables import interval, markdown_row

_TRIAL_COLUMNS = {
    "deletion area": "deletion_area",
    "insertion area": "insertion_area",
    "check beats random": "beats_random",
    "hiding the leading areas moves by": "effect",
    "hiding random ones by": "random_effect",
    "alike by other seeds, ranks": "rank_correlation",
    "leading five": "top_overlap",
    "stable": "is_stable",
    "fidelity": "fidelity",
    "variants judged": "num_samples",
    "seconds": "seconds",
}
_WHOLE_NUMBERS = ("num_samples",)
_ALTERED_COLUMNS = {
    "altered pixels in the leading areas": "leading",
    "in random ones": "chance",
    "more": "above_chance",
    "in those that lead on the original": "original",
    "more than that": "above_original",
}


def explanation_table(measured: Mapping[str, Any]) -> str:
    """One row a method, the last for random orders.

    Args:
        measured: From `measure_explanations`.
    """
    lines = [markdown_row(["method", *_TRIAL_COLUMNS]), f"|{'---|' * (len(_TRIAL_COLUMNS) + 1)}"]
    for method, means in measured["methods"].items():
        lines.append(markdown_row([method, *(_cell(name, means.get(name)) for name in _TRIAL_COLUMNS.values())]))
    area = interval(measured["random"]["area"])
    lines.append(markdown_row(["random order", area, area, *["-"] * (len(_TRIAL_COLUMNS) - 2)]))
    return "\n".join(lines)


def altered_table(measured: Mapping[str, Any]) -> str:
    """One row a method.

    Args:
        measured: From `measure_altered_pixels`.
    """
    lines = [markdown_row(["method", "n", *_ALTERED_COLUMNS]), f"|{'---|' * (len(_ALTERED_COLUMNS) + 2)}"]
    for method, means in measured["methods"].items():
        cells = [interval(means[name]) for name in _ALTERED_COLUMNS.values()]
        lines.append(markdown_row([method, str(means["leading"]["n"]), *cells]))
    return "\n".join(lines)


def _cell(name: str, estimate: Mapping[str, Any] | None) -> str:
    if name in _WHOLE_NUMBERS and estimate is not None and estimate["value"] is not None:
        return f"{estimate['value']:.0f}"
    return interval(estimate)
