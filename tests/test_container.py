"""The container of the app: linted, and held to what the app needs. Building it takes an engine, which tests lack."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

REPO = Path(__file__).resolve().parents[1]
CONTAINERFILE = (REPO / "Containerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Name and arguments of each line of the Containerfile, continued lines joined."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE, flags=re.M).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def last_stage() -> list[tuple[str, str]]:
    lines = instructions()
    start = max(number for number, (name, _) in enumerate(lines) if name == "FROM")
    return lines[start:]


def arguments_of(wanted: str) -> list[str]:
    return [rest for name, rest in last_stage() if name == wanted]


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    return yaml.safe_load((REPO / "compose.yaml").read_text(encoding="utf-8"))["services"]["app"]


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed: pip install -r requirements-dev.txt")
    done = subprocess.run([hadolint, str(REPO / "Containerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_app_runs_as_nobody_in_particular() -> None:
    (user,) = arguments_of("USER")
    assert int(user) >= 10_000
    lines = [name for name, _ in last_stage()]
    assert lines.index("USER") < lines.index("CMD")
    assert not any(name in ("RUN", "COPY") for name in lines[lines.index("USER") :])  # its files are not its own


def test_the_health_check_asks_where_the_app_answers() -> None:
    (check,) = arguments_of("HEALTHCHECK")
    (port,) = arguments_of("EXPOSE")
    program = json.loads(check.partition("CMD ")[2])
    assert f"http://127.0.0.1:{port}/_stcore/health" in program[-1]  # the address that tests/browser waits for
    compile(program[-1], "the health check", "exec")


def test_the_app_is_started_as_the_readme_starts_it(service: dict[str, Any]) -> None:
    command = json.loads(arguments_of("CMD")[0])
    assert command[:5] == ["python", "-m", "streamlit", "run", "streamlit_app.py"]
    (port,) = arguments_of("EXPOSE")
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]  # this computer alone


def test_what_is_copied_is_let_through_and_nothing_else_is() -> None:
    allowed = {line[1:] for line in (REPO / ".containerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        word for name, rest in instructions() if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]
    }
    assert copied == allowed
    assert all((REPO / name).exists() for name in copied)


def test_both_engines_ignore_the_same() -> None:
    assert (REPO / ".dockerignore").read_bytes() == (REPO / ".containerignore").read_bytes()


def test_tensorflow_is_swapped_by_a_line_that_is_there() -> None:
    (swapped,) = re.findall(r"sed -i 's/(\^[^/]+)/", CONTAINERFILE)
    assert re.search(swapped, (REPO / "requirements.txt").read_text(encoding="utf-8"), re.M)


def test_the_service_has_no_more_rights_than_it_needs(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["build"]["dockerfile"] == "Containerfile"
    assert not {"privileged", "network_mode", "volumes", "user"} & service.keys()
