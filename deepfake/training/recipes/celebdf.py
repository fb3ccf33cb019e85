"""Two reproductions that were made for 5,110 balanced frames of Celeb-DF v2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deepfake.classifier.architectures.celebdf import build_celebdf
from deepfake.training.recipes.base import Recipe
from deepfake.training.recipes.ranges import Between, OneOf, Ranges

_RANGES: Ranges = {
    "learning_rate": Between(low=1e-4, high=3e-3, log=True),
    "batch_size": OneOf(values=(16, 32, 64)),
    "augment_strength": Between(low=0.0, high=1.0),
}
_OPEN = "32-64-128 filters of 3x3 are our choice, and so are splits by source in the place of 80/20 by file."


@dataclass(frozen=True, slots=True, kw_only=True)
class CelebDfPRelu(Recipe):
    """As written: PReLU, L1 loss, Adam, batch 32, 10 epochs. The learning rate is Keras's default."""

    kind: ClassVar[str] = "Three convolutions with PReLU"
    ranges: ClassVar[Ranges] = _RANGES

    name: str = "celebdf-prelu"
    summary: str = f"Reproduction: 3 convolutions with PReLU, one dense layer, 128x128, L1 loss, Adam. {_OPEN}"
    input_side_px: int = 128
    loss: str = "mean_absolute_error"
    optimizer: str = "adam"
    schedule: str = "constant"
    learning_rate: float = 1e-3
    epochs: int = 10
    epochs_by_file: int = 10
    patience: int = 10
    batch_size: int = 32
    augment_strength: float = 0.0

    def build(self) -> Any:
        """See `build_celebdf`."""
        return build_celebdf(input_side_px=self.input_side_px, activation="prelu", name="celebdf_prelu")


@dataclass(frozen=True, slots=True, kw_only=True)
class CelebDfLeakyRelu(Recipe):
    """As written: LeakyReLU of slope 0.1, binary cross-entropy, RMSprop 0.001, batch 32, 10 epochs."""

    kind: ClassVar[str] = "Three convolutions with LeakyReLU"
    ranges: ClassVar[Ranges] = _RANGES

    name: str = "celebdf-leakyrelu"
    summary: str = (
        f"Reproduction: 3 convolutions with LeakyReLU (0.1), one dense layer, 128x128, RMSprop 0.001. {_OPEN}"
    )
    input_side_px: int = 128
    loss: str = "binary_crossentropy"
    optimizer: str = "rmsprop"
    schedule: str = "constant"
    learning_rate: float = 1e-3
    epochs: int = 10
    epochs_by_file: int = 10
    patience: int = 10
    batch_size: int = 32
    augment_strength: float = 0.0

    def build(self) -> Any:
        """See `build_celebdf`."""
        return build_celebdf(input_side_px=self.input_side_px, activation="leaky_relu", name="celebdf_leakyrelu")
