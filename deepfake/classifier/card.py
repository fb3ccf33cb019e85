"""All that weights alone cannot say. Weights and card load together or not at all."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from deepfake.classifier.calibration import Calibration
from deepfake.classifier.pooling import POOLING_RULES
from deepfake.errors import InvalidCardError
from deepfake.files import write_whole
from deepfake.media.crops import CropSettings

CLASS_NAMES = ("real", "fake")  # fake is 1, the positive class
CARD_FORMAT_VERSION = 1
_KINDS: dict[type, tuple[str, ...]] = {  # of what is read from disk and shown as it is
    str: ("name", "title", "architecture", "weights_sha256", "licence", "pooling"),
    dict: ("recipe", "training_data", "metrics", "notes", "versions", "chosen_on"),
    int: ("num_parameters",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingRules:
    """Where a verdict turns; probabilities are of fake, calibrated.

    Attributes:
        threshold: From here on a single face counts as fake where a verdict is forced (accuracy, F1).
        band_low: Up to here a face's verdict is `real`.
        band_high: From here on a single face's verdict is `fake`; between the two it is `uncertain`.
        logit_shift_per_log_face: Among n faces, `threshold` and `band_high` move by this times ln(n) in logits:
            of many real faces the most suspicious one looks more suspicious.
        min_face_px: Faces with a shorter side are not judged.
        min_brightness: Crops with a lower mean (0..255) are not judged.
        min_sharpness: Crops with a lower variance of their Laplacian at the model's input size are not judged.
    """

    threshold: float
    band_low: float
    band_high: float
    logit_shift_per_log_face: float
    min_face_px: int
    min_brightness: float
    min_sharpness: float

    def __post_init__(self) -> None:
        if not 0 <= self.band_low <= self.threshold <= self.band_high <= 1:
            raise InvalidCardError(
                "The card's rules need 0 <= band_low <= threshold <= band_high <= 1. Received: "
                f"{self.band_low}, {self.threshold}, {self.band_high}. Train the model again, or restore its card."
            )
        if not 0 <= self.logit_shift_per_log_face < math.inf:
            raise InvalidCardError(
                f"logit_shift_per_log_face must not be negative. Received: {self.logit_shift_per_log_face}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRules:
    """How a person in a clip is judged; chosen on clips, since frames of one person err together.

    Attributes:
        pooling: From the scores of a person's frames to one score, see `pool_scores`.
        calibration: From that score to P(fake).
        threshold, band_low, band_high: As in `JudgingRules`, of a single person in a clip.
        min_frames: A person fit to be judged in fewer frames is not judged.
        min_detection_score: Below this median, a "person" may be a hand or a pattern, and is not judged.
        note: On which clips all this was chosen, and with which numbers.
    """

    pooling: str
    calibration: Calibration
    threshold: float
    band_low: float
    band_high: float
    min_frames: int
    min_detection_score: float
    note: dict[str, Any]

    def __post_init__(self) -> None:
        if self.pooling not in POOLING_RULES or self.min_frames < 1:
            raise InvalidCardError(
                f"The card's clip rules need a pooling among {', '.join(POOLING_RULES)} and min_frames of at least 1. "
                f"Received: {self.pooling!r}, {self.min_frames}. Calibrate the model on clips again."
            )

    @property
    def is_ever_firm(self) -> bool:
        """Whether any probability leads to a firm verdict; where firm verdicts were wrong too often, none does."""
        return self.band_low > 0 or self.band_high < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFrom:
    """Where weights come from that were not trained here.

    Attributes:
        file: The name of the file they were read from, without its folder.
        sha256: Of that file.
        fake_is: Which label meant fake there; for 0 the score was turned around.
        pixels: How its pixels were scaled there, as far as whoever imported it said, see `scale_pixels`.
    """

    file: str
    sha256: str
    fake_is: int
    pixels: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model's card, kept as `card.json` beside its weights.

    Attributes:
        name: The model's folder name.
        title: What the page calls it.
        architecture: Which layers (see `architectures.py`).
        crop: How its crops are cut, in training and in use.
        calibration: From score to probability.
        rules: Where verdicts turn.
        weights_sha256: Of `model.keras`.
        recipe: Every knob of the training run; of an imported model those alone that shape it.
        training_data: By set name: counts, splits, duplicates, terms. Empty for an imported model.
        metrics: By set name, on its test split: the headline numbers of `evaluation.json`.
        notes: How calibration, threshold and band were chosen, with their numbers.
        limits: What the model cannot do, in sentences for people.
        licence: Of weights and data.
        versions: Library versions of the training run.
        num_parameters: Size of the model.
        best_epoch: The epoch that was kept, counted from 0, as in `history.csv`; None for an imported model.
        pooling: From faces to a file.
        clips: How people in clips are judged; None where that was never measured, and no firm verdict is given.
        imported: Where the weights come from; None where they were trained here.
        chosen_on: As `training_data`, of the sets that an imported model's calibration, threshold and band were chosen
            on. Whether it learned from files of theirs is not known.
        portrait_probability: P(fake) that the model gave to a known portrait when it was published, see
            `evaluation/self_test.py`; None on cards that are older than this.
        lite_sha256: Of `model.tflite`, the same network for a quicker engine, see `lite.py`; None where there is none.
        class_names: Position is label.
        format_version: Of this file.
    """

    name: str
    title: str
    architecture: str
    crop: CropSettings
    calibration: Calibration
    rules: JudgingRules
    weights_sha256: str
    recipe: dict[str, Any]
    training_data: dict[str, Any]
    metrics: dict[str, Any]
    notes: dict[str, Any]
    limits: tuple[str, ...]
    licence: str
    versions: dict[str, str]
    num_parameters: int
    best_epoch: int | None
    pooling: str = "max_over_faces"
    clips: ClipRules | None = None
    imported: ImportedFrom | None = None
    chosen_on: dict[str, Any] = field(default_factory=dict)
    portrait_probability: float | None = None
    lite_sha256: str | None = None
    class_names: tuple[str, ...] = field(default=CLASS_NAMES)
    format_version: int = CARD_FORMAT_VERSION

    def __post_init__(self) -> None:
        for kind, names in _KINDS.items():
            for name in names:
                if type(getattr(self, name)) is not kind:
                    raise InvalidCardError(
                        f"The card's {name} is {str(getattr(self, name))[:80]!r}. Expected {kind.__name__}. Restore "
                        "card.json, or train the model again."
                    )
        known = self.portrait_probability
        if known is not None and not (isinstance(known, float) and 0 <= known <= 1):
            raise InvalidCardError(
                f"The card's portrait_probability is {str(known)[:80]!r}. Expected a number from 0 to 1, or null. "
                "Restore card.json, or train the model again."
            )
        if not isinstance(self.lite_sha256, str | None):
            raise InvalidCardError(
                f"The card's lite_sha256 is {str(self.lite_sha256)[:80]!r}. Expected a text, or null. Restore "
                "card.json, or train the model again."
            )
        if self.format_version != CARD_FORMAT_VERSION:
            raise InvalidCardError(
                f"The card of '{self.name}' has format version {self.format_version}. Expected "
                f"{CARD_FORMAT_VERSION}. Use the version of this program that wrote it, or train the model again."
            )
        if self.class_names != CLASS_NAMES:
            raise InvalidCardError(
                f"The card of '{self.name}' has the classes {self.class_names}. Expected {CLASS_NAMES}: fake is 1. "
                "A model with another order would call every real face fake. Train it again."
            )
        if self.imported is not None and self.training_data:
            raise InvalidCardError(
                f"The card of '{self.name}' says that it was imported, and what it was trained on. Expected one of the "
                "two, since nobody here knows what an imported model learned from. Import it again."
            )

    def rules_of_people(self) -> JudgingRules:
        """The rules for people in clips: their own threshold and band, the same demands on a face."""
        if self.clips is None:
            return replace(self.rules, band_low=0.0, band_high=1.0)
        clips = self.clips
        return replace(self.rules, threshold=clips.threshold, band_low=clips.band_low, band_high=clips.band_high)

    def split_seed(self, name: str) -> int:
        """What deals a set's splits: the same hand as when the model was made, where the set was used for it."""
        described = self.training_data | self.chosen_on
        return int(described.get(name, {}).get("split_seed", self.recipe.get("seed", 0)))

    def describes(self, name: str) -> bool:
        """Whether the card says how a set was split, so that what was measured can be measured again."""
        return name in self.training_data or name in self.chosen_on

    def learned_from(self, name: str) -> bool:
        """Whether the model was trained here on files of a set; sets of real faces alone only set its threshold."""
        return name in self.training_data and self.training_data[name].get("role", "training") == "training"

    def chose_threshold_on(self, name: str) -> bool:
        """Whether the threshold was chosen on the validation split of a set."""
        return name in self.notes.get("threshold", {}).get("false_alarm_rate", {})

    def to_dict(self) -> dict[str, Any]:
        """As `card.json` stores it."""
        values = asdict(self)
        values["class_names"] = list(self.class_names)
        values["limits"] = list(self.limits)
        return values

    @classmethod
    def from_dict(cls, values: Any) -> Card:
        """Read what `to_dict` wrote.

        Raises:
            InvalidCardError: A field is missing, unknown or of the wrong kind.
        """
        try:
            fields = dict(values)
            fields["crop"] = CropSettings.from_dict(fields["crop"])
            fields["calibration"] = Calibration(**fields["calibration"])
            fields["rules"] = JudgingRules(**fields["rules"])
            if fields.get("clips") is not None:
                calibration = Calibration(**fields["clips"]["calibration"])
                fields["clips"] = ClipRules(**{**fields["clips"], "calibration": calibration})
            if fields.get("imported") is not None:
                fields["imported"] = ImportedFrom(**fields["imported"])
            fields["limits"] = tuple(fields["limits"])
            fields["class_names"] = tuple(fields["class_names"])
            return cls(**fields)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            if isinstance(error, InvalidCardError):
                raise
            raise InvalidCardError(
                f"The card is not complete or not consistent ({type(error).__name__}: {error}). Expected the fields "
                "that `train.py` writes. Restore card.json, or train the model again."
            ) from error


def read_card(path: Path) -> Card:
    """Read `card.json`.

    Raises:
        InvalidCardError: No such file, not JSON, or not a card.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidCardError(
            f"{path} cannot be read as JSON ({type(error).__name__}). Expected a model's card. Restore the file, or "
            "train the model again."
        ) from error
    return Card.from_dict(values)


def write_card(path: Path, card: Card) -> None:
    """Write `card.json`, whole or not at all."""
    write_whole(path, (json.dumps(card.to_dict(), indent=2, ensure_ascii=False) + "\n").encode())
