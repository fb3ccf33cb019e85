"""Files of weights through the reader's own process: what Keras wrote comes back, and nothing in them is ever run."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepfake.classifier.foreign import reader
from deepfake.classifier.foreign.reader import read_weights
from deepfake.classifier.foreign.weights import WeightsLimits
from deepfake.errors import FileAccessError, ForeignWeightsError
from tests.conftest import REPO
from tests.weight_files import MEMBER, archive, by_kind, write_by_kind, write_by_name

KERNEL = np.arange(6, dtype=np.float32).reshape(2, 3)
FORMATS = ("model.keras", "model.h5", "model.weights.h5")


def save(model: Any, path: Path) -> Path:
    """In the format that the name asks for."""
    if path.name.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        model.save(path)
    return path


def test_what_keras_wrote_comes_back_whatever_its_format(tmp_path: Path) -> None:
    import keras

    layers = [keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization(), keras.layers.Flatten()]
    model = keras.Sequential([keras.Input((8, 8, 3)), *layers, keras.layers.Dense(1)])
    model.compile("adam", "binary_crossentropy", run_eagerly=True)
    model.train_on_batch(np.ones((2, 8, 8, 3)), np.ones((2, 1)))  # the optimizer has something to leave behind
    expected = sorted((one.shape, one.tobytes()) for one in model.get_weights())
    for name in FORMATS:
        stored = read_weights(save(model, tmp_path / name))
        found = [array for layer in stored.layers for array in layer.arrays]
        assert sorted((one.shape, one.tobytes()) for one in found) == expected
        assert [len(layer.arrays) for layer in sorted(stored.layers, key=lambda layer: layer.path)] == [4, 2, 2]
        assert stored.file == name
        assert stored.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_code_in_a_file_is_never_run(tmp_path: Path, name: str) -> None:
    """A Lambda layer that leaves a mark; Keras leaves it when asked to trust the file, so the trap does work."""
    import keras

    mark = tmp_path / "executed"
    body = f"lambda x: (__import__('pathlib').Path({str(mark)!r}).touch(), x)[1]"
    trap = keras.layers.Lambda(eval(body))
    save(keras.Sequential([keras.Input((3,)), trap, keras.layers.Dense(1)]), tmp_path / name)
    mark.unlink()
    keras.saving.load_model(tmp_path / name, safe_mode=False)(np.ones((1, 3), np.float32))
    assert mark.exists()
    mark.unlink()
    assert [layer.shapes for layer in read_weights(tmp_path / name).layers] == [((3, 1), (1,))]
    assert not mark.exists()


def test_the_reader_loads_no_keras_and_nothing_that_could_build_a_model(tmp_path: Path) -> None:
    code = (
        "import sys; import deepfake.classifier.foreign.reader_process\n"
        "sys.exit(' '.join({'keras', 'tensorflow', 'pickle5', 'marshal_code'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "bad", [np.nan, np.inf, -np.inf, 1e39], ids=["NaN", "infinity", "minus infinity", "too large for 32 bits"]
)
def test_numbers_that_are_none_are_refused_by_the_name_of_their_layer(tmp_path: Path, bad: float) -> None:
    array = np.array([1.0, bad, 2.0])
    path = write_by_kind(tmp_path / "x.weights.h5", {"layers/conv2d": [KERNEL], "layers/dense": [array]})
    with pytest.raises(ForeignWeightsError, match=r"layers/dense.*not finite numbers"):
        read_weights(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, share: float, zipped: bool) -> None:
    rng = np.random.default_rng(0)
    content = by_kind({f"layers/dense_{number}": [rng.normal(size=(50, 50))] for number in range(4)})
    content = archive([("config.json", b"{}"), (MEMBER, content)]) if zipped else content
    path = tmp_path / ("x.keras" if zipped else "x.h5")
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ForeignWeightsError, match="damaged or cut off"):
        read_weights(path)


def test_a_bit_flipped_file_gives_arrays_or_a_sentence(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    content = write_by_name(tmp_path / "x.h5", {"a": {"a/kernel": KERNEL}, "b": {"b/kernel": KERNEL}}).read_bytes()
    for _ in range(8):
        data = bytearray(content)
        for place in rng.integers(0, len(data), 40):
            data[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "flipped.h5").write_bytes(data)
        try:
            stored = read_weights(tmp_path / "flipped.h5", WeightsLimits(max_silence_s=3))  # HDF5 can go in circles
        except ForeignWeightsError as error:
            assert "Expected a file that Keras wrote" in str(error)
        else:
            assert stored.layers


@pytest.mark.parametrize("name", ["model.pt", "model.pkl", "model.pb", "model", "model.h5.zip", "saved_model.json"])
def test_another_suffix_is_refused_before_the_file_is_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(ForeignWeightsError, match=r"ending in \.h5, \.hdf5, \.keras"):
        read_weights(tmp_path / name)


@pytest.mark.parametrize("name", ["none.h5", "folder.keras"])
def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(FileAccessError, match="cannot be read"):
        read_weights(tmp_path / name)


def test_a_file_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ForeignWeightsError, match="holds no weights"):
        read_weights(write_by_name(tmp_path / "x.h5", {"flatten": {}}))


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "ConfinedProcess", lambda *_, **__: pytest.fail("it was opened"))
    path = write_by_kind(tmp_path / "x.h5", {"layers/dense": [np.ones(10_000)]})
    with pytest.raises(ForeignWeightsError, match=r"x\.h5 has 0 MB, and 0 MB are allowed"):
        read_weights(path, WeightsLimits(max_file_bytes=10_000))


def test_too_much_memory_is_a_sentence(tmp_path: Path) -> None:
    path = write_by_kind(tmp_path / "x.h5", {"layers/dense": [KERNEL]})
    with pytest.raises(ForeignWeightsError):
        read_weights(path, WeightsLimits(max_memory_bytes=60_000_000))  # not even the libraries fit


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.abort()", "broke off"),
        ("import time; time.sleep(60)", "no sign of life for 1 seconds"),
        ("send(out, 'Array', {'path': 'a', 'shape': [2]}, bytes(12))", "12 bytes for the shape"),
        ("send(out, 'Array', {'path': 'a', 'shape': [-1, -3]}, bytes(12))", "no shape"),
        ("send(out, 'Array', {'path': 'a'}, bytes(12))", "no shape"),
        ("[send(out, 'Array', {'path': 'a', 'shape': [1]}, bytes(4)) for _ in range(6)]", "did not keep to its limits"),
        ("[send(out, 'Array', {'path': 'a', 'shape': [9]}, bytes(36)) for _ in range(3)]", "keep to its limits"),
        ("send(out, 'Array', {'path': 'a', 'shape': [3]}, bytes(12))", "broke off"),
    ],
    ids=["crash", "hang", "wrong size", "negative", "no shape", "too many", "too large", "no end"],
)
def test_a_reader_that_was_taken_over_takes_nothing_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    head = "import sys; from deepfake.processes import send; out = sys.stdout.buffer\n"
    monkeypatch.setattr(reader, "_READER", ("-c", head + code))
    path = write_by_kind(tmp_path / "x.h5", {"layers/dense": [KERNEL]})
    threads = threading.active_count()
    with pytest.raises(ForeignWeightsError, match=said):
        read_weights(path, WeightsLimits(max_silence_s=1, max_arrays=5, max_array_bytes=100))
    time.sleep(0.5)
    assert threading.active_count() <= threads
