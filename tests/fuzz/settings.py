"""How long the fuzz targets run: a short while in the suite, `DEEPFAKE_FUZZ=20000` examples each when asked for.

Hypothesis, not atheris: what is fuzzed here is our own Python, whose inputs have structure (a card is a tree of JSON,
a data set a tree of folders), and Hypothesis builds those and shrinks what it finds to the least of it. The libraries
below (libjpeg, FFmpeg, HDF5) come as wheels without instrumentation, so atheris would see no more of them.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

NUM_EXAMPLES = int(os.environ.get("DEEPFAKE_FUZZ", "60"))
IS_LONG = NUM_EXAMPLES > 1000

fuzzed = settings(
    max_examples=NUM_EXAMPLES,
    deadline=None,  # other programs run beside it; hangs are found by the suite's own limits
    derandomize=not IS_LONG,  # the suite is the same each time, a long run is not
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(fuzzed, max_examples=max(5, NUM_EXAMPLES // 10))  # where an example starts a process
