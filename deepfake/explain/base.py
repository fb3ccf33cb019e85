"""What an explanation is, how it is asked for, and what weighs the segments: the words of this room."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.agreement import NUM_LEADING, Agreement, Weights, is_flat, is_minor
from deepfake.explain.agreement import leading as leading_segments
from deepfake.explain.baselines import BASELINES
from deepfake.explain.perturbed import PerturbedFace
from deepfake.explain.segments import SEGMENTATIONS, Segments
from deepfake.media.images import RGBImage

METHODS = ("lime", "occlusion", "rise")
_SAMPLES_PER_SEGMENT = 10
_FIRST_REPEATS = 2  # the fewest that can be compared
_MAX_FACTOR = 5  # all ways to halve ten repeats are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationSettings:
    """How an explanation is made; stored in the result.

    Attributes:
        method: One of `METHODS`.
        segmentation: How the face is cut, see `segments.py`.
        num_segments: Into about so many segments.
        baseline: What a hidden segment is painted with, see `baselines.py`.
        num_samples: Perturbations judged at the least, in two repeats; at least 10 a segment.
        max_samples: At the most, by further such repeats, where the ranking of the leading segments does not hold
            before.
        seed: Of the first repeat; the others follow it.
    """

    method: str = "lime"
    segmentation: str = "slic"
    num_segments: int = 40
    baseline: str = "segment-mean"
    num_samples: int = 400
    max_samples: int = 1600
    seed: int = 0

    def __post_init__(self) -> None:
        for what, name, known in (
            ("method", self.method, METHODS),
            ("segmentation", self.segmentation, SEGMENTATIONS),
            ("baseline", self.baseline, BASELINES),
        ):
            if name not in known:
                raise ExplanationSettingsError(f"Unknown {what} {name!r}. Expected one of {', '.join(known)}.")
        least = _SAMPLES_PER_SEGMENT * max(2, self.num_segments)
        if self.num_segments < 2 or self.num_samples < least:
            raise ExplanationSettingsError(
                f"An explanation needs at least 2 segments and {_SAMPLES_PER_SEGMENT} samples a segment. "
                f"Received: {self}. For {self.num_segments} segments ask for {least} samples."
            )
        if not self.num_samples <= self.max_samples <= _MAX_FACTOR * self.num_samples:
            raise ExplanationSettingsError(
                f"At most so many samples are drawn as max_samples says: between {self.num_samples}, which are drawn "
                f"in any case, and {_MAX_FACTOR} times as many. Received: max_samples {self.max_samples}."
            )

    @property
    def samples_per_repeat(self) -> int:
        """Perturbations that each repeat draws."""
        return -(-self.num_samples // _FIRST_REPEATS)

    @property
    def max_repeats(self) -> int:
        """Repeats at which sampling stops, whatever came of it."""
        return max(_FIRST_REPEATS, self.max_samples // self.samples_per_repeat)

    def to_dict(self) -> dict[str, Any]:
        """As reports and evaluations store it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One repeat.

    Attributes:
        weights: Shape (n,).
        fidelity: Weighted R2 of a surrogate; None for a method without one.
        num_samples: Perturbations that it rests on.
    """

    weights: Weights
    fidelity: float | None
    num_samples: int


class Explainer(Protocol):
    """Weighs the segments of one face; a fresh one for each repeat.

    Attributes:
        is_random: Whether another seed may weigh them otherwise.
    """

    is_random: ClassVar[bool]

    def __init__(self, face: PerturbedFace, *, seed: int) -> None: ...

    def weigh(self, num_samples: int) -> Draw:
        """Give each segment a weight: by how much it raises P(fake).

        Args:
            num_samples: Perturbations to judge, where the method leaves that open.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a probability rests on, as far as it is known by now.

    Attributes:
        crop: The face explained, shape (s, s, 3), uint8, s at most 512.
        segments: Label map, shape (s, s), 0..n-1.
        weights: Shape (n,): what a segment adds to the probability; positive is towards fake. Mean of the repeats.
        probability: Of the crop, 0..1.
        fidelity: Weighted R2 of the linear surrogate, mean of the repeats, at most 1; None for methods without one.
        agreement: How alike halves of the repeats are; None of a first, unchecked map.
        num_repeats: Made so far.
        num_samples: Perturbations that it rests on, all repeats together.
        is_final: Whether nothing more comes.
        settings: How it was made.
    """

    crop: RGBImage
    segments: Segments
    weights: Weights
    probability: float
    fidelity: float | None
    agreement: Agreement | None
    num_repeats: int
    num_samples: int
    is_final: bool
    settings: ExplanationSettings

    @property
    def is_flat(self) -> bool:
        """Whether no area has any influence."""
        return is_flat(self.weights)

    @property
    def is_stable(self) -> bool:
        """Whether repeats agree enough for a map to mean something; False of an unchecked map."""
        return self.agreement is not None and self.agreement.is_stable

    @property
    def agreed_weights(self) -> Weights:
        """Weights to paint, shape (n,): 0 where the repeats do not agree on the sign."""
        return self.weights if self.agreement is None else np.where(self.agreement.signs, self.weights, 0.0)

    @property
    def disputed(self) -> npt.NDArray[np.bool_]:
        """Segments that count but for their sign, on which the repeats do not agree; shape (n,)."""
        if self.agreement is None:
            return np.zeros(len(self.weights), bool)
        return np.asarray(~self.agreement.signs & ~is_minor(self.weights))

    def leading(self, count: int = NUM_LEADING) -> list[int]:
        """The segments of greatest influence either way, beyond chance and of an agreed sign, strongest first."""
        return leading_segments(self.agreed_weights, count, chance=self.agreement.chance if self.agreement else 0.0)
