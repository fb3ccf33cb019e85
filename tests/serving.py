"""The real app in a process of its own, on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
_START_S = 60
_END_S = 10


@dataclass(frozen=True, slots=True)
class RunningApp:
    """The app in a process of its own."""

    url: str
    pid: int

    def decoders(self) -> list[int]:
        """Decoding processes that it has running, all at the same moment; zombies do not count."""
        found = [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if self._is_decoder(folder)]
        return [pid for pid in found if self._is_decoder(Path(f"/proc/{pid}"))]  # none has ended while others came

    def _is_decoder(self, folder: Path) -> bool:
        try:
            if f"PPid:\t{self.pid}\n" not in (folder / "status").read_text(encoding="utf-8"):
                return False
            return b"deepfake.media.decoder_process" in (folder / "cmdline").read_bytes()
        except OSError:
            return False  # it has ended meanwhile

    def memory_mb(self) -> float:
        """Memory that it and its decoders hold by now."""
        held = 0
        for pid in (self.pid, *self.decoders()):
            try:
                lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
            except OSError:
                continue
            held += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
        return held / 1024


@contextmanager
def serve(models: Path, log: Path) -> Iterator[RunningApp]:
    """Start the app, and end it with the block.

    Args:
        models: The folder of models that it offers.
        log: What it says is written here.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.port", str(port), "--server.headless", "true", "--server.fileWatcherType", "none"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options],
            cwd=REPO,
            env=os.environ | {"DEEPFAKE_MODELS": str(models)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_answers(f"http://localhost:{port}/_stcore/health", process, log)
        yield RunningApp(f"http://localhost:{port}", process.pid)
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:  # a thread of it still imports TensorFlow
            process.kill()
            process.wait()


def _wait_until_it_answers(url: str, app: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and app.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    app.kill()
    pytest.fail(f"the app did not start: {log.read_text(errors='replace')[-2000:]}")
