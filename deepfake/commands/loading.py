"""TensorFlow without its notes on absent GPUs, which frighten people and say nothing to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named

_STANDARD_ERROR = 2


def load_model_quietly(name: str | None) -> Classifier:
    """Load a model by name; see `load_model_named` for what can go wrong."""
    with without_native_notes():
        return load_model_named(name)


@contextmanager
def without_native_notes() -> Iterator[None]:
    """TensorFlow's C++ writes some notes past every setting of its own, straight to the file descriptor."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] != "3":
        yield  # somebody wants to see them
        return
    kept = os.dup(_STANDARD_ERROR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STANDARD_ERROR)
    try:
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(nowhere)
        os.close(kept)
