"""Where a search may look: for each knob worth trying, what it may become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deepfake.errors import TrainingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """A number from `low` to `high`, both included.

    Attributes:
        low, high: The ends.
        log: Whether each doubling is as likely as any other, as fits rates and penalties; else each step is.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise TrainingError(
                f"A range from {self.low} to {self.high} was given. Expected a smaller number first, and both above 0 "
                "where doublings count. Mend the recipe's ranges."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """One of these values, in their order."""

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if len(set(self.values)) < 2 or len(set(self.values)) < len(self.values):
            raise TrainingError(
                f"The values {self.values} were given to choose from. Expected at least two different ones, each once. "
                "Mend the recipe's ranges."
            )


Range = Between | OneOf
Ranges = Mapping[str, Range]  # by the name of the knob
