from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from deepfake.training.memory import keep_freed_memory

_COUNT_FAULTS = """
import resource, sys
import numpy as np
if sys.argv[1] == "keep":
    from deepfake.training.memory import keep_freed_memory
    assert keep_freed_memory()
for number in range(20):
    if number == 1:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(16_000_000, np.float32)  # 64 MB, freed at once
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _COUNT_FAULTS, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc"
)
def test_memory_that_was_freed_is_used_again_without_asking_the_system_for_it() -> None:
    assert _page_faults("keep") < _page_faults("give back") / 10


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert keep_freed_memory() is False
