"""Large libraries are imported by one thread, however many ask for them at once."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import REPO

_MANY = """
import threading
from deepfake.app.loading import load_libraries

faults = []

def ask(number):
    try:
        load_libraries()
        import altair, pandas
        from deepfake.explain import explaining
        from deepfake.reports import figures
    except BaseException as error:
        faults.append(error)

threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not faults, faults
"""


def test_sessions_that_begin_together_do_not_wait_for_each_other_for_ever() -> None:
    subprocess.run([sys.executable, "-c", _MANY], cwd=REPO, check=True, timeout=300)
