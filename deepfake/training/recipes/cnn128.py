"""A reproduction that holds back a plain CNN in every way that was common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deepfake.classifier.architectures.cnn128 import build_cnn128
from deepfake.training.recipes.base import Recipe
from deepfake.training.recipes.ranges import Between, OneOf, Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Cnn128Regularized(Recipe):
    """As written: ReLU, L2 and Dropout, Adam 0.0001, up to 100 epochs; rotations, shifts, flips, brightness.

    Attributes:
        l2, dense_units, dropout: See `build_cnn128`; the source leaves them open.
    """

    kind: ClassVar[str] = "Regularized CNN"
    ranges: ClassVar[Ranges] = {
        "learning_rate": Between(low=3e-5, high=1e-3, log=True),
        "l2": Between(low=1e-6, high=1e-2, log=True),
        "dense_units": OneOf(values=(64, 128, 256)),
        "dropout": Between(low=0.2, high=0.7),
        "augment_strength": Between(low=0.0, high=1.0),
    }

    name: str = "cnn128-regularized"
    summary: str = (
        "Reproduction: CNN with L2 and Dropout, 128x128, Adam 0.0001, up to 100 epochs, rotations, shifts, flips and "
        "brightness for both classes. 32-64-128 filters of 3x3 are our choice, and so are splits by source."
    )
    input_side_px: int = 128
    l2: float = 1e-4
    dense_units: int = 128
    dropout: float = 0.5
    loss: str = "binary_crossentropy"
    optimizer: str = "adam"
    schedule: str = "plateau"
    learning_rate: float = 1e-4
    epochs: int = 100
    epochs_by_file: int = 100
    patience: int = 10
    plateau_factor: float = 0.5
    plateau_patience: int = 4
    batch_size: int = 32
    augmentation: str = "light_and_place"
    augment_strength: float = 1.0

    def __post_init__(self) -> None:
        Recipe.__post_init__(self)  # super() without arguments does not work in a dataclass with slots
        self._require_range("l2", 0, 1)
        self._require_range("dense_units", 1, 1e5)
        self._require_range("dropout", 0, 0.99)

    def build(self) -> Any:
        """See `build_cnn128`."""
        return build_cnn128(
            input_side_px=self.input_side_px, l2=self.l2, dense_units=self.dense_units, dropout=self.dropout
        )
