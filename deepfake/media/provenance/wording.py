"""A file's statement in words: always the file's word, never ours. Pure functions for the page and for reports."""

from __future__ import annotations

from deepfake.media.provenance.statement import (
    BROKEN,
    CREDENTIALS,
    INTACT,
    INVALID,
    PNG_TEXT,
    UNREADABLE,
    AiMark,
    Credentials,
    Provenance,
)
from deepfake.phrases import count_of

OWN_WORD = (
    "This is what the file says, not what this program found, and no verdict listens to it. Anyone can write such "
    "entries or remove them, and most places that pictures are sent through remove them: that something is missing "
    "proves nothing."
)
SIGNATURES = {
    INTACT: "sealed, and nothing was changed since. Whether the signer is who they say was not checked",
    BROKEN: "the seal is broken: the file or its record was changed after it was signed",
    INVALID: "the record does not pass its own check",
    UNREADABLE: "there is a record, but it cannot be read",
}
_CODES = {
    "trainedAlgorithmicMedia": "made by an AI generator",
    "algorithmicMedia": "made by a program, not by a camera",
    "compositeWithTrainedAlgorithmicMedia": "put together with parts made by an AI generator",
    "compositeSynthetic": "put together with parts that no camera took",
    "UserComment": "holds the settings of an image generator",
}
_NO_AI = {"algorithmicMedia", "compositeSynthetic"}  # programs of any kind
Fact = tuple[str, str]  # what it is about, in our words; what the file says, partly in its own


def summary(said: Provenance) -> str:
    """The most important thing that a file says of itself, as a sentence of our own words alone."""
    generator = "a generator" if {mark.code for mark in said.ai_marks} <= _NO_AI else "an AI generator"
    if any(mark.is_whole for mark in said.ai_marks):
        return f"The file itself says that it was made by {generator}, not by a camera."
    if said.ai_marks:
        return f"The file itself says that {generator} took part in making it."
    record = said.credentials
    if record is not None and record.state == BROKEN:
        return "The file was sealed with content credentials and changed afterwards."
    if record is not None:
        return "The file carries content credentials: a signed record of how it was made."
    if said.camera and said.software:
        return "The file names a camera and the programs that it went through."
    if said.camera:
        return "The file names the camera that took it."
    if said.software or said.taken_at or said.other:
        return "The file says a little about where it comes from."
    return "The file says nothing about where it comes from. That proves nothing."


def facts(said: Provenance) -> list[Fact]:
    """All that a file says of itself, the weightiest first."""
    return [
        *(("Mark of a generator", mark_words(mark)) for mark in said.ai_marks),
        *(_credential_facts(said.credentials) if said.credentials else ()),
        *((("Camera", said.camera),) if said.camera else ()),
        *((("Date and time", said.taken_at),) if said.taken_at else ()),
        *((("Programs", ", ".join(said.software)),) if said.software else ()),
        *said.other,
        *(("Not read", sentence) for sentence in said.unread),
    ]


def mark_words(mark: AiMark) -> str:
    """What a mark says, and where it stands.

    >>> mark_words(AiMark(where="XMP", code="trainedAlgorithmicMedia", is_whole=True))
    'made by an AI generator (“trainedAlgorithmicMedia” in its XMP)'
    """
    if mark.where == PNG_TEXT:
        meaning = "holds the settings of an image generator"
    else:
        meaning = _CODES.get(mark.code, "names an AI system")
    if mark.where == CREDENTIALS and not mark.is_whole and mark.code in ("trainedAlgorithmicMedia", "algorithmicMedia"):
        meaning = f"a part of it was {meaning}"
    return f"{meaning} (“{mark.code}” in its {mark.where})"


def _credential_facts(record: Credentials) -> list[Fact]:
    return [
        ("Content credentials", SIGNATURES[record.state]),
        *((("Signed by", record.signer),) if record.signer else ()),
        *((("Signed at", record.signed_at),) if record.signed_at else ()),
        *((("Record written by", record.program),) if record.program else ()),
        *((("Done to it", ", ".join(record.actions)),) if record.actions else ()),
        *((("Made from", count_of(record.num_ingredients, "other file")),) if record.num_ingredients else ()),
        *((("What does not fit", ", ".join(record.problems)),) if record.problems else ()),
    ]
