"""What is taken from a file of weights, and what is refused: every trick that HDF5 and zip archives allow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from deepfake.classifier.foreign.reading import StoredArray, read_arrays
from deepfake.classifier.foreign.weights import WeightsLimits
from deepfake.errors import ForeignWeightsError
from tests.weight_files import MEMBER, archive, by_kind, declaring, put_by_name, write_by_name

ONE = np.ones((2, 3), np.float32)


def read(content: bytes, **limits: int) -> list[StoredArray]:
    return list(read_arrays(io.BytesIO(content), WeightsLimits(**limits)))


def hdf5(fill: Callable[[h5py.File], object]) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


@pytest.mark.parametrize("whole_model", [True, False])
def test_layers_come_in_the_order_that_the_file_lists_and_the_optimizer_stays_behind(
    tmp_path: Path, whole_model: bool
) -> None:
    layers = {
        "zebra": {"zebra/kernel:0": ONE, "zebra/bias:0": np.zeros(3)},
        "pool": {},
        "ant": {"ant/kernel:0": 2 * ONE},
    }
    read_back = read(write_by_name(tmp_path / "x.h5", layers, whole_model=whole_model).read_bytes())
    assert [(one.name, one.kind, one.values.shape) for one in read_back] == [
        ("zebra", "", (2, 3)), ("zebra", "", (3,)), ("ant", "", (2, 3)),
    ]  # fmt: skip
    assert read_back[2].values.tolist() == [[2, 2, 2], [2, 2, 2]]


def test_the_layers_of_a_model_inside_the_model_are_told_apart(tmp_path: Path) -> None:
    # as Keras writes it where all learns: what is trained of every layer, then the running means
    inner = {"conv/kernel:0": ONE, "norm/gamma:0": ONE[0], "norm/moving_mean:0": ONE[0]}
    read_back = read(write_by_name(tmp_path / "x.h5", {"backbone": inner}).read_bytes())
    assert [(one.path, one.name) for one in read_back] == [
        ("backbone/conv", "conv"), ("backbone/norm", "norm"), ("backbone/norm", "norm"),
    ]  # fmt: skip


def test_names_that_do_not_fit_into_one_attribute_are_read_from_its_parts() -> None:
    def fill(file: h5py.File) -> None:
        put_by_name(file, {name: {f"{name}/kernel": ONE} for name in "abc"})
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = [b"b", b"a"], [b"c"]

    assert [one.name for one in read(hdf5(fill))] == ["b", "a", "c"]


def test_weights_of_the_model_itself_are_not_overlooked(tmp_path: Path) -> None:
    path = write_by_name(tmp_path / "x.h5", {"a": {"a/kernel": ONE}})
    with h5py.File(path, "a") as file:
        own = file["model_weights"].create_group("top_level_model_weights")
        own.attrs["weight_names"] = [b"extra"]
        own["extra"] = ONE
    assert [one.name for one in read(path.read_bytes())] == ["a", "top_level_model_weights"]


def test_layers_numbered_by_their_kind_are_counted_past_nine() -> None:
    places = ["layers/conv2d", *(f"layers/conv2d_{number}" for number in range(1, 12)), "layers/p_re_lu"]
    content = by_kind({place: [np.full(1, float(number))] for number, place in enumerate(places)})
    read_back = read(content)
    assert [(one.kind, float(one.values[0])) for one in read_back] == [
        *(("conv2d", number) for number in range(12)), ("prelu", 12),
    ]  # fmt: skip


def test_arrays_of_a_layer_are_counted_past_nine() -> None:
    (*_, last) = read(by_kind({"layers/dense": [np.full(1, float(number)) for number in range(11)]}))
    assert last.values[0] == 10


def test_a_model_inside_the_model_comes_first_and_its_own_name_is_read() -> None:
    content = by_kind(
        {"layers/dense": [ONE], "layers/functional/layers/dense": [ONE], "layers/sequential/layers/dense": [ONE]},
        {"layers/dense": "score"},
    )
    assert [(one.path, one.name) for one in read(content)] == [
        ("layers/functional/layers/dense", ""), ("layers/sequential/layers/dense", ""), ("layers/dense", "score"),
    ]  # fmt: skip


def test_what_training_left_behind_is_no_weight() -> None:
    content = by_kind(
        {
            "layers/dense": [ONE],
            "layers/dropout/seed_generator": [np.array([1, 2], np.uint32)],
            "layers/normalization": [ONE[0], np.int64(5)],
            "optimizer": [np.int64(3), np.full(3, np.nan)],
            "metrics/mean": [np.ones(())],
        }
    )
    assert [(one.path, one.values.shape) for one in read(content)] == [
        ("layers/dense", (2, 3)), ("layers/normalization", (3,)),
    ]  # fmt: skip


def test_weights_in_a_layer_inside_a_layer_are_not_overlooked() -> None:
    content = by_kind({"layers/time_distributed/layer": [ONE]})
    assert [one.path for one in read(content)] == ["layers/time_distributed/layer"]


@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", ">f8"])
def test_every_floating_point_becomes_float32(dtype: str) -> None:
    (one,) = read(by_kind({"layers/dense": [np.array([0.5, -2.0]).astype(dtype)]}))
    assert one.values.dtype == np.dtype("<f4")
    assert one.values.tolist() == [0.5, -2.0]


def test_packed_arrays_are_unpacked() -> None:
    def fill(file: h5py.File) -> None:
        file.create_group("layers/dense/vars").create_dataset("0", data=ONE, compression="gzip", shuffle=True)

    assert read(hdf5(fill))[0].values.tolist() == ONE.tolist()


def _elsewhere(file: h5py.File) -> None:
    own = file.create_group("layers/dense/vars")
    own.create_dataset("0", (10,), "f4", external=[("/etc/hostname", 0, 40)])


def _virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (2, 3))
    file.create_group("layers/dense/vars").create_virtual_dataset("0", layout)


def _circle(file: h5py.File) -> None:
    file["layers/dense/vars/0"] = ONE
    file["layers/again"] = file["layers"]


def _enormous(file: h5py.File) -> None:
    file.create_group("layers/dense/vars").create_dataset("0", (10**6, 10**6), "f4", chunks=(1000, 1000))


def _large_parts(file: h5py.File) -> None:
    own = file.create_group("layers/dense/vars")
    own.create_dataset("0", (2, 2), "f8", chunks=(20_000, 20_000), maxshape=(None, None))


def _put(value: object, place: str = "layers/dense/vars/0") -> Callable[[h5py.File], None]:
    def fill(file: h5py.File) -> None:
        file[place] = value

    return fill


def _listed(layer: bytes, weight: bytes) -> Callable[[h5py.File], None]:
    def fill(file: h5py.File) -> None:
        file["elsewhere/kernel"] = ONE
        put_by_name(file.create_group("model_weights"), {"a": {"a/kernel": ONE}})
        file["model_weights"].attrs["layer_names"] = [layer]
        file["model_weights/a"].attrs["weight_names"] = [weight]

    return fill


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (_elsewhere, "lie in another file"),
        (_virtual, "lie in another file"),
        (_put(h5py.ExternalLink("/etc/hostname", "/x")), "link to another place"),
        (_put(h5py.ExternalLink("/etc/hostname", "/x"), "model_weights"), "link to another place"),
        (_put(h5py.SoftLink("/layers"), "layers/dense/again"), "link to another place"),
        (_circle, "more than 16 deep"),
        (_enormous, "more than the allowed 600 MB"),
        (_large_parts, "packed in parts"),
        (_put(np.arange(4)), "holds int64"),
        (_put("text"), "holds object"),
        (_put(np.ones(2, np.complex64)), "holds complex64"),
        (_put(np.ones((0, 3), np.float32)), r"shape \(0, 3\)"),
        (_put(h5py.Empty("f4")), "shape None"),
        (_put(np.ones((1,) * 9, np.float32)), "shape"),
        (_put(ONE, "layers/dense/vars/0/inner"), "is none"),
        (_listed(b"a", b"../elsewhere/kernel"), "no '..'"),
        (_listed(b"/elsewhere", b"kernel"), "no ''"),
        (_listed(b"b", b"a/kernel"), "no 'b'"),
        (_listed(b"a", b"a/kernel/deeper"), "not where it is said to be"),
        (_listed(b"a" * 301, b"a/kernel"), "does not hold names"),
    ],
    ids=[
        "external storage", "virtual", "external link", "external root", "soft link", "circle", "enormous",
        "large parts", "integers", "text", "complex", "empty", "null", "nine axes", "group as array", "upwards",
        "absolute", "missing", "below an array", "long name",
    ],
)  # fmt: skip
def test_what_no_weights_need_is_refused_in_one_sentence(fill: Callable[[h5py.File], None], said: str) -> None:
    with pytest.raises(ForeignWeightsError, match=said) as caught:
        read(hdf5(fill))
    assert "Expected a file that Keras wrote" in str(caught.value)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"max_arrays": 4}, "more than 4 arrays"),
        ({"max_array_bytes": 5 * 24 - 1}, "more than the allowed 0 MB"),
        ({"max_objects": 10}, "more than 10 groups and arrays"),
    ],
)
def test_limits_hold_for_all_arrays_together(limit: dict[str, int], said: str) -> None:
    content = by_kind({f"layers/dense_{number}": [ONE] for number in range(5)})
    assert len(read(content, max_arrays=5, max_array_bytes=5 * 24)) == 5
    with pytest.raises(ForeignWeightsError, match=said):
        read(content, **limit)


def test_small_floats_count_as_what_they_become() -> None:
    content = by_kind({"layers/dense": [np.ones(100, np.float16)]})
    with pytest.raises(ForeignWeightsError, match="allowed"):
        read(content, max_array_bytes=399)
    assert len(read(content, max_array_bytes=400)) == 1


def test_the_weights_inside_an_archive_are_read() -> None:
    members = [("metadata.json", b"{}"), ("config.json", b"not even JSON"), (MEMBER, by_kind({"layers/dense": [ONE]}))]
    assert read(archive(members))[0].values.tolist() == ONE.tolist()


@pytest.mark.parametrize(
    "content",
    [archive([(MEMBER, bytes(2_000_001))]), declaring(bytes(2_000_001), 2**32 - 2), declaring(b"few", 2_000_001)],
    ids=["as it says", "says more", "says too much"],
)
def test_a_bomb_is_refused_by_what_it_declares(content: bytes) -> None:
    assert len(content) < 10_000
    with pytest.raises(ForeignWeightsError, match="takes more than 2 MB"):
        read(content, max_file_bytes=2_000_000)


def test_a_bomb_that_declares_little_is_not_unpacked_past_it() -> None:
    with pytest.raises(Exception, match=r"Bad CRC|first bytes|signature"):
        read(declaring(bytes(2_000_001), 100), max_file_bytes=2_000_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive([("config.json", b"{}")]), "holds 0 members"),
        (archive([(f"elsewhere/{MEMBER}", b"x")]), "holds 0 members"),
        (archive([("../" + MEMBER, b"x")]), "holds 0 members"),
        (b"", "neither an HDF5 file nor"),
        (b"\x80\x04\x95 a pickle", "neither an HDF5 file nor"),
    ],
    ids=["no weights", "in a folder", "upwards", "empty", "pickle"],
)
def test_what_is_no_file_of_weights_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ForeignWeightsError, match=said):
        read(content)


def test_an_archive_with_two_of_them_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile itself warns of what the test is about
        content = archive([(MEMBER, by_kind({})), (MEMBER, by_kind({}))])
    with pytest.raises(ForeignWeightsError, match="holds 2 members"):
        read(content)
