"""Crops in, scores and probabilities out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.calibration import Values
from deepfake.classifier.card import Card, read_card
from deepfake.classifier.lite import LITE_FILE, LiteScorer, has_lite_engine
from deepfake.classifier.model_file import check_model_file
from deepfake.errors import ModelError, WeightsMismatchError
from deepfake.media.crops import Crops

WEIGHTS_FILE = "model.keras"
CARD_FILE = "card.json"
_BATCH_SIZE = 128
Scorer = Callable[[Crops], npt.NDArray[np.float32]]  # (n, side, side, 3) -> (n,)


class Classifier:
    """A model with its card. Safe to share between threads.

    Attributes:
        card: Everything that weights alone cannot say.
    """

    def __init__(self, scorer: Scorer, card: Card) -> None:
        """Join a scorer and a card.

        Args:
            scorer: Crops (n, side, side, 3), float32, RGB 0..255 -> raw scores for fake (n,), 0..1.
            card: The model's card.
        """
        self.card = card
        self._scorer = scorer

    def with_card(self, card: Card) -> Classifier:
        """The same weights under another card."""
        return Classifier(self._scorer, card)

    def scores(self, crops: Crops) -> Values:
        """Raw sigmoid outputs for fake.

        Args:
            crops: Shape (n, side, side, 3), RGB 0..255; side as the card says.

        Returns:
            Shape (n,), float64, 0..1.

        Raises:
            ValueError: Another shape.
        """
        side = self.card.crop.side_px
        if crops.ndim != 4 or crops.shape[1:] != (side, side, 3):
            raise ValueError(f"Expected crops of shape (n, {side}, {side}, 3). Received: {crops.shape}.")
        blocks = [
            self._scorer(np.ascontiguousarray(crops[start : start + _BATCH_SIZE], dtype=np.float32))
            for start in range(0, len(crops), _BATCH_SIZE)
        ]
        return np.concatenate([np.zeros(0), *blocks]).astype(np.float64)

    def probabilities(self, crops: Crops) -> Values:
        """P(fake) after calibration, shape (n,), 0..1; arguments as for `scores`."""
        return self.card.calibration.apply(self.scores(crops))


def load_classifier(folder: Path) -> Classifier:
    """Load weights and card together.

    Args:
        folder: Holds `model.keras` and `card.json`.

    Raises:
        InvalidCardError: No card, or not a whole one.
        WeightsMismatchError: The weights are missing or are not those the card speaks of.
        ModelError: The engine cannot read the weights, or should not: see `model_file.py` and `lite.py`.
    """
    card = read_card(folder / CARD_FILE)
    return Classifier(load_scorer(folder, card), card)


def load_scorer(folder: Path, card: Card) -> Scorer:
    """The weights beside a card, verified, in the quickest engine there is; raises as `load_classifier` does."""
    if card.lite_sha256 is None or not has_lite_engine():
        return compile_scorer(load_network(folder, card))
    verify_weights(folder / WEIGHTS_FILE, card)
    return LiteScorer(folder / LITE_FILE, card)


def load_network(folder: Path, card: Card) -> Any:
    """The uncompiled `keras.Model` beside a card, verified; see `load_classifier` for what is raised."""
    weights = folder / WEIGHTS_FILE
    verify_weights(weights, card)
    check_model_file(weights, side_px=card.crop.side_px)
    import keras  # loads TensorFlow: seconds, and only here

    try:
        return keras.saving.load_model(weights, compile=False, safe_mode=True)
    except Exception as error:
        raise ModelError(
            f"{weights} cannot be read by Keras {keras.__version__} ({type(error).__name__}). The card says it was "
            f"written with {card.versions}. Install the versions in requirements.txt."
        ) from error


def verify_weights(weights: Path, card: Card) -> None:
    """Refuse weights whose sha256 is not the card's.

    Raises:
        WeightsMismatchError: Missing, or other weights.
    """
    if not weights.is_file():
        raise WeightsMismatchError(
            f"There are no weights at {weights}. Expected the file beside the card. Restore it, or train again."
        )
    received = sha256_of(weights)
    if received != card.weights_sha256:
        raise WeightsMismatchError(
            f"{weights} has sha256 {received[:12]}..., but its card expects {card.weights_sha256[:12]}.... The file is "
            "damaged or was replaced, so it is not used. Restore both files from the same release, or train again."
        )


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compile_scorer(model: Any) -> Scorer:
    """Make one compiled function of a Keras model, for batches of any size without retracing."""
    import tensorflow as tf

    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]

    @tf.function(input_signature=signature)  # type: ignore[untyped-decorator]
    def forward(crops: Any) -> Any:
        return model(crops, training=False)[:, 0]

    return lambda crops: np.asarray(forward(crops), dtype=np.float32)
