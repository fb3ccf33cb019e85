"""Where the areas of a face lie and what they add, in words. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from deepfake.explain.segments import Segments


def describe_areas(segments: Segments, weights: npt.NDArray[np.float64], leading: Sequence[int]) -> list[str]:
    """One sentence for each leading area.

    Args:
        segments: Label map, shape (h, w), 0..n-1.
        weights: Shape (n,); positive is towards fake.
        leading: Strongest first.
    """
    return [_sentence(_position(segments == segment), float(weights[segment])) for segment in leading]


def _sentence(position: str, weight: float) -> str:
    points = round(100 * abs(weight))
    amount = "by less than 1 percentage point" if points < 1 else f"by {points} percentage point{'s' * (points != 1)}"
    way = "towards “manipulated” (orange)" if weight > 0 else "towards “no sign found” (blue)"
    return f"{position}: moved the result {way} {amount}."


def _position(area: npt.NDArray[np.bool_]) -> str:
    """In which ninth of the crop, as the viewer sees it, an area's middle lies."""
    rows, columns = np.nonzero(area)
    row = min(2, int(3 * rows.mean() / area.shape[0]))
    column = min(2, int(3 * columns.mean() / area.shape[1]))
    if row == column == 1:
        return "Center"
    vertical = ("Top", "Middle", "Bottom")[row]
    return f"{vertical} {('left', 'center', 'right')[column]}"
