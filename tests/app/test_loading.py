"""Large libraries are imported by one thread, however many ask for them at once."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import REPO

_MANY = """
import json, sys, threading
from deepfake.app.loading import load_libraries

imported_by = set()
together = threading.Barrier(8)

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("altair", "narwhals", "pandas", "lime", "sklearn", "skimage", "matplotlib"):
            imported_by.add(threading.get_ident())

def ask(number):
    together.wait()
    load_libraries()
    if number % 2:
        import altair
    else:
        from deepfake.explain import explaining

sys.meta_path.insert(0, Watch())
threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(len(imported_by)))
"""


def test_of_sessions_that_begin_together_one_imports_and_the_others_wait() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MANY], cwd=REPO, check=True, timeout=300, capture_output=True, text=True
    )
    assert json.loads(done.stdout) == 1
