"""What an explanation is, how it is asked for, and what weighs the segments: the words of this room."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from deepfake.errors import ExplanationSettingsError
from deepfake.explain.agreement import NUM_LEADING, Agreement, Weights, is_flat
from deepfake.explain.agreement import leading as leading_segments
from deepfake.explain.baselines import BASELINES
from deepfake.explain.perturbed import PerturbedFace
from deepfake.explain.segments import SEGMENTATIONS, Segments
from deepfake.media.images import RGBImage

METHODS = ("lime", "occlusion", "rise")
_SAMPLES_PER_SEGMENT = 10
_MAX_REPEATS = 10  # all ways to halve them are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationSettings:
    """How an explanation is made; stored in the result.

    Attributes:
        method: One of `METHODS`.
        segmentation: How the face is cut, see `segments.py`.
        num_segments: Into about so many segments.
        baseline: What a hidden segment is painted with, see `baselines.py`.
        num_samples: Perturbations a repeat; at least 10 a segment in the fewest repeats together.
        min_repeats: Repeats at the least, each with a seed of its own; two, to compare them.
        max_repeats: Repeats at the most, where the ranking of the leading segments does not hold before.
        seed: Of the first repeat; the others follow it.
    """

    method: str = "lime"
    segmentation: str = "slic"
    num_segments: int = 40
    baseline: str = "segment-mean"
    num_samples: int = 200
    min_repeats: int = 2
    max_repeats: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        for what, name, known in (
            ("method", self.method, METHODS),
            ("segmentation", self.segmentation, SEGMENTATIONS),
            ("baseline", self.baseline, BASELINES),
        ):
            if name not in known:
                raise ExplanationSettingsError(f"Unknown {what} {name!r}. Expected one of {', '.join(known)}.")
        if self.num_segments < 2 or not 2 <= self.min_repeats <= self.max_repeats <= _MAX_REPEATS:
            raise ExplanationSettingsError(
                f"An explanation needs at least 2 segments and 2 repeats, and at most {_MAX_REPEATS} repeats. "
                f"Received: {self}."
            )
        if self.num_samples * self.min_repeats < _SAMPLES_PER_SEGMENT * self.num_segments:
            least = -(-_SAMPLES_PER_SEGMENT * self.num_segments // self.min_repeats)
            raise ExplanationSettingsError(
                f"An explanation needs {_SAMPLES_PER_SEGMENT} samples a segment. Received: {self.num_samples} in each of "
                f"{self.min_repeats} repeats for {self.num_segments} segments. Ask for {least} samples a repeat."
            )

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

    def leading(self, count: int = NUM_LEADING) -> list[int]:
        """The segments of greatest influence either way whose sign the repeats agree on, strongest first."""
        return leading_segments(self.agreed_weights, count)
