"""What is found in a file bit by bit, gathered to one statement: cleaned, each thing once, none too often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from deepfake.media.provenance.statement import MOST, AiMark, Credentials, Provenance
from deepfake.media.provenance.texts import clean

_Item = TypeVar("_Item")
# The part of the IPTC's vocabulary (cv.iptc.org/newscodes/digitalsourcetype) that names generators, and whether it says
# so of the whole file.
GENERATED = {
    "trainedAlgorithmicMedia": True,
    "algorithmicMedia": True,
    "compositeWithTrainedAlgorithmicMedia": False,
    "compositeSynthetic": False,
}


@dataclass(slots=True)
class Notes:
    """Filled while a file is read; `statement` gives what came together."""

    maker: str = ""
    model: str = ""
    taken_at: str = ""
    software: list[str] = field(default_factory=list)
    ai_marks: list[AiMark] = field(default_factory=list)
    credentials: Credentials | None = None
    other: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def note_camera(self, *, maker: object = None, model: object = None, taken_at: object = None) -> None:
        """The first one named counts."""
        self.maker = self.maker or _text(maker)
        self.model = self.model or _text(model)
        self.taken_at = self.taken_at or _text(taken_at)

    def note_software(self, name: object) -> None:
        """A program that names itself."""
        _add(self.software, _text(name))

    def note_mark(self, where: str, code: object, *, is_whole: bool) -> None:
        """A mark of a generator."""
        text = _text(code)
        if text:
            _add(self.ai_marks, AiMark(where=where, code=text, is_whole=is_whole))

    def note_source_type(self, where: str, address: object, *, of_whole: bool = True) -> None:
        """The IPTC's word for how a picture came to be: a mark where it names a generator.

        Args:
            where: As in `AiMark`.
            address: Such as "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia".
            of_whole: Whether it is said of the file, and not of something that went into it.
        """
        code = _text(address).rstrip("/").rpartition("/")[2]
        if code in GENERATED:
            self.note_mark(where, code, is_whole=of_whole and GENERATED[code])
        elif of_whole:
            self.note_other("Kind of source", code)

    def note_other(self, name: str, value: object) -> None:
        """Anything else worth showing."""
        text = _text(value)
        if text:
            _add(self.other, (name, text))

    def statement(self) -> Provenance:
        """What came together."""
        model = self.model
        if self.maker and not model.lower().startswith(self.maker.lower()):  # many models begin with their maker
            model = clean(f"{self.maker} {model}")
        return Provenance(
            camera=model or None,
            taken_at=self.taken_at or None,
            software=tuple(self.software),
            ai_marks=tuple(self.ai_marks),
            credentials=self.credentials,
            other=tuple(self.other),
            unread=tuple(self.unread),
        )


def _text(value: object) -> str:
    """What a value says; numbers and other kinds of values say nothing here."""
    return clean(value) if isinstance(value, str | bytes) else ""


def _add(items: list[_Item], item: _Item) -> None:
    if item and item not in items and len(items) < MOST:
        items.append(item)
