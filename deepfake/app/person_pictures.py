"""Small pictures of the people of a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepfake.reports.pictures import THUMBNAIL_PX, encode
from deepfake.reports.suspicion import best_sighting

if TYPE_CHECKING:
    from deepfake.people import Person, Sighting


def thumbnail_of(person: Person) -> bytes:
    """A small JPEG of a person."""
    return small_jpeg(best_sighting(person))


def small_jpeg(sighting: Sighting) -> bytes:
    """A small JPEG of a face."""
    from deepfake.reports.overlay import shrink_to

    return encode(shrink_to(sighting.crop, THUMBNAIL_PX)[0])
