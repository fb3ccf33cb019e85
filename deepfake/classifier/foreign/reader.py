"""A stranger's file of weights, read as plain numbers by a process of its own, see `processes.py`.

Keras could run code from such a file: its description of the model names layers, functions and lambdas. So Keras never
sees it. What comes back are shapes and numbers, looked at once more here.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from deepfake.classifier.foreign.weights import SUFFIXES, StoredLayer, StoredWeights, WeightsLimits, unreadable
from deepfake.errors import FileAccessError, ForeignWeightsError
from deepfake.processes import ConfinedProcess, Message

_READER = ("-m", "deepfake.classifier.foreign.reader_process")


def read_weights(path: Path, limits: WeightsLimits | None = None) -> StoredWeights:
    """Read the weights of a file, and nothing else of it.

    Args:
        path: Ends in one of `SUFFIXES`.
        limits: What it may cost.

    Raises:
        FileAccessError: No such file, or not ours to read.
        ForeignWeightsError: Not a file of weights, damaged, over a limit, or with numbers that are none.
    """
    bounds = limits or WeightsLimits()
    if path.suffix.lower() not in SUFFIXES:
        raise unreadable(f"{path.name} ends in {path.suffix or 'nothing'!r}.")
    try:
        with path.open("rb") as file:
            _refuse_large(path.name, file, bounds)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            layers = _layers(file, bounds)
    except OSError as error:
        raise FileAccessError(
            f"{path} cannot be read ({error.strerror}). Expected a file that this user may open. Check the spelling."
        ) from error
    if not layers:
        raise unreadable(f"{path.name} holds no weights.")
    return StoredWeights(file=path.name, sha256=sha256, layers=layers)


def _refuse_large(name: str, file: BinaryIO, limits: WeightsLimits) -> None:
    size = os.fstat(file.fileno()).st_size
    if size > limits.max_file_bytes:
        raise unreadable(f"{name} has {size / 1e6:.0f} MB, and {limits.max_file_bytes / 1e6:.0f} MB are allowed.")


def _layers(file: BinaryIO, limits: WeightsLimits) -> tuple[StoredLayer, ...]:
    """Arrays gathered by layer, layers in the order in which the first array of each came."""
    found: dict[tuple[str, str, str], list[npt.NDArray[np.float32]]] = {}
    num_arrays = num_bytes = 0
    process = ConfinedProcess(
        [*_READER, json.dumps(asdict(limits))],
        file,
        max_payload_bytes=limits.max_array_bytes,
        max_silence_s=limits.max_silence_s,
        max_wait_s=limits.max_wait_s,
    )
    with process:
        while (said := process.receive()).kind == "Array":
            num_arrays, num_bytes = num_arrays + 1, num_bytes + len(said.payload)
            if num_arrays > limits.max_arrays or num_bytes > limits.max_array_bytes:
                raise unreadable("The reader of this file did not keep to its limits.")
            layer = str(said.values.get("path")), str(said.values.get("name")), str(said.values.get("layer_kind"))
            found.setdefault(layer, []).append(_array(said, layer[0]))
        if said.kind != "End":
            raise _refusal(said, process.reason)
    return tuple(
        StoredLayer(path=path, name=name, kind=kind, arrays=tuple(arrays))
        for (path, name, kind), arrays in found.items()
    )


def _array(said: Message, path: str) -> npt.NDArray[np.float32]:
    shape: Any = said.values.get("shape")
    if not isinstance(shape, list) or not all(isinstance(side, int) and side > 0 for side in shape):
        raise unreadable("The reader of this file gave no shape.")
    if 4 * math.prod(shape) != len(said.payload):
        raise unreadable(f"The reader of this file gave {len(said.payload)} bytes for the shape {tuple(shape)}.")
    values = np.frombuffer(said.payload, "<f4").reshape(shape)
    if not np.isfinite(values).all():
        raise unreadable(f"{path!r} of this file holds values that are not finite numbers (NaN or infinite).")
    return values


def _refusal(said: Message, reason: str | None) -> ForeignWeightsError:
    if said.kind == "Refused":
        return ForeignWeightsError(str(said.values.get("message")))
    if reason:
        return unreadable(f"The reader of this file was ended: {reason}.")
    return unreadable("The reader broke off on this file, which is probably damaged or cut off.")
