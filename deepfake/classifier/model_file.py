"""What a `.keras` file is made of, looked at before Keras builds anything of it.

The card's sha256 says that a file is the one that was published. This says that it is a network of ours in the first
place: layers that compute and nothing else, no code, no name of a function or a package, and no more numbers than a
model may have. Keras's own `safe_mode` stands behind it.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from deepfake.errors import ModelError

MAX_FILE_BYTES = 600_000_000
MAX_PARAMETERS = 150_000_000
_MAX_CONFIG_BYTES = 8_000_000
_MAX_NUMBER = 65_536  # of filters, units, steps
_MAX_DEPTH = 60
_IDENTITY = "shared_object_id"  # an address of the process that saved it
_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {_CONFIG, _WEIGHTS, "metadata.json"}
_LAYERS = {
    "Activation", "Add", "BatchNormalization", "Conv2D", "Dense", "DepthwiseConv2D", "Dropout", "Flatten",
    "GlobalAveragePooling2D", "InputLayer", "LeakyReLU", "MaxPooling2D", "Multiply", "Normalization", "PReLU", "ReLU",
    "Rescaling", "Reshape", "SeparableConv2D", "SpatialDropout2D", "ZeroPadding2D",
}  # fmt: skip
_ALLOWED = {
    "keras": {"DTypePolicy"},
    "keras.initializers": {"Constant", "GlorotUniform", "HeNormal", "Ones", "VarianceScaling", "Zeros"},
    "keras.layers": _LAYERS,
    "keras.regularizers": {"L2"},
    "keras.src.models.functional": {"Functional"},
    "keras.src.models.sequential": {"Sequential"},
    "keras.models": {"Functional", "Sequential"},
    None: {"__keras_tensor__"},
}


def check_model_file(path: Path, *, side_px: int) -> None:
    """Refuse a file that Keras should not be given.

    Args:
        path: A `.keras` file.
        side_px: Of the crops that it shall judge.

    Raises:
        ModelError: Not such an archive, too large, or with anything in it that none of our networks needs.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, path)
            config = json.loads(archive.read(_CONFIG))
            config.pop("compile_config", None)  # how it was trained; it is loaded uncompiled
            _check_built_of(config, path)
            _check_input(config, side_px, path)
            with h5py.File(io.BytesIO(archive.read(_WEIGHTS)), "r") as weights:
                _check_weights(weights, path)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RuntimeError,
        RecursionError,
        zipfile.BadZipFile,
    ) as error:
        raise _refused(path, f"cannot be read ({type(error).__name__})") from error


def _refused(path: Path, what: str) -> ModelError:
    return ModelError(
        f"{path} is not used: it {what}. Expected a model that `train.py` or `python -m deepfake import` wrote. "
        "Restore it from where it was published, or import its weights."
    )


def _check_members(archive: zipfile.ZipFile, path: Path) -> None:
    members = archive.infolist()
    names = [member.filename for member in members]
    if set(names) != _MEMBERS or len(names) != len(_MEMBERS):
        raise _refused(
            path, f"holds {', '.join(sorted(map(repr, names))[:6])} instead of {', '.join(sorted(_MEMBERS))}"
        )
    sizes = {member.filename: member.file_size for member in members}
    if sizes[_CONFIG] > _MAX_CONFIG_BYTES or sum(sizes.values()) > MAX_FILE_BYTES:
        raise _refused(
            path, f"unpacks to {sum(sizes.values()) / 1e6:.0f} MB, and {MAX_FILE_BYTES / 1e6:.0f} are allowed"
        )


def _values(tree: Any, depth: int = 0) -> Iterator[Any]:
    """Every object and value of a tree of JSON."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    yield tree
    if isinstance(tree, dict):
        inner = [value for key, value in tree.items() if key != _IDENTITY]
    else:
        inner = tree if isinstance(tree, list) else []
    for value in inner:
        yield from _values(value, depth + 1)


def _check_built_of(config: Any, path: Path) -> None:
    for value in _values(config):
        if isinstance(value, dict) and ("class_name" in value or "module" in value):
            module, name = value.get("module"), value.get("class_name")
            if name not in _ALLOWED.get(module, ()):
                raise _refused(path, f"is built with {str(module)[:80]}.{str(name)[:80]}, which no network here is")
            if value.get("registered_name") not in (None, name):
                raise _refused(path, f"names code of its own, {str(value['registered_name'])[:80]!r}")
        elif isinstance(value, int) and abs(value) > _MAX_NUMBER:
            raise _refused(path, f"asks for {value:,} of something, and {_MAX_NUMBER:,} are allowed")


def _check_input(config: Any, side_px: int, path: Path) -> None:
    shapes = [
        layer["config"]["batch_shape"] for layer in config["config"]["layers"] if layer["class_name"] == "InputLayer"
    ]
    if shapes != [[None, side_px, side_px, 3]]:
        raise _refused(path, f"takes {str(shapes)[:80]}, and its card says {side_px} x {side_px} pixels in color")


def _check_weights(weights: h5py.File, path: Path) -> None:
    """Shapes alone: no number is read before it is known how many there are."""
    num_parameters = 0

    def look(name: str, found: Any) -> None:
        nonlocal num_parameters
        if isinstance(found, h5py.Dataset):
            if found.is_virtual or found.external or found.dtype.kind not in "fiu":
                raise _refused(path, f"has numbers at {name[:80]!r} that lie elsewhere or are none")
            num_parameters += math.prod(found.shape)
        if num_parameters > MAX_PARAMETERS:
            raise _refused(path, f"has more than the {MAX_PARAMETERS:,} numbers that are allowed")

    weights.visititems(look)
