"""The notebook for Colab: a valid file of three cells whose commands are ones that this project understands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import train
from deepfake.data.download import download_140k
from deepfake.training.recipes import RECIPES

REPO = Path(__file__).resolve().parents[1]
NOTEBOOK: dict[str, Any] = json.loads((REPO / "docs" / "colab.ipynb").read_text(encoding="utf-8"))
CODE = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def commands(start: str) -> list[list[str]]:
    """Words of the shell commands that begin so, with a folder in the place of {FOLDER}."""
    lines = [line.removeprefix("!") for cell in CODE for line in cell.splitlines() if line.startswith(f"!{start}")]
    return [shlex.split(line.replace("{FOLDER}", "/some where")) for line in lines]


def python_of(cell: str) -> str:
    """A cell without the lines that are for the shell and for IPython, which Python cannot read."""
    return "\n".join(line for line in cell.splitlines() if not line.startswith(("!", "%")))


def test_the_file_follows_the_notebook_format() -> None:
    """As nbformat 4.5 writes it: https://nbformat.readthedocs.io/en/latest/format_description.html."""
    assert NOTEBOOK.keys() == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in NOTEBOOK["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one) for one in ids)
    for cell in NOTEBOOK["cells"]:
        own = {"code": {"execution_count", "outputs"}, "markdown": set()}[cell["cell_type"]]
        assert cell.keys() == {"cell_type", "id", "metadata", "source"} | own
        assert all(line.endswith("\n") for line in cell["source"][:-1])


def test_it_has_three_cells_of_code_and_nothing_that_came_out_of_them() -> None:
    assert len(CODE) == 3
    for cell in NOTEBOOK["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("cell", CODE)
def test_what_is_python_in_a_cell_is_python(cell: str) -> None:
    compile(python_of(cell), "a cell", "exec")


def test_a_person_is_told_to_set_the_address_first() -> None:
    with pytest.raises(AssertionError, match="Set REPOSITORY"):
        exec(python_of(CODE[0]), {})


def test_the_training_command_is_one_that_train_understands() -> None:
    (command,) = commands("python train.py")
    options = train._parse(command[2:])
    assert options.recipe in RECIPES
    assert options.data is None  # so it takes the download of the second cell
    assert (options.models_dir, options.runs_dir) == (Path("/some where/models"), Path("/some where/runs"))


def test_the_download_is_the_one_that_train_makes() -> None:
    (command,) = commands("python -c")
    assert f"from {download_140k.__module__} import {download_140k.__name__};" in command[2]


def test_tensorflow_is_the_one_of_the_requirements() -> None:
    (command,) = commands("pip install")
    (version,) = re.findall(r"^tensorflow(==\S+)", (REPO / "requirements.txt").read_text(encoding="utf-8"), re.M)
    assert f"tensorflow[and-cuda]{version}" in command
    assert command[command.index("-r") + 1] == "requirements.txt"
