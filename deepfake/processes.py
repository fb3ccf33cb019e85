"""Strangers' files opened in a process of their own: a crash or a hang there becomes a sentence, not a dead app.

What decodes clips and reads weights is C code that meets bytes from anywhere. The file reaches that process as an open
file on its standard input; what it makes of it comes back as messages on its standard output, one at a time, so that
memory stays constant and it works on while its caller does. A message is a header of two sizes, a JSON object with a
"kind", and bytes.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

_HEADER = struct.Struct("<II")  # before each message: bytes of JSON, bytes of payload
_MAX_JSON_BYTES = 65_536
_PACKAGE_ROOT = Path(__file__).resolve().parents[1]
_POLL_S = 0.2
_MAX_OPEN_FILES = 64
_ENVIRONMENT = {
    # one thread for the linear algebra that numpy loads: it is not used, and its threads reserve memory
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "HDF5_PLUGIN_PRELOAD": "::",  # HDF5 loads no filters from outside, whatever a file asks for
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a confined process said.

    Attributes:
        kind: What it is about; "" where the process is gone or broke the rules.
        values: The rest of the JSON object.
        payload: Bytes that belong to it.
    """

    kind: str = ""
    values: Mapping[str, Any]
    payload: bytes = b""


_SILENCE = Message(values={})


class ConfinedProcess:
    """Python in a process of its own, at work on one file. Leaving its block ends it on every path.

    Attributes:
        pid: Of the process.
        reason: Why it was ended from here, as a clause; None where it was not.
    """

    def __init__(
        self,
        program: Sequence[str],
        file: BinaryIO,
        *,
        max_payload_bytes: int,
        max_silence_s: float,
        max_wait_s: float,
    ) -> None:
        """Start it.

        Args:
            program: What follows `python` on a command line: "-m", a module of this package, its arguments.
            file: Becomes its standard input; may be closed here afterwards.
            max_payload_bytes: Of one message; a process that was taken over must not take this one with it.
            max_silence_s: It is ended when its reader waits so long for one message,
            max_wait_s: or so long in all. Time in which nobody waits does not count.
        """
        self._process = subprocess.Popen(
            [sys.executable, *program],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ENVIRONMENT | {"PYTHONPATH": _python_path()},
        )
        self.pid = self._process.pid
        self._max_payload_bytes = max_payload_bytes
        self._watch = _Watch(self._process, max_silence_s, max_wait_s)

    @property
    def reason(self) -> str | None:
        return self._watch.reason

    def was_killed(self) -> bool:
        """Whether someone else ended it, such as a system that ran out of memory; asked when it has gone silent."""
        try:
            code = self._process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            return False
        return self.reason is None and hasattr(signal, "SIGKILL") and code == -signal.SIGKILL

    def receive(self) -> Message:
        """The next message, waited for."""
        with self._watch.waiting():
            assert self._process.stdout is not None
            head = self._process.stdout.read(_HEADER.size)
            if len(head) < _HEADER.size:
                return _SILENCE
            num_json, num_payload = _HEADER.unpack(head)
            if num_json > _MAX_JSON_BYTES or num_payload > self._max_payload_bytes:
                return _SILENCE
            text = self._process.stdout.read(num_json)
            payload = self._process.stdout.read(num_payload)
        if len(text) < num_json or len(payload) < num_payload:
            return _SILENCE
        try:
            values = json.loads(text)
            return Message(kind=str(values.pop("kind")), values=values, payload=payload)
        except (ValueError, KeyError, AttributeError, TypeError):
            return _SILENCE

    def close(self) -> None:
        """End it, whatever it does."""
        self._watch.stop()
        self._process.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def bytes_as_file(data: bytes) -> Iterator[BinaryIO]:
    """Bytes as an open file that a process can inherit: in memory where the system can, else without a name."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("given"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    with file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file


def _python_path() -> str:
    return os.pathsep.join([str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


class _Watch:
    """Ends a process that keeps its reader waiting too long."""

    def __init__(self, process: subprocess.Popen[bytes], max_silence_s: float, max_wait_s: float) -> None:
        self.reason: str | None = None
        self._process = process
        self._max_silence_s, self._max_wait_s = max_silence_s, max_wait_s
        self._waiting_since: float | None = None
        self._waited_s = 0.0
        self._stopped = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self._waiting_since = time.monotonic()
        try:
            yield
        finally:
            self._waited_s += time.monotonic() - self._waiting_since
            self._waiting_since = None

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(_POLL_S):
            since = self._waiting_since
            if since is None:
                continue
            silent_s = time.monotonic() - since
            if silent_s > self._max_silence_s:
                self.reason = f"it gave no sign of life for {self._max_silence_s:.0f} seconds"
            elif self._waited_s + silent_s > self._max_wait_s:
                self.reason = f"it took longer than {self._max_wait_s:.0f} seconds"
            else:
                continue
            self._process.kill()
            return


def send(output: BinaryIO, kind: str, values: Mapping[str, Any], payload: bytes = b"") -> None:
    """Say something, in the confined process; see `ConfinedProcess.receive`."""
    text = json.dumps({"kind": kind, **values}).encode()
    output.write(_HEADER.pack(len(text), len(payload)))
    output.write(text)
    output.write(payload)
    output.flush()


def limit_this_process(*, max_memory_bytes: int, max_processor_s: int) -> None:
    """Memory, processor time, no files written, no cores dumped. Windows has no such limits.

    Args:
        max_memory_bytes: Of address space; what is touched stays far below.
        max_processor_s: Of all threads together.
    """
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_AS: max_memory_bytes,
        resource.RLIMIT_CPU: max_processor_s,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MAX_OPEN_FILES,
    }
    for which, value in wanted.items():
        _, hard = resource.getrlimit(which)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(which, (allowed, allowed))
        except (OSError, ValueError):  # macOS refuses some of them
            continue
