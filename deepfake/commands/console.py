"""Text to the terminal: answers on standard output, everything else on standard error."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Write an answer; what the terminal's encoding lacks is escaped, control characters too."""
    _write(sys.stdout, line)


def complain(line: str) -> None:
    """Write what is no answer: errors, progress, notes."""
    _write(sys.stderr, line)


def _write(stream: object, line: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    printable = "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in line)
    stream.write(printable.encode(encoding, "backslashreplace").decode(encoding) + "\n")  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]
