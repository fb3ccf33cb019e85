"""The same face again after what happens to pictures on their way: does the probability hold?

A picture is saved again, shrunk, sent on. Where that alone moves the probability far, it says little about the face.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# What is done to the picture, and how a person would say it; in the order in which it is shown.
CHANGES = {
    "jpeg_quality_90": "Saved as JPEG, quality 90",
    "jpeg_quality_70": "Saved as JPEG, quality 70",
    "jpeg_quality_50": "Saved as JPEG, quality 50",
    "jpeg_quality_30": "Saved as JPEG, quality 30",
    "half_size": "Shrunk to half its size",
    "quarter_size": "Shrunk to a quarter of its size",
    "blur": "Slightly blurred",
    "noise": "With a little noise",
    "mirror": "Mirrored",
    "wider_crop": "Cut out a little wider",
    "moved_crop": "Cut out a little to the side",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StressTrial:
    """One change.

    Attributes:
        change: One of `CHANGES`.
        probability: P(fake) after it, calibrated, 0..1.
    """

    change: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StressTest:
    """One face, judged again after each change.

    Attributes:
        probability: P(fake) of the face as it is, calibrated, 0..1.
        trials: In the order of `CHANGES`.
        seed: Of the noise.
    """

    probability: float
    trials: tuple[StressTrial, ...]
    seed: int

    @property
    def lowest(self) -> float:
        """The lowest probability after any change, or of the face as it is."""
        return min(self.probability, *(trial.probability for trial in self.trials))

    @property
    def highest(self) -> float:
        """The highest one."""
        return max(self.probability, *(trial.probability for trial in self.trials))

    def to_dict(self) -> dict[str, Any]:
        """As reports store it."""
        return asdict(self)
