"""The reader's own process: a file on standard input, its statement on standard output, limits on all it may take.

Started by `reader.py` alone.
"""

from __future__ import annotations

import json
import sys

from deepfake.media.provenance.reader import ReadingLimits
from deepfake.processes import limit_this_process, send


def main() -> None:
    """Read standard input within the limits that the argument gives as JSON."""
    limits = ReadingLimits(**json.loads(sys.argv[1]))
    limit_this_process(max_memory_bytes=limits.max_memory_bytes, max_processor_s=int(limits.max_wait_s) + 1)
    from deepfake.media.provenance.reading import read_statement  # only now: libraries load within the limits, too

    statement = read_statement(sys.stdin.buffer.read())
    send(sys.stdout.buffer, type(statement).__name__, {}, json.dumps(statement.to_dict()).encode())


if __name__ == "__main__":
    main()
