"""A measured value with its 95 % interval, as the files beside a model store it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from deepfake.errors import InvalidMeasurementError


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A measured value.

    Attributes:
        value: Itself.
        low, high: Its 95 % interval; None where too few sources were measured to give one.
        n: Samples it was measured on.
    """

    value: float
    low: float | None
    high: float | None
    n: int

    def __post_init__(self) -> None:
        numbers = [one for one in (self.value, self.low, self.high) if one is not None]
        if not all(map(math.isfinite, numbers)) or self.n < 1 or len(numbers) == 2:
            raise self._refused("finite numbers, with both ends of an interval or none, from at least one sample")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise self._refused("an interval whose low end is not above its high one")

    def require_share(self) -> None:
        """Refuse what cannot be a rate or an AUC.

        Raises:
            InvalidMeasurementError: The value or its interval lies outside 0..1, or the value outside its interval.
        """
        ends = (0.0, 1.0) if self.low is None or self.high is None else (self.low, self.high)
        if not 0 <= ends[0] <= self.value <= ends[1] <= 1:
            raise self._refused("0 <= low <= value <= high <= 1")

    def _refused(self, expected: str) -> InvalidMeasurementError:
        received = f"value {self.value}, low {self.low}, high {self.high}, n {self.n}"
        return InvalidMeasurementError(f"Received {received}. Expected {expected}. Measure the model again.")

    def to_dict(self) -> dict[str, float | int | None]:
        """As the files store it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Estimate:
        """Read what `to_dict` wrote.

        Raises:
            KeyError, TypeError, ValueError: It is not one.
        """
        low, high = (None if values[end] is None else float(values[end]) for end in ("low", "high"))
        return cls(value=float(values["value"]), low=low, high=high, n=int(values["n"]))
