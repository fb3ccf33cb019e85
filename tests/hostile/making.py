"""The corpus: hostile files, each made from its number and the seed alone, so that any of them can be made again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.hostile.films import FILMS
from tests.hostile.names import hostile_name
from tests.hostile.pictures import PICTURES, damaged

_ENDINGS = (".jpg", ".png", ".webp", ".gif", ".jpeg", ".mp4", ".JPG")  # they lie as often as not
_CLIP_EVERY = 10
_DAMAGED_EVERY = 3  # damage has the most ways to happen
_COSTLY_EVERY = 8  # rounds; each makes hundreds of megabytes of pixels
_COSTLY = {"nearly_too_large", "thousand_frames"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One hostile file.

    Attributes:
        number: Its place in the corpus.
        kind: The name of what made it.
        name: As a stranger may name it; not fit for every disk.
        data: Its bytes.
    """

    number: int
    kind: str
    name: str
    data: bytes


def make_case(number: int, seed: int) -> Case:
    """The file with a number."""
    rng = np.random.default_rng([seed, number])
    if number % _CLIP_EVERY == 0:
        position, makers = number // _CLIP_EVERY, FILMS
    else:
        position, makers = number - number // _CLIP_EVERY - 1, PICTURES
    maker, turn = makers[position % len(makers)], position // len(makers)
    is_left_out = maker.__name__ in _COSTLY and turn % _COSTLY_EVERY
    if makers is PICTURES and (number % _DAMAGED_EVERY == 0 or is_left_out):
        maker = damaged
    elif is_left_out:
        maker = FILMS[1]
    name = hostile_name(number, _ENDINGS[int(rng.integers(len(_ENDINGS)))])
    return Case(number=number, kind=maker.__name__, name=name, data=maker(rng))


def make_cases(num_cases: int, seed: int) -> Iterator[Case]:
    """The first of them."""
    return (make_case(number, seed) for number in range(num_cases))
