"""How a model is made: every knob of a training run, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from deepfake.classifier.architectures import Blocks, build_cnn64
from deepfake.errors import TrainingError
from deepfake.media.crops import CropSettings
from deepfake.media.detectors import DetectorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A training run, readable at a glance.

    Attributes:
        name: What `train.py --recipe` calls it.
        summary: One line for people.
        detector: How faces are found, in training and in use.
        margin: Extra around the face's box as a fraction of its side, see `crop_face`.
        input_side_px: Side of the model's square input.
        blocks, block_dropout, dense_units, dense_dropout: See `build_cnn64`.
        epochs: At most this many.
        epochs_by_file: In so many first epochs every file counts the same, later every set: features are learned
            from the large sets before the small ones could be learned by heart.
        patience: Stop after so many epochs without a better validation AUC.
        batch_size: Crops a step.
        learning_rate: Peak of the schedule: linear warm-up over one epoch, then cosine decay to zero.
        weight_decay: Decoupled, as in AdamW.
        augment_strength: 0 for none, 1 for the ranges in `augment.py`.
        balance: How classes are balanced in each set, see `data/balance.py`.
        seed: Of weights, shuffling, augmentation and splits.
    """

    name: str
    summary: str
    detector: DetectorSettings = field(default_factory=DetectorSettings)
    margin: float = 0.0
    input_side_px: int = 64
    blocks: Blocks = ((24,), (48,), (64, 64), (128, 128))
    block_dropout: float = 0.05
    dense_units: int = 64
    dense_dropout: float = 0.3
    epochs: int = 20
    epochs_by_file: int = 12
    patience: int = 12
    batch_size: int = 96
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-2
    augment_strength: float = 0.5
    balance: str = "undersample"
    seed: int = 0

    def crop_settings(self) -> CropSettings:
        """How its crops are cut."""
        return CropSettings(detector=self.detector, margin=self.margin, side_px=self.input_side_px)

    def build(self) -> Any:
        """An uncompiled `keras.Model` with fresh weights."""
        return build_cnn64(
            input_side_px=self.input_side_px,
            blocks=self.blocks,
            block_dropout=self.block_dropout,
            dense_units=self.dense_units,
            dense_dropout=self.dense_dropout,
        )

    def to_dict(self) -> dict[str, Any]:
        """As the card stores it."""
        return asdict(self)


RECIPES = {
    recipe.name: recipe
    for recipe in (Recipe(name="cnn64", summary="Small CNN on 64x64 crops: Conv, MaxPool, BatchNorm, Dropout."),)
}


def find_recipe(name: str) -> Recipe:
    """A recipe by name.

    Raises:
        TrainingError: No such recipe.
    """
    if name not in RECIPES:
        raise TrainingError(f"There is no recipe {name!r}. Expected one of: {', '.join(RECIPES)}.")
    return RECIPES[name]
