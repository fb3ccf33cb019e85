"""The numbers in a file of weights, and nothing else of it. Runs in the reader's own process alone.

What Keras writes is HDF5, in a `.keras` file inside a zip. Beside the numbers it holds a description of the model, from
which Keras would build layers and run what they name; it is never opened here.

| layout  | written by                                       | where the weights are                                   |
|---------|--------------------------------------------------|---------------------------------------------------------|
| by name | `save("x.h5")`, `save_weights` before Keras 3    | `layer_names` and each layer's `weight_names`, in order |
| by kind | `save("x.keras")`, `save_weights` of Keras 3     | `.../conv2d_1/vars/0`: numbered by class, in order      |
"""

from __future__ import annotations

import io
import itertools
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import h5py
import numpy as np
import numpy.typing as npt

from deepfake.classifier.foreign.weights import WeightsLimits, unreadable

_ZIP_START, _HDF5_START = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
_MEMBER = "model.weights.h5"
_MODEL_WEIGHTS, _OWN_WEIGHTS = "model_weights", "top_level_model_weights"
_LEFT_BY_TRAINING = ("optimizer", "metrics")
_SEEDS = "seed_generator"
_FLOAT_BYTES = (2, 4, 8)
_MAX_DEPTH = 16
_MAX_RANK = 8
_MAX_NAME = 300
_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArray:
    """One array of a layer; those of one layer share path, name and kind, see `StoredLayer`."""

    path: str
    name: str
    kind: str
    values: npt.NDArray[np.float32]


def read_arrays(file: BinaryIO, limits: WeightsLimits) -> Iterator[StoredArray]:
    """Yield the arrays of all layers, each layer's in its order.

    Args:
        file: Open for reading, at its start.
        limits: What it may cost.

    Raises:
        ForeignWeightsError: Not a file of weights, over a limit, or with what no weights need.
    """
    start = file.read(len(_HDF5_START))
    file.seek(0)
    if start.startswith(_ZIP_START):
        file = _unpacked(file, limits)
    elif start != _HDF5_START:
        raise unreadable("By its first bytes this is neither an HDF5 file nor a .keras archive.")
    with h5py.File(file, "r") as content:
        yield from _Walk(limits).arrays(content)


def _unpacked(file: BinaryIO, limits: WeightsLimits) -> BinaryIO:
    """The weights inside a `.keras` archive, in memory and never past the limit, whatever is declared."""
    with zipfile.ZipFile(file) as archive:
        found = [one for one in archive.infolist() if one.filename == _MEMBER]
        if len(found) != 1:
            raise unreadable(f"This archive holds {len(found)} members of the name {_MEMBER}, not one.")
        too_large = unreadable(f"Unpacked, its {_MEMBER} takes more than {limits.max_file_bytes / 1e6:.0f} MB.")
        if found[0].file_size > limits.max_file_bytes:
            raise too_large
        with archive.open(found[0]) as member:
            content = member.read(limits.max_file_bytes + 1)
    if len(content) > limits.max_file_bytes:
        raise too_large
    return io.BytesIO(content)


class _Walk:
    """Goes through a file along its own groups alone, and counts what it meets."""

    def __init__(self, limits: WeightsLimits) -> None:
        self._limits = limits
        self._num_objects = 0
        self._num_arrays = 0
        self._num_bytes = 0

    def arrays(self, content: h5py.File) -> Iterator[StoredArray]:
        """Of whichever layout the file has."""
        model = self._open(content, _MODEL_WEIGHTS) if _has(content, _MODEL_WEIGHTS) else content
        if isinstance(model, h5py.Group) and ("layer_names" in model.attrs or "layer_names0" in model.attrs):
            yield from self._by_name(model)
        else:
            yield from self._by_kind(content, "", 0)

    def _by_name(self, model: h5py.Group) -> Iterator[StoredArray]:
        names = self._strings(model, "layer_names")
        if _has(model, _OWN_WEIGHTS):
            names.append(_OWN_WEIGHTS)
        for layer_name in names:
            layer = self._at(model, layer_name)
            for weight_name in self._strings(layer, "weight_names"):
                # a model inside the model has the weights of all its layers in one group, as LAYER/WEIGHT
                inner = weight_name.rpartition("/")[0]
                yield from self._read(
                    self._at(layer, weight_name),
                    path=f"{layer_name}/{inner}" if inner else layer_name,
                    name=inner.rpartition("/")[2] or layer_name,
                    kind="",
                )

    def _by_kind(self, group: Any, path: str, depth: int) -> Iterator[StoredArray]:
        """Models inside the model come before the layers beside them: they are backbones."""
        if depth > _MAX_DEPTH or len(path) > _MAX_NAME:
            raise unreadable(f"The groups in this file lie more than {_MAX_DEPTH} deep in each other.")
        if not isinstance(group, h5py.Group):
            return
        children = {name: self._open(group, name) for name in group if name != _SEEDS}
        own = children.pop("vars", None)
        if depth == 0:
            children = {name: child for name, child in children.items() if name not in _LEFT_BY_TRAINING}
        for name in sorted(children, key=lambda one: (not _is_model(children[one]), _natural(one))):
            yield from self._by_kind(children[name], f"{path}/{name}" if path else name, depth + 1)
        if isinstance(own, h5py.Group):
            kind = _NUMBER.sub("", path.rpartition("/")[2]).replace("_", "")
            for name in sorted(own, key=_natural):
                yield from self._read(self._open(own, name), path=path, name=_name_of(own), kind=kind)

    def _at(self, group: Any, path: str) -> Any:
        for name in path.split("/"):
            if not isinstance(group, h5py.Group):
                raise unreadable(f"In this file {path!r} is not where it is said to be.")
            group = self._open(group, name)
        return group

    def _open(self, group: h5py.Group, name: str) -> Any:
        """A child; never one that a link leads to, since links can lead to other files and in circles."""
        self._num_objects += 1
        if self._num_objects > self._limits.max_objects:
            raise unreadable(f"This file holds more than {self._limits.max_objects:,} groups and arrays.")
        if not _has(group, name):
            raise unreadable(f"In this file there is no {name[:_MAX_NAME]!r} where it is said to be.")
        if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
            raise unreadable(f"In this file {name[:_MAX_NAME]!r} is a link to another place.")
        return group[name]

    def _strings(self, group: Any, name: str) -> list[str]:
        """An attribute that is a list of names; long ones are stored in numbered parts."""
        numbered = itertools.takewhile(group.attrs.__contains__, (f"{name}{part}" for part in itertools.count()))
        parts = [name] if name in group.attrs else list(numbered)
        found = []
        for part in parts:
            if math.prod(group.attrs.get_id(part).shape) > self._limits.max_objects:
                raise unreadable(f"This file names more than {self._limits.max_objects:,} layers or weights.")
            found += [one.decode() if isinstance(one, bytes) else one for one in np.ravel(group.attrs[part]).tolist()]
        if not all(isinstance(one, str) and 0 < len(one) <= _MAX_NAME for one in found):
            raise unreadable(f"The attribute {name!r} of this file does not hold names.")
        return found

    def _read(self, stored: Any, *, path: str, name: str, kind: str) -> Iterator[StoredArray]:
        """One array; none where it is a whole number, with which layers and optimizers count."""
        if not isinstance(stored, h5py.Dataset):
            raise unreadable(f"What should be an array of {path!r} is none.")
        if stored.shape == () and stored.dtype.kind in "iu":
            return
        self._refuse_unless_plain(stored, path)
        self._num_arrays += 1
        self._num_bytes += stored.size * max(4, stored.dtype.itemsize)
        if self._num_arrays > self._limits.max_arrays:
            raise unreadable(f"This file holds more than {self._limits.max_arrays:,} arrays.")
        if self._num_bytes > self._limits.max_array_bytes:
            allowed = f"{self._limits.max_array_bytes / 1e6:.0f} MB"
            raise unreadable(f"The arrays of this file take more than the allowed {allowed}.")
        with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused as such
            values = np.asarray(stored[()]).astype("<f4")
        yield StoredArray(path=path, name=name, kind=kind, values=values)

    def _refuse_unless_plain(self, stored: h5py.Dataset, path: str) -> None:
        """Whatever makes an array more, or less, than its own numbers in this very file."""
        if stored.dtype.kind != "f" or stored.dtype.itemsize not in _FLOAT_BYTES:
            raise unreadable(f"An array of {path!r} holds {stored.dtype}, not floating point of 16, 32 or 64 bits.")
        if stored.shape is None or len(stored.shape) > _MAX_RANK or stored.size == 0:
            raise unreadable(f"An array of {path!r} has the shape {stored.shape}.")
        if stored.is_virtual or stored.external:
            raise unreadable(f"The numbers of {path!r} lie in another file.")
        if stored.chunks and math.prod(stored.chunks) * stored.dtype.itemsize > self._limits.max_array_bytes:
            raise unreadable(f"The numbers of {path!r} are packed in parts of {stored.chunks}.")


def _has(group: h5py.Group, name: str) -> bool:
    """Whether there is such a child; unlike `name in group` it follows no link to find out."""
    return name not in ("", ".", "..") and bool(group.id.links.exists(name.encode()))


def _is_model(child: Any) -> bool:
    return isinstance(child, h5py.Group) and _has(child, "layers")


def _name_of(own: h5py.Group) -> str:
    """What Keras 3 writes beside a layer's weights."""
    name = own.attrs.get("name")
    return name if isinstance(name, str) and len(name) <= _MAX_NAME else ""


def _natural(name: str) -> list[str | int]:
    """So that 10 comes after 9."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
