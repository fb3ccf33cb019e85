"""A small head on backbones that know ImageNet: first the head learns, then all but BatchNormalization."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from deepfake.classifier.architectures.backbones import FROM_IMAGENET, RANDOM_ON_PURPOSE, load_backbone_weights
from deepfake.classifier.architectures.pretrained import BACKBONE_LAYER, build_pretrained
from deepfake.classifier.classifier import sha256_of
from deepfake.errors import TrainingError
from deepfake.training.recipes.base import Phase, Recipe
from deepfake.training.recipes.ranges import Between, OneOf, Ranges
from deepfake.training.recipes.starts import FROM_NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained(Recipe):
    """What these recipes share: the head, the optimizer and the two phases of the EfficientNetB0 reproduction.

    Attributes:
        backbone: Which network the head stands on, see `architectures/backbones.py`.
        backbone_weights: "imagenet", "none" (random on purpose), or the path of a file of weights.
        dense_units, l2, dropout: See `build_pretrained`; sources leave the last two open.
        head_epochs: So many of `epochs` come first, in which the backbone is left as it is.
        fine_tune_learning_rate: Of the epochs after these, in place of `learning_rate`.
        freeze_norms: Whether the backbone's BatchNormalization layers are left as they are in fine-tuning too. With a
            random backbone they should not be: their statistics are made up, and hardly a gradient gets through.
    """

    min_side_px: ClassVar[int] = 32
    backbone: ClassVar[str]
    ranges: ClassVar[Ranges] = {
        "learning_rate": Between(low=3e-5, high=3e-3, log=True),
        "fine_tune_learning_rate": Between(low=1e-5, high=1e-3, log=True),
        "l2": Between(low=1e-6, high=1e-3, log=True),
        "dense_units": OneOf(values=(128, 256, 512)),
        "dropout": Between(low=0.2, high=0.7),
        "augment_strength": Between(low=0.0, high=1.0),
    }

    backbone_weights: str = FROM_IMAGENET
    dense_units: int = 256
    l2: float = 1e-4
    dropout: float = 0.5
    head_epochs: int = 5
    fine_tune_learning_rate: float = 1e-4
    freeze_norms: bool = True
    loss: str = "binary_crossentropy"
    optimizer: str = "adam"
    schedule: str = "plateau"
    learning_rate: float = 1e-4
    epochs: int = 30
    epochs_by_file: int = 30
    patience: int = 6
    plateau_factor: float = 0.5
    plateau_patience: int = 2
    batch_size: int = 32
    augmentation: str = "light_and_place"
    augment_strength: float = 0.5

    def __post_init__(self) -> None:
        Recipe.__post_init__(self)  # super() without arguments does not work in a dataclass with slots
        self._require_range("dense_units", 1, 1e5)
        self._require_range("l2", 0, 1)
        self._require_range("dropout", 0, 0.99)
        self._require_range("fine_tune_learning_rate", 1e-12, 10)
        if not 0 <= self.head_epochs <= self.epochs:
            raise TrainingError(
                f"The recipe {self.name} was given head_epochs {self.head_epochs} of {self.epochs} epochs. Expected "
                "at most as many as there are epochs; what is left is for fine-tuning. Set fewer with "
                "--set head_epochs=..., or more epochs with --epochs."
            )

    def phases(self) -> tuple[Phase, ...]:
        """The head, then fine-tuning; a phase without an epoch is left out."""
        both = (
            Phase(
                name="head",
                first_epoch=0,
                end_epoch=self.head_epochs,
                learning_rate=self.learning_rate,
                freeze="backbone",
            ),
            Phase(
                name="fine-tuning",
                first_epoch=self.head_epochs,
                end_epoch=self.epochs,
                learning_rate=self.fine_tune_learning_rate,
                freeze="backbone_norms" if self.freeze_norms else "nothing",
            ),
        )
        return tuple(phase for phase in both if phase.end_epoch > phase.first_epoch)

    def _stretches(self) -> tuple[str, ...]:
        return ("epochs_by_file", "head_epochs")

    def build(self) -> Any:
        """See `build_pretrained`; the backbone's weights are random, too."""
        return build_pretrained(
            backbone=self.backbone,
            input_side_px=self.input_side_px,
            dense_units=self.dense_units,
            l2=self.l2,
            dropout=self.dropout,
            name=self.name.replace("-", "_"),
        )

    def build_to_train(self) -> Any:
        """The model with the backbone's weights that `backbone_weights` names, or all those of `start_from`."""
        if self.start_from != FROM_NOTHING:
            return Recipe.build_to_train(self)
        model = self.build()
        load_backbone_weights(model.get_layer(BACKBONE_LAYER), self.backbone, self.backbone_weights)
        return model

    def start(self) -> str:
        """In words; of a file of weights its name and hash, since paths differ between machines."""
        if self.start_from != FROM_NOTHING:
            return Recipe.start(self)
        if self.backbone_weights == RANDOM_ON_PURPOSE:
            return "none: a random backbone, as asked for"
        if self.backbone_weights == FROM_IMAGENET:
            return "imagenet, of keras.applications"
        path = Path(self.backbone_weights)
        return f"{path.name}, sha256 {sha256_of(path)}"

    def to_dict(self) -> dict[str, Any]:
        """As the card stores it, with what the backbone started from in words."""
        return Recipe.to_dict(self) | {"backbone": self.backbone, "backbone_weights": self.start()}


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficientNetB0(Pretrained):
    """The reproduction that was made for FaceForensics++ face crops, a frame every 30."""

    kind: ClassVar[str] = "EfficientNet-B0"
    backbone: ClassVar[str] = "efficientnetb0"

    name: str = "efficientnetb0"
    summary: str = (
        "Reproduction: EfficientNet-B0 from ImageNet, 224x224, BatchNorm and Dense 256 on it, Adam 0.0001, in two "
        "phases. Splits by source and augmentation alike for both classes are ours."
    )
    input_side_px: int = 224


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficientNetLite0(Pretrained):
    """The same head on the network that machines without an accelerator run fastest."""

    kind: ClassVar[str] = "EfficientNet-Lite0"
    backbone: ClassVar[str] = "efficientnet-lite0"

    name: str = "efficientnet-lite0"
    summary: str = "EfficientNet-Lite0 from ImageNet, 128x128, with the head and phases of efficientnetb0."
    input_side_px: int = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficientNetLite0Uploads(EfficientNetLite0):
    """The strong model that ships: all layers learn from the first step, from crops as spoiled as uploads are.

    With the backbone's statistics frozen a rate of 0.001 led nowhere, and 0.0003 did; see `docs/results`.
    """

    ranges: ClassVar[Ranges] = {
        "fine_tune_learning_rate": Between(low=1e-4, high=1e-3, log=True),
        "l2": Between(low=1e-6, high=1e-3, log=True),
        "dense_units": OneOf(values=(128, 256, 512)),
        "dropout": Between(low=0.1, high=0.6),
        "augment_strength": Between(low=0.2, high=1.0),
        "self_blended": OneOf(values=(0.0, 0.25, 0.5)),
    }

    name: str = "efficientnet-lite0-uploads"
    summary: str = (
        "The strong model: EfficientNet-Lite0 from ImageNet, 128x128, fine-tuned whole on crops that are recompressed, "
        "shrunk, blurred and relit; cosine schedule."
    )
    dropout: float = 0.3
    head_epochs: int = 0
    schedule: str = "cosine"
    fine_tune_learning_rate: float = 3e-4
    epochs: int = 12
    epochs_by_file: int = 0
    steps_per_epoch: int = 375
    augmentation: str = "uploads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Xception(Pretrained):
    """The same head on the network of the FaceForensics++ benchmark."""

    kind: ClassVar[str] = "Xception"
    min_side_px: ClassVar[int] = 71
    backbone: ClassVar[str] = "xception"

    name: str = "xception"
    summary: str = "Xception from ImageNet, 224x224, with the head and phases of efficientnetb0."
    input_side_px: int = 224


@dataclass(frozen=True, slots=True, kw_only=True)
class ResNet50(Pretrained):
    """The same head on the network that others are commonly measured against."""

    kind: ClassVar[str] = "ResNet-50"
    backbone: ClassVar[str] = "resnet50"

    name: str = "resnet50"
    summary: str = "ResNet-50 from ImageNet, 224x224, with the head and phases of efficientnetb0."
    input_side_px: int = 224
