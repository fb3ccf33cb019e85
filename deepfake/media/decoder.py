"""Clips decoded in a process of their own: a crash or a hang in a decoder becomes a sentence, not a dead app.

The clip reaches that process as an open file: in memory where the system can (Linux), else as a private
temporary file that has no name or is deleted when closed. Frames come back one at a time, so memory stays
constant, and the next frames are decoded while this process works on the last.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from deepfake.errors import FileAccessError, UnreadableClipError
from deepfake.media.clips import ClipEnd, ClipInfo, ClipLimits, Frame, Sampling, unreadable

HEADER = struct.Struct("<II")  # before each message: bytes of JSON, bytes of pixels
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_DECODER, _DECODER_MODULE = "-m", "deepfake.media.decoder_process"
_POLL_S = 0.2
_MAX_HEADER_BYTES = 65_536
ClipSource = bytes | Path


class DecodedClip:
    """A clip that is being decoded.

    Attributes:
        info: What the file says of itself.
        end: How it ended; None until `frames` is used up.
    """

    def __init__(self, process: subprocess.Popen[bytes], limits: ClipLimits) -> None:
        self._process = process
        self._limits = limits
        self._watch = _Watch(process, limits)
        self._started = time.perf_counter()
        self.end: ClipEnd | None = None
        try:
            kind, values, _ = self._receive()
            if kind != ClipInfo.__name__:
                raise self._refusal(kind, values)
            self.info = ClipInfo.from_dict(values)
        except BaseException:
            self.close()  # the watch must not outlive a clip that never opened
            raise

    def frames(self) -> Iterator[Frame]:
        """The wanted frames, in their order.

        Raises:
            UnreadableClipError: Not one of them could be decoded.
        """
        last: Frame | None = None
        num_received = 0
        while True:
            kind, values, pixels = self._receive()
            if kind == Frame.__name__:
                last = Frame(
                    index=values["index"],
                    time_s=values["time_s"],
                    pixels=np.frombuffer(pixels, np.uint8).reshape(values["shape"]),
                )
                num_received += 1
                yield last
            elif kind == ClipEnd.__name__:
                self.end = ClipEnd(**values)
                return
            elif kind in ("Refused", "") and last is None:
                raise self._refusal(kind, values)
            elif kind in ("Refused", ""):
                self.end = self._end_after(last, num_received)
                return

    def _receive(self) -> tuple[str, dict[str, Any], bytes]:
        """The next message; an empty kind where the process is gone."""
        with self._watch.waiting():
            assert self._process.stdout is not None
            head = self._process.stdout.read(HEADER.size)
            if len(head) < HEADER.size:
                return "", {}, b""
            num_header, num_pixels = HEADER.unpack(head)
            if num_header > _MAX_HEADER_BYTES or num_pixels > 3 * self._limits.max_side_px**2:
                return "", {}, b""  # a decoder that was taken over must not take this process with it
            header = self._process.stdout.read(num_header)
            pixels = self._process.stdout.read(num_pixels)
        if len(header) < num_header or len(pixels) < num_pixels:
            return "", {}, b""
        values = json.loads(header)
        return values.pop("kind"), values, pixels

    def _refusal(self, kind: str, values: dict[str, Any]) -> UnreadableClipError:
        if kind == "Refused":
            return UnreadableClipError(values["message"])
        if self._watch.reason:
            return unreadable(f"The decoder was ended: {self._watch.reason}.")
        return unreadable("The decoder broke off on this clip, which is probably damaged.")

    def _end_after(self, last: Frame | None, num_received: int) -> ClipEnd:
        """What is known where the decoder did not come to an end of its own: at least what it sent was decoded."""
        assert last is not None
        is_late = self._watch.reason is not None
        return ClipEnd(
            num_decoded=num_received,
            num_expected=None if is_late else self.info.num_frames,
            is_damaged=not is_late,
            is_cut_short=is_late,
            is_in_moments=False,
            last_time_s=last.time_s,
            decode_s=time.perf_counter() - self._started,
        )

    def close(self) -> None:
        """End the process, whatever it does."""
        self._watch.stop()


@contextmanager
def open_clip(clip: ClipSource, sampling: Sampling, limits: ClipLimits | None = None) -> Iterator[DecodedClip]:
    """Start decoding; leaving the block ends the decoder on every path.

    Args:
        clip: The file's bytes, or its path.
        sampling: Which frames are wanted.
        limits: What it may cost.

    Raises:
        UnreadableClipError: Not a clip, damaged beyond use, or over a limit.
        FileAccessError: The path cannot be opened.
    """
    bounds = limits or ClipLimits()
    with _as_file(clip) as file:
        process = _start(file, sampling, bounds)
    decoded: DecodedClip | None = None
    try:
        decoded = DecodedClip(process, bounds)
        yield decoded
    finally:
        if decoded is not None:
            decoded.close()
        process.kill()
        assert process.stdout is not None
        process.stdout.close()
        process.wait()


def _start(file: BinaryIO, sampling: Sampling, limits: ClipLimits) -> subprocess.Popen[bytes]:
    # one thread for the linear algebra that numpy loads: it is not used, and its threads reserve memory
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [
            sys.executable,
            _DECODER,
            _DECODER_MODULE,
            json.dumps(asdict(sampling)),
            json.dumps(asdict(limits)),
        ],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


@contextmanager
def _as_file(clip: ClipSource) -> Iterator[BinaryIO]:
    """The clip as an open file that another process can inherit."""
    if isinstance(clip, Path):
        try:
            file: BinaryIO = clip.open("rb")
        except OSError as error:
            raise FileAccessError(
                f"{clip} cannot be opened ({error.strerror}). Expected a clip that this user may read."
            ) from error
    elif hasattr(os, "memfd_create"):
        file = os.fdopen(os.memfd_create("clip"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    with file:
        if isinstance(clip, bytes):
            file.write(clip)
            file.flush()
            file.seek(0)
        yield file


class _Watch:
    """Ends a process that keeps its reader waiting too long; time in which nobody waits does not count."""

    def __init__(self, process: subprocess.Popen[bytes], limits: ClipLimits) -> None:
        self.reason: str | None = None
        self._process = process
        self._limits = limits
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
            if silent_s > self._limits.max_silence_s:
                self.reason = f"it gave no sign of life for {self._limits.max_silence_s:.0f} seconds"
            elif self._waited_s + silent_s > self._limits.max_wait_s:
                self.reason = f"it took longer than {self._limits.max_wait_s:.0f} seconds"
            else:
                continue
            self._process.kill()
            return
