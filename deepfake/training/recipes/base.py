"""What all recipes share: the knobs of a training run, and what they may be set to."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Self

from deepfake.data.balance import BALANCE_METHODS
from deepfake.errors import TrainingError
from deepfake.media.crops import CropSettings
from deepfake.media.detectors import DetectorSettings
from deepfake.training.recipes.ranges import Ranges
from deepfake.training.recipes.starts import FROM_NOTHING, fill_from, start_in_words

LOSSES = ("binary_crossentropy", "mean_absolute_error")
OPTIMIZERS = ("adam", "rmsprop")
SCHEDULES = ("cosine", "constant", "plateau")
AUGMENTATIONS = ("uploads", "light_and_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of epochs in which the same layers learn, with an optimizer of its own.

    Attributes:
        name: Also of its checkpoint.
        first_epoch, end_epoch: Counted from 0 over the whole run; the end is not part of it.
        learning_rate: Where the schedule starts from, or its peak.
        freeze: What does not learn, see `architectures/pretrained.py`.
    """

    name: str
    first_epoch: int
    end_epoch: int
    learning_rate: float
    freeze: str = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(ABC):
    """How a model is made: every knob of a training run, in one place.

    Attributes:
        kind: The network in a few words, for the card's title.
        min_side_px: The smallest input that the network can take.
        ranges: What `train.py --tune` searches, by knob; the recipe's own value lies inside.
        name: What `train.py --recipe` calls it.
        summary: One line for people.
        detector: How faces are found, in training and in use.
        margin: Extra around the face's box as a fraction of its side, see `crop_face`.
        input_side_px: Side of the model's square input.
        loss: One of `LOSSES`; "mean_absolute_error" is L1.
        optimizer: One of `OPTIMIZERS`.
        schedule: "cosine": linear warm-up over a phase's first epoch, then cosine decay to zero. "constant".
            "plateau": times `plateau_factor` whenever the validation AUC has not risen for `plateau_patience` epochs.
        learning_rate: Peak of the schedule, or where it starts from.
        weight_decay: Decoupled, as in AdamW; 0 for none.
        epochs: At most this many.
        epochs_by_file: In so many first epochs every file counts the same, later every set: features are learned
            from the large sets before the small ones could be learned by heart.
        steps_per_epoch: Batches in an epoch; 0 for as many as the crops fill.
        patience: Stop after so many epochs without a better validation AUC.
        plateau_factor, plateau_patience: See `schedule`.
        batch_size: Crops a step.
        augmentation: "uploads": what networks and editors do to pictures. "light_and_place": rotations, shifts, flips
            and brightness alone. Alike for both classes; see `augment.py`.
        augment_strength: 0 for none, 1 for the ranges in `augment.py`.
        self_blended: Share of each set's fakes that are replaced by self-blended real faces, see `blend.py`.
        balance: How classes are balanced in each set, see `data/balance.py`.
        crops_per_set: At most so many balanced training crops of each set, drawn by the seed; 0 for all.
        start_from: Folder of a trained model of the same shapes, whose weights training starts from; several, separated
            by commas, for the mean of their weights; or "nothing".
        seed: Of weights, shuffling, augmentation and splits.
    """

    kind: ClassVar[str]
    min_side_px: ClassVar[int] = 8  # three halvings leave a pixel
    ranges: ClassVar[Ranges]

    name: str
    summary: str
    detector: DetectorSettings = field(default_factory=DetectorSettings)
    margin: float = 0.0
    input_side_px: int
    loss: str = "binary_crossentropy"
    optimizer: str = "adam"
    schedule: str
    learning_rate: float
    weight_decay: float = 0.0
    epochs: int
    epochs_by_file: int
    steps_per_epoch: int = 0
    patience: int
    plateau_factor: float = 0.5
    plateau_patience: int = 3
    batch_size: int = 32
    augmentation: str = "uploads"
    augment_strength: float = 0.5
    self_blended: float = 0.0
    balance: str = "undersample"
    crops_per_set: int = 0
    start_from: str = FROM_NOTHING
    seed: int = 0

    def __post_init__(self) -> None:
        self._require_choice("loss", LOSSES)
        self._require_choice("optimizer", OPTIMIZERS)
        self._require_choice("schedule", SCHEDULES)
        self._require_choice("augmentation", AUGMENTATIONS)
        self._require_choice("balance", BALANCE_METHODS)
        self._require_range("input_side_px", self.min_side_px, math.inf)
        for knob in ("epochs", "patience", "plateau_patience", "batch_size"):
            self._require_range(knob, 1, math.inf)
        for knob in ("weight_decay", "epochs_by_file", "steps_per_epoch", "crops_per_set", "seed"):
            self._require_range(knob, 0, math.inf)
        self._require_range("learning_rate", 1e-12, 10)
        self._require_range("plateau_factor", 1e-3, 1)
        self._require_range("augment_strength", 0, 1)
        self._require_range("self_blended", 0, 1)
        self._require_range("margin", 0, 2)

    def _require_choice(self, knob: str, choices: tuple[str, ...]) -> None:
        if getattr(self, knob) not in choices:
            raise TrainingError(
                f"The recipe {self.name} was given {knob} {getattr(self, knob)!r}. Expected one of: "
                f"{', '.join(choices)}. Set it with --set {knob}=..."
            )

    def _require_range(self, knob: str, low: float, high: float) -> None:
        value = getattr(self, knob)
        if not low <= value <= high or math.isinf(value):
            limits = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
            raise TrainingError(
                f"The recipe {self.name} was given {knob} {value}. Expected a number {limits}. Set it with "
                f"--set {knob}=..."
            )

    def crop_settings(self) -> CropSettings:
        """How its crops are cut."""
        return CropSettings(detector=self.detector, margin=self.margin, side_px=self.input_side_px)

    def phases(self) -> tuple[Phase, ...]:
        """The stretches of the run, in order; they cover its epochs."""
        return (Phase(name="all", first_epoch=0, end_epoch=self.epochs, learning_rate=self.learning_rate),)

    def shortened(self, epochs: int) -> Self:
        """The same run in fewer epochs, each stretch of them in proportion, rounded up.

        Raises:
            TrainingError: None, or more than there are.
        """
        if not 1 <= epochs <= self.epochs:
            raise TrainingError(
                f"The recipe {self.name} was to run for {epochs} of its {self.epochs} epochs. Expected a number from 1 "
                f"to {self.epochs}. Set another."
            )
        stretches = {knob: math.ceil(getattr(self, knob) * epochs / self.epochs) for knob in self._stretches()}
        return replace(self, epochs=epochs, **stretches)

    def _stretches(self) -> tuple[str, ...]:
        """Knobs that count a part of the epochs."""
        return ("epochs_by_file",)

    @abstractmethod
    def build(self) -> Any:
        """An uncompiled `keras.Model` with random weights, to be trained or to be filled with trained ones."""

    def build_to_train(self) -> Any:
        """An uncompiled `keras.Model` with the weights that training starts from.

        Raises:
            BackboneWeightsError: They cannot be had.
            ModelError: The model to start from cannot be had.
            TrainingError: It has other shapes.
        """
        model = self.build()
        if self.start_from != FROM_NOTHING:
            fill_from(model, self.start_from, self.name)
        return model

    def check_start(self) -> None:
        """Refuse a run that cannot start, before other work is done for it.

        Raises:
            BackboneWeightsError, ModelError, TrainingError: The weights to start from cannot be had.
        """
        self.build_to_train()

    def start(self) -> str:
        """In words, what the weights are before training; of files their name and hash, since paths differ."""
        if self.start_from != FROM_NOTHING:
            return start_in_words(self.start_from)
        return "random weights"

    def title(self) -> str:
        """What the page calls a model made by it."""
        return f"{self.kind}, {self.input_side_px} x {self.input_side_px} pixels"

    def to_dict(self) -> dict[str, Any]:
        """As the card stores it, with the model it started from in words."""
        return asdict(self) | ({"start_from": self.start()} if self.start_from != FROM_NOTHING else {})
