"""What a file says of itself, read in a process of its own, see `processes.py`: the bytes are a stranger's."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from deepfake.media.provenance.statement import Provenance
from deepfake.processes import ConfinedProcess, bytes_as_file

_READER = ("-m", "deepfake.media.provenance.reader_process")
_MAX_BYTES = 1_000_000  # of a statement; a whole one has less than a tenth
_UNREAD = Provenance(unread=("What it says of itself could not be read; the file may be damaged.",))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """What reading may cost.

    Attributes:
        max_wait_s: Seconds to wait for the reading process.
        max_memory_bytes: Of its address space, where the system can enforce it; what is touched stays far below.
    """

    max_wait_s: float = 30.0
    max_memory_bytes: int = 2 * 2**30


def read_provenance(data: bytes, limits: ReadingLimits | None = None) -> Provenance:
    """What a file says of itself; it never raises, since no verdict waits for it.

    Args:
        data: Of a picture or a clip.
        limits: What it may cost.
    """
    bounds = limits or ReadingLimits()
    with bytes_as_file(data) as file:
        process = ConfinedProcess(
            [*_READER, json.dumps(asdict(bounds))],
            file,
            max_payload_bytes=_MAX_BYTES,
            max_silence_s=bounds.max_wait_s,
            max_wait_s=bounds.max_wait_s,
        )
    with process:
        said = process.receive()
    if said.kind != Provenance.__name__:
        return _UNREAD
    try:
        return Provenance.from_dict(json.loads(said.payload))
    except (ValueError, TypeError, KeyError):  # a process that was taken over may say anything
        return _UNREAD
