"""The shape of the package: who may import whom, and what no file may hold (DESIGN.md sections 2 and 6)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
PACKAGE = REPO / "deepfake"

# What each room stands directly on; it may import what that stands on, too.
STANDS_ON: dict[str, tuple[str, ...]] = {
    "__init__": ("api",),  # the files deepfake/__init__.py and __main__.py are rooms of their own
    "errors": (),
    "phrases": (),
    "files": ("errors",),
    "processes": (),
    "libraries": (),
    "media": ("files", "processes", "phrases"),
    "data": ("media",),
    "classifier": ("media",),
    "explain": ("classifier", "phrases"),
    "verdicts": ("classifier",),
    "people": ("verdicts",),
    "watching": ("people",),
    "analysis": ("explain", "watching"),
    "api": ("analysis",),
    "training": ("data", "classifier"),
    "evaluation": ("analysis", "training", "libraries"),
    "stressing": ("explain", "people"),
    "reports": ("evaluation", "stressing"),
    "scanning": ("reports",),
    "doctor": ("evaluation",),
    "commands": ("scanning", "doctor"),
    "app": ("reports", "doctor"),
    "__main__": ("commands",),
}
HEAVY = {"tensorflow", "keras", "jax", "torch"}


def below(room: str) -> set[str]:
    """The rooms that a room may import: itself and all under it."""
    return {room}.union(*(below(lower) for lower in STANDS_ON[room]))


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_names(source: str) -> Iterator[str]:
    """Full names of all that a file imports, wherever in it; `from deepfake import x` gives `deepfake.x`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer; write the full name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(source: str) -> set[str]:
    names = [name.split(".") for name in imported_names(source)]
    return {parts[1] for parts in names if parts[0] == "deepfake" and len(parts) > 1 and parts[1] in STANDS_ON}


def packages_imported(source: str) -> set[str]:
    return {name.split(".")[0] for name in imported_names(source)}


def test_every_room_has_a_place_in_the_order() -> None:
    assert {room_of(path) for path in sources()} <= STANDS_ON.keys()


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    forbidden = rooms_imported(path.read_text(encoding="utf-8")) - below(room_of(path))
    assert not forbidden, f"{path.relative_to(REPO)} must not import {sorted(forbidden)}"


def test_the_order_is_the_one_that_the_design_names() -> None:
    assert "training" not in below("analysis")
    assert "analysis" not in below("training")
    assert "app" not in below("commands")
    assert "commands" not in below("app")
    assert "classifier" not in below("data")
    assert below("evaluation") >= {"analysis", "training", "data", "explain", "verdicts", "errors"}


@pytest.mark.parametrize(
    ("source", "rooms"),
    [
        ("import deepfake.training.trainer", {"training"}),
        ("from deepfake.training import trainer", {"training"}),
        ("from deepfake import training", {"training"}),
        ("def f():\n    from deepfake.app.page import show", {"app"}),
        ("import deepfakery.training", set()),
    ],
)
def test_the_check_sees_every_way_to_import(source: str, rooms: set[str]) -> None:
    assert rooms_imported(source) == rooms


def test_streamlit_is_imported_in_the_app_alone() -> None:
    outside = [path for path in sources() if room_of(path) != "app"] + [REPO / "train.py"]
    users = [path for path in outside if path.is_file() and "streamlit" in packages_imported(path.read_text("utf-8"))]
    assert users == []


def test_media_data_and_verdicts_know_no_keras() -> None:
    rooms = {"errors", "media", "data", "verdicts"}
    files = [path for path in sources() if room_of(path) in rooms]
    assert [path for path in files if HEAVY & packages_imported(path.read_text("utf-8"))] == []


def test_no_star_imports() -> None:
    users = [path for path in sources() if any(name.endswith(".*") for name in imported_names(path.read_text("utf-8")))]
    assert users == []


def test_no_module_is_named_utils() -> None:
    names = {part.removesuffix(".py") for path in sources() for part in path.relative_to(PACKAGE).parts}
    assert names & {"utils", "util", "helpers", "misc", "common"} == set()


def test_nothing_in_the_package_prints() -> None:
    printing = [
        f"{path.relative_to(REPO)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_no_file_is_longer_than_400_lines() -> None:
    doors = [path for path in (REPO / "train.py", REPO / "streamlit_app.py") if path.is_file()]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in [*sources(), *doors]}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=60, check=False)


def test_importing_the_package_loads_no_tensorflow() -> None:
    done = run_python(f"import sys, deepfake; sys.exit(' '.join({HEAVY!r} & set(sys.modules)) or 0)")
    assert done.returncode == 0, done.stderr


def test_the_help_of_the_command_line_loads_no_tensorflow() -> None:
    done = run_python(
        "import runpy, sys\n"
        "sys.argv = ['deepfake', '--help']\n"
        "try:\n"
        "    runpy.run_module('deepfake', run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"sys.exit(' '.join({HEAVY!r} & set(sys.modules)) or 0)"
    )
    assert done.returncode == 0, done.stderr
    assert all(command in done.stdout for command in ("check", "explain", "evaluate", "models"))
