"""Which frames of a clip are worth a look, the most and least suspicious ones, and who is seen best where. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepfake.people import Person, Sighting

_STRIP_LENGTH = 6
_APART_S = 1.0  # neighbors look the same
_Seen = tuple["Person", "Sighting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A person in a judged frame.

    Attributes:
        frame: Position among the judged frames.
        person: Number.
    """

    frame: int
    person: int


def telling_moment(people: Sequence[Person], probability: float | None) -> Moment:
    """The most suspicious frame of the person that the clip's probability comes from.

    Args:
        people: At least one of them judged.
        probability: Of the clip.
    """
    judged = [person for person in people if person.is_judged]
    person = next((one for one in judged if one.verdict.probability == probability), judged[0])
    counted = [one for one in person.sightings if not one.obstacles]
    sighting = max(counted, key=lambda one: one.probability)
    return Moment(frame=sighting.frame, person=person.number)


def best_sighting(person: Person) -> Sighting:
    """The one that shows a person best: large and sharp, among those that count if there are any."""
    candidates = [one for one in person.sightings if not one.obstacles] or list(person.sightings)
    return max(candidates, key=lambda one: one.quality.side_px * max(one.quality.sharpness, 0.0) ** 0.5)


def most_suspicious(people: Sequence[Person]) -> list[_Seen]:
    """Frames that look most manipulated, the most suspicious first, well apart in time."""
    return _apart(sorted(_counted(people), key=lambda pair: -pair[1].probability))


def least_suspicious(people: Sequence[Person], but: Sequence[_Seen]) -> list[_Seen]:
    """Frames that look least manipulated, the least suspicious first, none of those in `but`."""
    taken = {(person.number, one.frame) for person, one in but}
    rest = [pair for pair in _counted(people) if (pair[0].number, pair[1].frame) not in taken]
    return _apart(sorted(rest, key=lambda pair: pair[1].probability))


def _counted(people: Sequence[Person]) -> list[_Seen]:
    return [(person, one) for person in people if person.is_judged for one in person.sightings if not one.obstacles]


def _apart(ordered: Sequence[_Seen]) -> list[_Seen]:
    """From the front, up to the strip's length and half of all; no two of one person too close in time."""
    wanted = min(_STRIP_LENGTH, max(1, len(ordered) // 2))
    chosen: list[_Seen] = []
    for person, one in ordered:
        is_near = any(
            other.number == person.number and abs(seen.time_s - one.time_s) < _APART_S for other, seen in chosen
        )
        if not is_near and len(chosen) < wanted:
            chosen.append((person, one))
    return chosen
