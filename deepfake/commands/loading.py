"""The model that a command asks for."""

from __future__ import annotations

from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named
from deepfake.classifier.quiet import without_native_notes


def load_model_quietly(name: str | None) -> Classifier:
    """Load a model by name; see `load_model_named` for what can go wrong."""
    with without_native_notes():
        return load_model_named(name)
