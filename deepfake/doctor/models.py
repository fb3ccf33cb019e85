"""The models: whole, the published ones, classes in the right order, judging a known picture as they did then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deepfake.classifier.card import Card
from deepfake.classifier.classifier import WEIGHTS_FILE, Classifier, verify_weights
from deepfake.classifier.library import find_model, models_dir, read_cards
from deepfake.doctor.findings import Finding, fault, fine, note
from deepfake.errors import DeepfakeError, InvalidCardError

_GUESSING = 0.5
Load = Callable[[str], Classifier]


def check_models(load: Load, folder: Path | None = None) -> list[Finding]:
    """Every model that the page would offer.

    Args:
        load: Gives a model by its name.
        folder: Of the models; the usual one by default.
    """
    cards = read_cards(folder)
    if not cards:
        return [
            fault(f"There is no model in {folder or models_dir()}. Restore that folder, or make one: python train.py")
        ]
    findings = []
    for name, card in cards.items():
        if isinstance(card, InvalidCardError):
            findings.append(fault(f"{name}: {card}"))
            continue
        weights = check_weights(name, card, find_model(name, folder) / WEIGHTS_FILE)
        findings += [weights, check_class_order(name, card)]
        if weights.grade == "fine":
            findings.append(_load_and_test(name, load))
    return findings


def check_weights(name: str, card: Card, weights: Path) -> Finding:
    """Whether the weights are those that the card speaks of."""
    try:
        verify_weights(weights, card)
    except (DeepfakeError, OSError) as error:
        return fault(f"{name}: {error}")
    return fine(f"{name}: the weights are the published ones (sha256 {card.weights_sha256[:12]}...).")


def check_class_order(name: str, card: Card) -> Finding:
    """Whether fakes get the higher scores, as far as was measured."""
    measured = _mean_auc(card)
    order = ", ".join(f"{label} is {word}" for label, word in enumerate(card.class_names))
    if measured is None:
        return note(f"{name}: {order}, says its card; it was never measured on fakes.")
    if measured < _GUESSING:
        return fault(
            f"{name}: real faces get the higher scores (mean image AUC {measured:.2f}). Expected more than "
            f"{_GUESSING}: {order}. Its classes are probably swapped; train or import it again."
        )
    return fine(f"{name}: {order}, and fakes get the higher scores (mean image AUC {measured:.2f}).")


def _mean_auc(card: Card) -> float | None:
    try:
        return float(card.metrics["macro"]["auc"]["value"])
    except (KeyError, TypeError, ValueError):  # not measured, or only on real faces
        return None


def _load_and_test(name: str, load: Load) -> Finding:
    try:
        return check_portrait(load(name))
    except (DeepfakeError, ImportError, OSError) as error:
        return fault(f"{name} cannot be used: {error}")


def check_portrait(classifier: Classifier) -> Finding:
    """Whether a model still says of a known portrait what it said when it was published."""
    from deepfake.evaluation.self_test import TOLERANCE, judge_portrait

    card = classifier.card
    if card.portrait_probability is None:
        return note(
            f"{card.name}: its card does not say what it should make of the self-test picture. If all else is fine, "
            f"write it there: python -m deepfake doctor --remember {card.name}"
        )
    now, then = judge_portrait(classifier), card.portrait_probability
    if not abs(now - then) <= TOLERANCE:
        return fault(
            f"{card.name} gave a probability of {now:.4f} to the self-test picture. Expected {then:.4f}, as its card "
            f"says, within {TOLERANCE}. Its verdicts cannot be trusted here: install the versions in requirements.txt."
        )
    return fine(f"{card.name}: the self-test picture gets {now:.4f}; expected {then:.4f}, within {TOLERANCE}.")
