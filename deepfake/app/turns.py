"""Who works and who waits: many people at once, a few pieces of work at a time, first come first served.

Without this, twenty clips dropped at once would be decoded and judged side by side, each twenty times slower, in
twenty times the memory, and nobody would see how long it takes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from deepfake.phrases import count_of

_MOST_AT_ONCE = 4  # more cores than that help one piece of work, and each piece may take 0.6 GB
_POLL_S = 0.2
OnWait = Callable[[int], None]
Kind = Literal["picture", "clip", "explanation", "stress test"]


class Line:
    """People who wait for the same kind of work. Safe to share between threads."""

    def __init__(self, num_at_once: int) -> None:
        """Open a line.

        Args:
            num_at_once: So many of them are served at a time.
        """
        self._num_at_once = num_at_once
        self._tickets: list[object] = []  # those who are served stand in front
        self._moved = threading.Condition()

    @property
    def num_standing(self) -> int:
        """How many are served or wait."""
        return len(self._tickets)

    @contextmanager
    def turn(self, on_wait: OnWait) -> Iterator[None]:
        """Wait for a turn, and keep it for the block.

        Args:
            on_wait: Called several times a second with how many must end before; what it raises gives up the place.
        """
        ticket = object()
        with self._moved:
            self._tickets.append(ticket)
        try:
            while num_before := self._num_before(ticket):
                on_wait(num_before)
                with self._moved:
                    self._moved.wait(_POLL_S)
            yield
        finally:
            with self._moved:
                self._tickets.remove(ticket)
                self._moved.notify_all()

    def _num_before(self, ticket: object) -> int:
        with self._moved:
            return max(0, self._tickets.index(ticket) - self._num_at_once + 1)


@st.cache_resource(show_spinner=False)
def line_of(kind: Kind) -> Line:
    """The line of all sessions for a kind of work: a long clip keeps no picture waiting."""
    del kind  # the key
    return Line(num_at_once())


def num_at_once() -> int:
    """So many pieces of work of a kind run side by side on this machine."""
    return min(_MOST_AT_ONCE, os.cpu_count() or 1)


def waiting_words(kind: Kind, num_before: int) -> str:
    """What a person who waits is told.

    >>> waiting_words("clip", 2)
    'Waiting for its turn: 2 clips of others come first.'
    """
    come = "comes" if num_before == 1 else "come"
    return f"Waiting for its turn: {count_of(num_before, kind)} of others {come} first."
