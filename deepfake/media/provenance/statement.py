"""What a file says of itself, as values: read by `reader.py`, shown by the page and by reports.

All texts come from the file, and none is accepted here that `texts.clean` would change: each is one short line without
invisible characters. They are still a stranger's words: never to be rendered as HTML or Markdown, never to be believed
on their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from deepfake.media.provenance.texts import is_clean

INTACT, BROKEN, INVALID, UNREADABLE = "intact", "broken", "invalid", "unreadable"
SIGNATURE_STATES = (INTACT, BROKEN, INVALID, UNREADABLE)
XMP, IPTC, EXIF, PNG_TEXT, CREDENTIALS = "XMP", "IPTC", "EXIF", "PNG text", "content credentials"
PLACES = (XMP, IPTC, EXIF, PNG_TEXT, CREDENTIALS)
MOST = 12  # values of one kind; more are left out
_LONGEST_SENTENCE = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class AiMark:
    """A place in the file that says that a generator made it, or took part.

    Attributes:
        where: One of `PLACES`.
        code: As written there, such as "trainedAlgorithmicMedia".
        is_whole: Whether all of the file is said to be generated; else a part of it, or that is not said.
    """

    where: str
    code: str
    is_whole: bool

    def __post_init__(self) -> None:
        _require(self.where in PLACES, "place", self.where)
        _require_clean([self.code])


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Content credentials (C2PA): a signed record of how a file was made.

    Attributes:
        state: `INTACT` where the signature fits the file as it is; `BROKEN` where file or record were changed after it
            was signed; `INVALID` where something else does not fit, such as an expired certificate; `UNREADABLE`
            where there is a record that cannot be read.
        signer: The name on the certificate, or None. Nobody checked here whether the signer is who that says.
        signed_at: As the record says, or None.
        program: What wrote the record, or None.
        actions: What the record says was done, in its own words ("c2pa.created"), in its order.
        num_ingredients: Other files that went into this one.
        problems: Codes of what does not fit, as the standard names them.
    """

    state: str
    signer: str | None = None
    signed_at: str | None = None
    program: str | None = None
    actions: tuple[str, ...] = ()
    num_ingredients: int = 0
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(self.state in SIGNATURE_STATES, "state", self.state)
        _require(isinstance(self.num_ingredients, int), "number of ingredients", self.num_ingredients)
        _require_clean(text for text in (self.signer, self.signed_at, self.program) if text is not None)
        _require_clean(self.actions)
        _require_clean(self.problems)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `dataclasses.asdict` gave, by way of JSON."""
        return cls(**{**values, "actions": tuple(values["actions"]), "problems": tuple(values["problems"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a file says of itself. Anyone can write or remove any of it; that it is missing proves nothing.

    Attributes:
        camera: Maker and model, or None.
        taken_at: When, as the camera's clock said, or None.
        software: Programs that name themselves in the file, each once.
        ai_marks: Where it says that a generator made it or took part, each once.
        credentials: Its content credentials, or None.
        other: Further names and values, as the file or its container gives them.
        unread: What is there but was not read, in sentences for people.
    """

    camera: str | None = None
    taken_at: str | None = None
    software: tuple[str, ...] = ()
    ai_marks: tuple[AiMark, ...] = ()
    credentials: Credentials | None = None
    other: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_clean(text for text in (self.camera, self.taken_at) if text is not None)
        _require_clean(self.software)
        _require_clean([text for pair in self.other for text in pair], most=2 * MOST)
        _require(len(self.ai_marks) <= MOST, "number of marks", len(self.ai_marks))
        for sentence in self.unread:
            _require(is_clean(sentence, longest=_LONGEST_SENTENCE), "sentence", sentence)

    @property
    def is_silent(self) -> bool:
        """Whether the file says nothing of itself at all."""
        return self == Provenance()

    def to_dict(self) -> dict[str, Any]:
        """As reports store it and as it crosses from the reading process."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises:
            TypeError, KeyError, ValueError: Something else, or texts that are not clean.
        """
        credentials = values["credentials"]
        return cls(
            camera=values["camera"],
            taken_at=values["taken_at"],
            software=tuple(values["software"]),
            ai_marks=tuple(AiMark(**one) for one in values["ai_marks"]),
            credentials=None if credentials is None else Credentials.from_dict(credentials),
            other=tuple((name, value) for name, value in values["other"]),
            unread=tuple(values["unread"]),
        )


def _require_clean(texts: Iterable[str], *, most: int = MOST) -> None:
    given = list(texts)
    _require(len(given) <= most, "number of texts", len(given))
    for text in given:
        _require(is_clean(text), "text", text)


def _require(holds: bool, what: str, received: object) -> None:
    if not holds:
        raise ValueError(f"A file's statement holds an unexpected {what}. Received: {str(received)[:80]!r}.")
