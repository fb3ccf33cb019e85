"""Small pictures of the people of a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepfake.app.results import encode

if TYPE_CHECKING:
    from deepfake.people import Person, Sighting

_THUMBNAIL_PX = 144


def best_sighting(person: Person) -> Sighting:
    """The one that shows a person best: large and sharp, among those that count if there are any."""
    candidates = [one for one in person.sightings if not one.obstacles] or list(person.sightings)
    return max(candidates, key=lambda one: one.quality.side_px * max(one.quality.sharpness, 0.0) ** 0.5)


def thumbnail_of(person: Person) -> bytes:
    """A small JPEG of a person."""
    return small_jpeg(best_sighting(person))


def small_jpeg(sighting: Sighting) -> bytes:
    """A small JPEG of a face."""
    from deepfake.reports.overlay import shrink_to

    return encode(shrink_to(sighting.crop, _THUMBNAIL_PX)[0])
