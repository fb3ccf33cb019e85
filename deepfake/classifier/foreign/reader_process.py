"""The reader's own process: a file of weights on standard input, its arrays on standard output, limits on all it takes.

Started by `reader.py` alone.
"""

from __future__ import annotations

import json
import sys
from io import FileIO

from deepfake.classifier.foreign.reading import read_arrays
from deepfake.classifier.foreign.weights import WeightsLimits, unreadable
from deepfake.errors import DeepfakeError
from deepfake.processes import limit_this_process, send


def main() -> None:
    """Read standard input within the limits that the argument gives as JSON."""
    limits = WeightsLimits(**json.loads(sys.argv[1]))
    limit_this_process(max_memory_bytes=limits.max_memory_bytes, max_processor_s=int(limits.max_wait_s) + 1)
    file, output = FileIO(sys.stdin.fileno(), closefd=False), sys.stdout.buffer
    try:
        for one in read_arrays(file, limits):
            about = {"path": one.path, "name": one.name, "layer_kind": one.kind, "shape": one.values.shape}
            send(output, "Array", about, one.values.tobytes())
        send(output, "End", {})
    except DeepfakeError as error:
        send(output, "Refused", {"message": str(error)})
    except MemoryError:
        allowed = f"{limits.max_memory_bytes / 2**30:.0f} GiB"
        refusal = unreadable(f"This file needs more memory than reading it may take ({allowed}).")
        send(output, "Refused", {"message": str(refusal)})


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # nobody listens any more
        sys.stderr.close()
