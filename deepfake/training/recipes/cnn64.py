"""The small CNN that ships as the default model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deepfake.classifier.architectures.cnn64 import Blocks, build_cnn64
from deepfake.errors import TrainingError
from deepfake.training.recipes.base import Recipe
from deepfake.training.recipes.ranges import Between, OneOf, Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Cnn64(Recipe):
    """Our own small CNN; see `Recipe` for the knobs not named here.

    Attributes:
        blocks, block_dropout, dense_units, dense_dropout: See `build_cnn64`.
    """

    kind: ClassVar[str] = "Small CNN"
    min_side_px: ClassVar[int] = 1
    ranges: ClassVar[Ranges] = {
        "learning_rate": Between(low=3e-4, high=5e-3, log=True),
        "weight_decay": Between(low=1e-3, high=1e-1, log=True),
        "batch_size": OneOf(values=(32, 64, 96, 128)),
        "dense_dropout": Between(low=0.0, high=0.6),
        "augment_strength": Between(low=0.0, high=1.0),
        "self_blended": OneOf(values=(0.0, 0.25, 0.5)),
    }

    name: str = "cnn64"
    summary: str = "Small CNN on 64x64 crops: Conv, MaxPool, BatchNorm, Dropout."
    input_side_px: int = 64
    blocks: Blocks = ((24,), (48,), (64, 64), (128, 128))
    block_dropout: float = 0.05
    dense_units: int = 64
    dense_dropout: float = 0.3
    schedule: str = "cosine"
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-2
    epochs: int = 20
    epochs_by_file: int = 12
    patience: int = 12
    batch_size: int = 96

    def __post_init__(self) -> None:
        Recipe.__post_init__(self)  # super() without arguments does not work in a dataclass with slots
        self._require_range("block_dropout", 0, 0.99)
        self._require_range("dense_dropout", 0, 0.99)
        self._require_range("dense_units", 1, 1e5)
        if not all(block and min(block) > 0 for block in self.blocks) or self.input_side_px < 2 ** len(self.blocks):
            raise TrainingError(
                f"The recipe {self.name} was given blocks {self.blocks} for an input of {self.input_side_px} px. "
                "Expected positive numbers of filters, and an input that each block can halve. Set fewer blocks with "
                "--set blocks=..., or a larger --set input_side_px=..."
            )

    def build(self) -> Any:
        """See `build_cnn64`."""
        return build_cnn64(
            input_side_px=self.input_side_px,
            blocks=self.blocks,
            block_dropout=self.block_dropout,
            dense_units=self.dense_units,
            dense_dropout=self.dense_dropout,
        )
