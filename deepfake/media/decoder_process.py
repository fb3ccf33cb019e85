"""The decoder's own process: a clip on standard input, messages on standard output, limits on all it may take.

Started by `decoder.py` alone. A message is a header of two sizes, a JSON object, and a frame's pixels.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from io import FileIO
from typing import Any, BinaryIO

import av.logging

from deepfake.errors import DeepfakeError
from deepfake.media.clips import ClipLimits, Frame, Sampling, unreadable
from deepfake.media.decoder import HEADER
from deepfake.media.decoding import decode

_MAX_OPEN_FILES = 64


def main() -> None:
    """Decode standard input as the two JSON arguments say: sampling and limits."""
    sampling, limits = Sampling(**json.loads(sys.argv[1])), ClipLimits(**json.loads(sys.argv[2]))
    _limit_this_process(limits)
    av.logging.set_level(av.logging.PANIC)
    file, output = FileIO(sys.stdin.fileno(), closefd=False), sys.stdout.buffer
    try:
        for message in decode(file, sampling, limits):
            if isinstance(message, Frame):
                shape = message.pixels.shape
                values = {"index": message.index, "time_s": message.time_s, "shape": shape}
                _send(output, "Frame", values, message.pixels.tobytes())
            else:
                _send(output, type(message).__name__, asdict(message))
    except DeepfakeError as error:
        _send(output, "Refused", {"message": str(error)})
    except MemoryError:
        allowed = f"{limits.max_memory_bytes / 2**30:.0f} GiB"
        refusal = unreadable(f"This clip needs more memory than a clip may take ({allowed}).")
        _send(output, "Refused", {"message": str(refusal)})


def _send(output: BinaryIO, kind: str, values: dict[str, Any], pixels: bytes = b"") -> None:
    header = json.dumps({"kind": kind, **values}).encode()
    output.write(HEADER.pack(len(header), len(pixels)))
    output.write(header)
    output.write(pixels)
    output.flush()


def _limit_this_process(limits: ClipLimits) -> None:
    """Memory, processor time, no files written, no cores dumped. Windows has no such limits."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_AS: limits.max_memory_bytes,
        resource.RLIMIT_CPU: int(4 * limits.max_wait_s) + 1,
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


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # nobody listens any more
        sys.stderr.close()
