"""The reader's door: a process of its own, whatever becomes of it."""

from __future__ import annotations

import pytest

from deepfake.media.provenance import reader
from deepfake.media.provenance.reader import ReadingLimits, read_provenance
from deepfake.media.provenance.statement import XMP, AiMark
from tests.media.provenance.marked_files import made_with_ai, plain_picture

_SAY = "import sys\nfrom deepfake.processes import send\nout = sys.stdout.buffer\n"


def test_a_statement_comes_back_from_the_process() -> None:
    said = read_provenance(plain_picture(xmp=made_with_ai()))
    assert said.ai_marks == (AiMark(where=XMP, code="trainedAlgorithmicMedia", is_whole=True),)


def test_a_reader_that_runs_out_of_memory_leaves_the_file_unread() -> None:
    said = read_provenance(plain_picture(), ReadingLimits(max_memory_bytes=64 * 2**20))
    assert said.camera is None
    assert len(said.unread) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.abort()",
        "import time; time.sleep(60)",
        _SAY + "send(out, 'Provenance', {}, b'{}')",
        _SAY + "send(out, 'Provenance', {}, b'[1')",
        _SAY + "send(out, 'Provenance', {}, bytes(2_000_000))",
        _SAY
        + 'send(out, "Provenance", {}, b\'{"camera": "a\\\\u202eb", "taken_at": null, "software": [], "ai_marks": [], '
        + '"credentials": null, "other": [], "unread": []}\')',
    ],
)
def test_a_process_that_breaks_off_or_was_taken_over_leaves_the_file_unread(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_READER", ("-c", code))
    said = read_provenance(plain_picture(), ReadingLimits(max_wait_s=8))
    assert said == reader._UNREAD
