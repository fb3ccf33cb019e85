"""What a file says of itself, as values: read by `reader.py`, shown by the page and by reports.

All texts come from the file and have passed `texts.clean`: one short line each, without control characters. They are
still a stranger's words: never to be rendered as HTML or Markdown, never to be believed on their own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

INTACT, BROKEN, UNREADABLE = "intact", "broken", "unreadable"
SIGNATURE_STATES = (INTACT, BROKEN, UNREADABLE)
CREDENTIALS = "content credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class AiMark:
    """A place in the file that says that a generator made it, or took part.

    Attributes:
        where: "XMP", "IPTC", "EXIF", "PNG text", "clip metadata" or `CREDENTIALS`.
        code: As written there, such as "trainedAlgorithmicMedia".
        is_whole: Whether all of the file is said to be generated; else a part of it, or that is not said.
    """

    where: str
    code: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Content credentials (C2PA): a signed record of how a file was made.

    Attributes:
        state: `INTACT` where the signature fits the file as it is; `BROKEN` where file or record were changed after it
            was signed; `UNREADABLE` where there is a record that cannot be read.
        signer: The name on the certificate, or None. Nobody checked here whether the signer is who that says.
        signed_at: As the record says, or None.
        program: What wrote the record, or None.
        actions: What the record says was done, in its own words ("created", "color_adjustments"), in its order.
        num_ingredients: Other files that went into this one.
        problems: Codes of what did not fit, as the standard names them.
    """

    state: str
    signer: str | None = None
    signed_at: str | None = None
    program: str | None = None
    actions: tuple[str, ...] = ()
    num_ingredients: int = 0
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.state not in SIGNATURE_STATES:
            raise ValueError(f"Unknown state {self.state!r}. Expected one of {', '.join(SIGNATURE_STATES)}.")

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
        ai_marks: Where it says that a generator made it or took part.
        credentials: Its content credentials, or None.
        other: Further names and values that a clip's container holds.
        unread: What is there but could not be read, in sentences for people.
    """

    camera: str | None = None
    taken_at: str | None = None
    software: tuple[str, ...] = ()
    ai_marks: tuple[AiMark, ...] = ()
    credentials: Credentials | None = None
    other: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether the file says nothing of itself at all."""
        return self == Provenance()

    def to_dict(self) -> dict[str, Any]:
        """As reports store it and as it crosses from the reading process."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `to_dict` gave, by way of JSON.

        Raises:
            TypeError, KeyError, ValueError: Something else.
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
