"""Only a network of ours reaches Keras: no code, no stranger's layer, no more numbers than a model may have."""

from __future__ import annotations

import ast
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest
from streamlit.testing.v1 import AppTest

from deepfake.app.inputs import FILE_TYPES
from deepfake.classifier import model_file
from deepfake.classifier.card import write_card
from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE, load_classifier, sha256_of
from deepfake.classifier.library import find_model, list_models
from deepfake.classifier.model_file import check_model_file
from deepfake.errors import ModelError, ModelNotFoundError
from tests.conftest import REPO
from tests.fakes import make_card

Change = Callable[[dict[str, bytes]], None]


def rewritten(source: Path, target: Path, change: Change) -> Path:
    """A model file with other members."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def with_config(change: Callable[[Any], None]) -> Change:
    def of_members(members: dict[str, bytes]) -> None:
        config = json.loads(members["config.json"])
        change(config)
        members["config.json"] = json.dumps(config).encode()

    return of_members


def layer(config: Any, position: int = 1) -> Any:
    return config["config"]["layers"][position]


LAMBDA = {
    "module": "keras.layers",
    "class_name": "Lambda",
    "config": {"name": "evil", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}},
    "registered_name": None,
}


def put_lambda(config: Any) -> None:
    layer(config).update(LAMBDA)


def put_module(config: Any) -> None:
    layer(config).update({"module": "os", "class_name": "system"})


def put_function(config: Any) -> None:
    layer(config)["config"]["activation"] = {"module": "builtins", "class_name": "function", "config": "eval"}


def put_own_code(config: Any) -> None:
    layer(config)["registered_name"] = "evil>Layer"


def put_many_units(config: Any) -> None:
    layer(config, -1)["config"]["units"] = 2_000_000_000


def put_other_input(config: Any) -> None:
    layer(config, 0)["config"]["batch_shape"] = [None, 9000, 9000, 3]


def put_deep_nest(members: dict[str, bytes]) -> None:
    members["config.json"] = b"[" * 500 + b"]" * 500


def put_member(members: dict[str, bytes]) -> None:
    members["assets/../../evil.py"] = b"import os"


def put_no_weights(members: dict[str, bytes]) -> None:
    members["model.weights.h5"] = b"\x89HDF\r\n\x1a\n" + bytes(100)


def put_outer_numbers(members: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("x", (4,), "f4", external=[("/etc/passwd", 0, 16)])
    members["model.weights.h5"] = buffer.getvalue()


def put_endless_numbers(members: dict[str, bytes]) -> None:
    """A terabyte that was never written takes a kilobyte."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("x", (500_000, 500_000), "f4", chunks=(1000, 1000))
    members["model.weights.h5"] = buffer.getvalue()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_config(put_lambda), "keras.layers.Lambda"),
        (with_config(put_module), "os.system"),
        (with_config(put_function), "builtins.function"),
        (with_config(put_own_code), "code of its own"),
        (with_config(put_many_units), "2,000,000,000 of something"),
        (with_config(put_other_input), "takes"),
        (put_deep_nest, "cannot be read"),
        (put_member, "evil.py"),
        (put_no_weights, "cannot be read"),
        (put_outer_numbers, "lie elsewhere"),
        (put_endless_numbers, "numbers that are allowed"),
    ],
)
def test_a_model_that_is_more_than_layers_and_numbers_never_reaches_keras(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change, said: str
) -> None:
    import keras

    def reached(*_: object, **__: object) -> None:
        raise AssertionError("Keras was given the file")

    monkeypatch.setattr(keras.saving, "load_model", reached)
    weights = rewritten(model_folder / WEIGHTS_FILE, tmp_path / WEIGHTS_FILE, change)
    write_card(tmp_path / CARD_FILE, make_card(weights_sha256=sha256_of(weights)))  # the card of whoever made it
    with pytest.raises(ModelError, match="is not used") as refused:
        load_classifier(tmp_path)
    assert said in str(refused.value)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.keras").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(ModelError, match="cannot be read"):
        check_model_file(tmp_path / "a.keras", side_px=64)


def test_an_archive_that_unpacks_to_too_much_is_refused(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "MAX_FILE_BYTES", 1000)
    with pytest.raises(ModelError, match="unpacks to"):
        check_model_file(model_folder / WEIGHTS_FILE, side_px=64)


def test_our_own_models_pass(model_folder: Path) -> None:
    check_model_file(model_folder / WEIGHTS_FILE, side_px=64)
    for name in list_models(REPO / "models"):
        card = json.loads((REPO / "models" / name / CARD_FILE).read_text(encoding="utf-8"))
        check_model_file(REPO / "models" / name / WEIGHTS_FILE, side_px=card["crop"]["side_px"])


def test_a_network_inside_a_network_passes(tmp_path: Path) -> None:
    import keras

    from tests.tiny_recipe import TINY_BACKBONE

    inputs = keras.Input((32, 32, 3))
    x = keras.layers.GlobalAveragePooling2D()(TINY_BACKBONE.build(32)(inputs))
    keras.Model(inputs, keras.layers.Dense(1)(x)).save(tmp_path / "a.keras")
    check_model_file(tmp_path / "a.keras", side_px=32)


@pytest.mark.parametrize("name", ["../evil", "/tmp", "..", ".hidden", "", "tiny/../../evil"])
def test_no_name_leads_out_of_the_folder_of_models(model_folder: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(model_folder, tmp_path / "models" / "tiny")
    shutil.copytree(model_folder, tmp_path / "evil")
    with pytest.raises(ModelNotFoundError):
        find_model(name, tmp_path / "models")


def test_the_page_takes_no_model_from_anyone(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither as an upload, nor by a name, nor in the address."""
    shutil.copytree(model_folder, tmp_path / "models" / "tiny")
    monkeypatch.setenv("DEEPFAKE_MODELS", str(tmp_path / "models"))
    assert not {"keras", "h5", "hdf5", "json", "zip"} & set(FILE_TYPES)
    page = AppTest.from_file(str(REPO / "streamlit_app.py"), default_timeout=60)
    page.query_params["model"] = "../evil"
    page.run()
    assert not page.exception
    assert page.selectbox(key="model").options == ["A fake scorer"]
    assert len(page.get("file_uploader")) == 1


def test_only_one_line_of_the_page_loads_a_model_and_none_reads_the_address_or_arguments() -> None:
    loading = []
    for path in (*(REPO / "deepfake" / "app").glob("*.py"), REPO / "streamlit_app.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        called = [node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        loading += [path.name for name in called if name in ("load_classifier", "load_network", "read_weights")]
        assert not {"query_params", "argv", "load_model", "text_input", "chat_input"} & used, path
    assert loading == ["models.py"]
