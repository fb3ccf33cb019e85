"""Lines: first come first served, a place that is told, and nobody stuck behind one who left."""

from __future__ import annotations

import threading
import time

import pytest

from deepfake.app.turns import Line, waiting_words


class LeftError(Exception):
    """Somebody closed the page."""


def refuse_to_wait(num_before: int) -> None:
    raise LeftError(num_before)


def test_as_many_as_may_work_at_once_do_not_wait() -> None:
    line = Line(2)
    with line.turn(refuse_to_wait), line.turn(refuse_to_wait):
        assert line.num_standing == 2
        with pytest.raises(LeftError, match="1"), line.turn(refuse_to_wait):
            pass
    assert line.num_standing == 0


def test_each_is_served_in_the_order_of_coming_and_told_how_many_come_first() -> None:
    line, served, told = Line(1), [], {}

    def stand(number: int) -> None:
        def wait(num_before: int) -> None:
            told.setdefault(number, []).append(num_before)

        with line.turn(wait):
            served.append(number)

    threads = []
    with line.turn(refuse_to_wait):
        for number in range(4):
            thread = threading.Thread(target=stand, args=(number,))
            thread.start()
            threads.append(thread)
            while number not in told:
                time.sleep(0.01)
    for thread in threads:
        thread.join(20)
    assert served == [0, 1, 2, 3]
    assert [told[number][0] for number in range(4)] == [1, 2, 3, 4]
    assert all(places == sorted(places, reverse=True) for places in told.values())


def test_who_leaves_or_fails_frees_the_place() -> None:
    line = Line(1)
    with pytest.raises(LeftError), line.turn(refuse_to_wait):
        raise LeftError
    with line.turn(refuse_to_wait):
        with pytest.raises(LeftError), line.turn(refuse_to_wait):
            pass
        assert line.num_standing == 1
    with line.turn(refuse_to_wait):
        pass


def test_a_place_is_told_in_words() -> None:
    assert waiting_words("clip", 2) == "Waiting for its turn: 2 clips of others come first."
    assert waiting_words("picture", 1) == "Waiting for its turn: 1 picture of others comes first."
