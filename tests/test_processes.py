"""Confined processes: what comes back from them, and what ends them. Each is a few lines of Python."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deepfake.processes import ConfinedProcess
from tests.conftest import REPO

_SAY = "import sys\nfrom deepfake.processes import send\nout, data = sys.stdout.buffer, sys.stdin.buffer.read()\n"
_SAY_RAW = "import struct, sys\nout = sys.stdout.buffer\n"

linux_only = pytest.mark.skipif(not Path("/proc").is_dir(), reason="these limits are Linux's")


@contextmanager
def running(code: str, tmp_path: Path, *, max_payload_bytes: int = 100, max_wait_s: float = 30,
            max_silence_s: float = 30) -> Iterator[ConfinedProcess]:  # fmt: skip
    path = tmp_path / "file"
    path.write_bytes(b"seven b")
    with path.open("rb") as file:
        process = ConfinedProcess(
            ["-c", code],
            file,
            max_payload_bytes=max_payload_bytes,
            max_silence_s=max_silence_s,
            max_wait_s=max_wait_s,
        )
    with process:
        yield process


def test_messages_come_in_their_order_with_their_bytes_and_then_silence(tmp_path: Path) -> None:
    code = _SAY + "send(out, 'Size', {'n': len(data)})\nsend(out, 'Bytes', {}, data[:5])\n"
    with running(code, tmp_path) as process:
        first, second, third = (process.receive() for _ in range(3))
    assert (first.kind, dict(first.values), first.payload) == ("Size", {"n": 7}, b"")
    assert (second.kind, dict(second.values), second.payload) == ("Bytes", {}, b"seven")
    assert (third.kind, process.reason) == ("", None)


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.abort()",
        _SAY_RAW + "out.write(b'no')",
        _SAY_RAW + "out.write(struct.pack('<II', 2, 101) + b'{}' + bytes(101))",
        _SAY_RAW + "out.write(struct.pack('<II', 2**31, 0) + bytes(10))",
        _SAY_RAW + "out.write(struct.pack('<II', 20, 4) + b'{\"kind\"')",
        _SAY_RAW + "out.write(struct.pack('<II', 3, 0) + b'{{{')",
        _SAY_RAW + "out.write(struct.pack('<II', 2, 0) + b'{}')",
        _SAY_RAW + "out.write(struct.pack('<II', 4, 0) + b'null')",
    ],
    ids=["a crash", "half a header", "too many bytes", "too much JSON", "cut off", "no JSON", "no kind", "no object"],
)
def test_what_breaks_the_rules_is_silence(code: str, tmp_path: Path) -> None:
    with running(code, tmp_path) as process:
        assert process.receive().kind == ""


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_silence_s": 1}, "it gave no sign of life for 1 seconds"),
        ({"max_wait_s": 1}, "it took longer than 1 seconds"),
    ],
)
def test_one_that_hangs_is_ended_with_the_reason(limits: dict[str, float], reason: str, tmp_path: Path) -> None:
    with running("import time; time.sleep(60)", tmp_path, **limits) as process:
        assert process.receive().kind == ""
        assert process.reason == reason


def test_time_in_which_nobody_waits_does_not_count(tmp_path: Path) -> None:
    with running(
        _SAY + "send(out, 'Ready', {}, data)\nsend(out, 'Still here', {})\n", tmp_path, max_silence_s=2
    ) as one:
        assert one.receive().kind == "Ready"
        time.sleep(2.5)
        assert one.receive().kind == "Still here"


def test_leaving_the_block_leaves_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())  # not their number: a thread of an earlier test may end meanwhile
    with running("import time; time.sleep(60)", tmp_path):
        assert len(set(threading.enumerate()) - before) == 1
    time.sleep(0.5)
    assert set(threading.enumerate()) <= before


@linux_only
@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        ("open(sys.argv[1], 'wb', 0).write(b'x')", "File too large"),
        ("bytearray(400_000_000)", "MemoryError"),
        ("[open('/dev/null') for _ in range(100)]", "Too many open files"),
    ],
)
def test_limits_hold(attempt: str, said: str, tmp_path: Path) -> None:
    code = (
        "import signal, sys\nfrom deepfake.processes import limit_this_process\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"limit_this_process(max_memory_bytes=300_000_000, max_processor_s=30)\n{attempt}\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "written")]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert said in done.stderr
