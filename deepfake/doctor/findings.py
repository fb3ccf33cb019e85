"""What a look at one part of an installation says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["fine", "note", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sentence on one part of an installation.

    Attributes:
        grade: "fault" where verdicts fail or would be wrong, "note" where a person should know.
        sentence: What was found; for a fault also what was expected and what helps.
    """

    grade: Grade
    sentence: str


def fine(sentence: str) -> Finding:
    """All is as it should be."""
    return Finding(grade="fine", sentence=sentence)


def note(sentence: str) -> Finding:
    """It works, and a person should know."""
    return Finding(grade="note", sentence=sentence)


def fault(sentence: str) -> Finding:
    """It does not work."""
    return Finding(grade="fault", sentence=sentence)
