"""The corpus in a process of its own: a crash, a hang or a lack of memory ends that process, and the case has a number.

`python -m tests.hostile.running FIRST END SEED FOLDER` writes a JSON line a case. FOLDER is where cases lie while they
are checked, and the number of the case at hand; the folder of temporary files is the caller's to watch.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.fakes import constant, make_classifier
from tests.hostile.doors import DOORS
from tests.hostile.making import make_case

CASE_S = 300.0  # the decoder's own limits are shorter; this one finds what has none
MEMORY_BYTES = 4 * 2**30  # of address space, libraries included
AT_FILE = "at.txt"


def main() -> None:
    """Judge the cases FIRST to END, each through every door."""
    first, end, seed = map(int, sys.argv[1:4])
    folder = Path(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    logging.disable()  # streamlit notes that no page is there
    classifier = make_classifier(constant(0.9))
    output = sys.stdout
    for number in range(first, end):
        (folder / AT_FILE).write_text(str(number), encoding="utf-8")
        case = make_case(number, seed)
        faulthandler.dump_traceback_later(CASE_S, exit=True)
        started = time.monotonic()
        outcomes = {door.__name__: asdict(door(case, classifier, folder)) for door in DOORS}
        faulthandler.cancel_dump_traceback_later()
        record = {
            "number": number,
            "kind": case.kind,
            "seconds": time.monotonic() - started,
            "peak_mb": _peak_mb(),
            "outcomes": outcomes,
        }
        output.write(json.dumps(record) + "\n")
        output.flush()


def _peak_mb() -> float:
    """The most memory this process has held; `getrusage` would name the one that started it, if that held more."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return next(int(line.split()[1]) / 2**10 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
