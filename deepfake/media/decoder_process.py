"""The decoder's own process: a clip on standard input, messages on standard output, limits on all it may take.

Started by `decoder.py` alone.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict
from io import FileIO

import av.logging

from deepfake.errors import DeepfakeError
from deepfake.media.clips import ClipLimits, Frame, Sampling, unreadable
from deepfake.media.decoding import decode
from deepfake.processes import limit_this_process, send


def main() -> None:
    """Decode standard input as the two JSON arguments say: sampling and limits."""
    sampling, limits = Sampling(**json.loads(sys.argv[1])), ClipLimits(**json.loads(sys.argv[2]))
    limit_this_process(max_memory_bytes=limits.max_memory_bytes, max_processor_s=int(4 * limits.max_wait_s) + 1)
    if hasattr(signal, "SIGPIPE"):  # ended at once where nobody listens: codec threads may hang in closing
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    av.logging.set_level(av.logging.PANIC)
    file, output = FileIO(sys.stdin.fileno(), closefd=False), sys.stdout.buffer
    try:
        for message in decode(file, sampling, limits):
            if isinstance(message, Frame):
                shape = message.pixels.shape
                values = {"index": message.index, "time_s": message.time_s, "shape": shape}
                send(output, "Frame", values, message.pixels.tobytes())
            else:
                send(output, type(message).__name__, asdict(message))
    except DeepfakeError as error:
        send(output, "Refused", {"message": str(error)})
    except MemoryError:
        allowed = f"{limits.max_memory_bytes / 2**30:.0f} GiB"
        refusal = unreadable(f"This clip needs more memory than a clip may take ({allowed}).")
        send(output, "Refused", {"message": str(refusal)})


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # nobody listens any more
        sys.stderr.close()
