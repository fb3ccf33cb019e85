"""LiteRT, the engine that judges: ready in hundredths of a second, where TensorFlow takes seconds to be imported.

Its file is written from the network when a model is published, and its sha256 is on the card. It holds built-in
operators and numbers, and no code; where LiteRT is not installed, TensorFlow judges from the same numbers. See
https://ai.google.dev/edge/litert and `docs/engines.md`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.card import Card
from deepfake.errors import ModelError, WeightsMismatchError
from deepfake.media.crops import Crops

LITE_FILE = "model.tflite"
_MAX_FILE_BYTES = 600_000_000
_MARK = slice(4, 8), b"TFL3"  # where such a file says what it is
_THREADS = "TF_NUM_INTRAOP_THREADS"  # as TensorFlow reads it, so that one setting holds for both


def has_lite_engine() -> bool:
    """Whether LiteRT is installed and can be loaded; it is not made for every system."""
    try:
        import ai_edge_litert.interpreter  # noqa: F401
    except ImportError:
        return False
    return True


def write_lite(model: Any, path: Path) -> str:
    """Write a network as LiteRT reads it.

    Args:
        model: A `keras.Model` of crops (n, side, side, 3) with one score each.
        path: Of the file.

    Returns:
        Its sha256.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)  # what the converter makes of a Keras model directly lacks the weights
        content: bytes = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


class LiteScorer:
    """Scores from LiteRT, for batches of any size. Threads may share it: each call has an interpreter to itself."""

    def __init__(self, path: Path, card: Card) -> None:
        """Read and verify the file.

        Args:
            path: Of the file.
            card: Of the model, with the file's sha256.

        Raises:
            WeightsMismatchError: It is missing or another one.
            ModelError: It is no network for the card's crops.
        """
        self._path = path
        self._content = _read_verified(path, card)
        self._side = card.crop.side_px
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._idle.put(self._new())  # what is wrong with the file is said here, and not at the first face

    def __call__(self, crops: Crops) -> npt.NDArray[np.float32]:
        """Scores (n,) of crops (n, side, side, 3), float32, RGB 0..255."""
        try:
            engine = self._idle.get_nowait()
        except Empty:
            engine = self._new()
        try:
            return _run(engine, crops)
        finally:
            self._idle.put(engine)

    def _new(self) -> Any:
        from ai_edge_litert.interpreter import Interpreter

        try:
            engine = Interpreter(model_content=self._content, num_threads=_num_threads())
            engine.allocate_tensors()  # for one crop
            [given], [made] = engine.get_input_details(), engine.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"{self._path} cannot be read by LiteRT ({error}). Expected a network with one input and one output. "
                "Restore the model's folder, or train again."
            ) from error
        shapes = tuple(given["shape_signature"]), tuple(made["shape_signature"])
        if shapes != ((-1, self._side, self._side, 3), (-1, 1)) or given["dtype"] is not np.float32:
            raise ModelError(
                f"{self._path} takes and gives {shapes}. Expected crops (-1, {self._side}, {self._side}, 3) and scores "
                "(-1, 1). Restore the model's folder, or train again."
            )
        return engine


def _run(engine: Any, crops: Crops) -> npt.NDArray[np.float32]:
    [given], [made] = engine.get_input_details(), engine.get_output_details()
    if tuple(given["shape"]) != crops.shape:
        engine.resize_tensor_input(given["index"], crops.shape)
        engine.allocate_tensors()
    engine.set_tensor(given["index"], crops)
    engine.invoke()
    scores: npt.NDArray[np.float32] = engine.get_tensor(made["index"])  # a copy, which outlives the next call
    return scores[:, 0]


def _read_verified(path: Path, card: Card) -> bytes:
    if not path.is_file() or path.stat().st_size > _MAX_FILE_BYTES:
        raise WeightsMismatchError(
            f"There is no {path} of at most {_MAX_FILE_BYTES:,} bytes. Expected the file beside the card. Restore it, "
            "or train again."
        )
    content = path.read_bytes()
    received = hashlib.sha256(content).hexdigest()
    if received != card.lite_sha256:
        raise WeightsMismatchError(
            f"{path} has sha256 {received[:12]}..., but its card expects {str(card.lite_sha256)[:12]}.... The file is "
            "damaged or was replaced, so it is not used. Restore the model's folder from one release, or train again."
        )
    place, mark = _MARK
    if content[place] != mark:
        raise ModelError(f"{path} is no file of LiteRT. Restore the model's folder, or train again.")
    return content


def _num_threads() -> int:
    asked = os.environ.get(_THREADS, "")
    return int(asked) if asked.isdigit() and int(asked) else os.cpu_count() or 1
