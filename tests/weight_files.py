"""Files of weights as Keras writes them, made by hand: no Keras, so that every byte in them is the test's own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

MEMBER = "model.weights.h5"
Arrays = Sequence[Any]
WeightsByName = Mapping[str, Mapping[str, Any]]  # layer -> weight -> array


def write_by_name(path: Path, layers: WeightsByName, *, whole_model: bool = True) -> Path:
    """As Keras 2 does: `model.save("x.h5")`, or `model.save_weights("x.h5")` where it is not the whole model."""
    with h5py.File(path, "w") as file:
        if whole_model:
            file.attrs["model_config"] = b'{"class_name": "Sequential"}'
            optimizer = file.create_group("optimizer_weights")
            optimizer["iterations"] = np.int64(7)
            optimizer["m"] = np.full((3, 3), np.nan, np.float32)
        put_by_name(file.create_group("model_weights") if whole_model else file, layers)
    return path


def put_by_name(group: h5py.Group, layers: WeightsByName) -> None:
    """Layers under the names that their group lists."""
    group.attrs["layer_names"] = [name.encode() for name in layers]
    group.attrs["keras_version"] = b"2.4.0"
    for name, weights in layers.items():
        layer = group.create_group(name)
        layer.attrs["weight_names"] = [weight.encode() for weight in weights]
        for weight, array in weights.items():
            layer[weight] = array


def write_by_kind(path: Path, layers: Mapping[str, Arrays], names: Mapping[str, str] | None = None) -> Path:
    """As Keras 3 does: a path such as "layers/conv2d_1" and its arrays."""
    path.write_bytes(by_kind(layers, names))
    return path


def by_kind(layers: Mapping[str, Arrays], names: Mapping[str, str] | None = None) -> bytes:
    """The bytes of such a file."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for place, arrays in layers.items():
            own = file.create_group(f"{place}/vars")
            own.attrs.update({"name": names[place]} if names and place in names else {})
            for number, array in enumerate(arrays):
                own[str(number)] = array
    return buffer.getvalue()


def archive(members: Sequence[tuple[str, bytes]]) -> bytes:
    """The bytes of a `.keras` file with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


def declaring(content: bytes, size: int) -> bytes:
    """The bytes of a `.keras` file whose weights are said to unpack to so many bytes."""
    made = bytearray(archive([(MEMBER, content)]))
    for place in (made.index(b"PK\x03\x04") + 22, made.index(b"PK\x01\x02") + 24):
        made[place : place + 4] = size.to_bytes(4, "little")
    return bytes(made)
