"""The folder of models: which are there, which is meant.

`models/default.txt` holds the name of the model that answers unless another one is asked for. Without that file, or
where the model it names is gone, the first by name answers.
"""

from __future__ import annotations

import os
from pathlib import Path

from deepfake.classifier.card import Card, read_card
from deepfake.classifier.classifier import CARD_FILE, Classifier, load_classifier
from deepfake.errors import InvalidCardError, ModelNotFoundError

DEFAULT_FILE = "default.txt"
HISTORY_FILE = "history.csv"
TRIALS_FILE = "trials.csv"  # where the knobs were searched for
EVALUATION_FILE = "evaluation.json"
LEFT_OUT_FILE = "left_out.json"


def models_dir() -> Path:
    """The folder that the environment variable DEEPFAKE_MODELS names, else `models/` beside the package."""
    named = os.environ.get("DEEPFAKE_MODELS")
    if named:
        return Path(named)
    return Path(__file__).resolve().parents[2] / "models"


def list_models(folder: Path | None = None) -> list[str]:
    """Names of the models in a folder, the default first, then alphabetically."""
    base = folder or models_dir()
    names = sorted(path.parent.name for path in base.glob(f"*/{CARD_FILE}") if not path.parent.name.startswith("."))
    default = _named_default(base)
    return sorted(names, key=lambda name: name != default)


def _named_default(base: Path) -> str | None:
    try:
        return (base / DEFAULT_FILE).read_text(encoding="utf-8-sig").strip()  # -sig: as Windows editors may save it
    except (OSError, ValueError):
        return None


def find_model(name: str | None = None, folder: Path | None = None) -> Path:
    """The folder of a model.

    Args:
        name: A name that `list_models` gives; the first of them by default.
        folder: Another folder of models.

    Raises:
        ModelNotFoundError: No such model; the message lists those there are.
    """
    base = folder or models_dir()
    names = list_models(base)
    wanted = name if name is not None else next(iter(names), None)
    if wanted is None or wanted not in names:
        raise ModelNotFoundError(
            f"There is no model {wanted or 'at all'} in {base}. Expected one of: {', '.join(names) or '(none)'}. "
            "Make one with `python train.py`, or restore the models/ folder."
        )
    return base / wanted


def load_model_named(name: str | None = None, folder: Path | None = None) -> Classifier:
    """Load a model by name; see `find_model` and `load_classifier` for what can go wrong."""
    return load_classifier(find_model(name, folder))


def read_cards(folder: Path | None = None) -> dict[str, Card | InvalidCardError]:
    """Every model's card by name, or why it cannot be read."""
    cards: dict[str, Card | InvalidCardError] = {}
    for name in list_models(folder):
        try:
            cards[name] = read_card(find_model(name, folder) / CARD_FILE)
        except InvalidCardError as error:
            cards[name] = error
    return cards
