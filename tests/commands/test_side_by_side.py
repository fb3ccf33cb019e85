"""Answers in order, whoever is done first; nothing worked on that nobody will want."""

from __future__ import annotations

import threading

import pytest

from deepfake.commands.side_by_side import in_order


def test_answers_come_in_the_order_of_the_items_though_later_ones_are_done_first() -> None:
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_done.wait(20), "the second was not worked on beside the first"
        if item == 1:
            second_done.set()
        return item * item

    assert list(in_order(work, range(20), num_workers=2)) == [n * n for n in range(20)]


@pytest.mark.parametrize(("items", "num_workers"), [([], 4), ([7], 4), ([7, 8, 9], 1)])
def test_one_at_a_time_there_are_no_threads(items: list[int], num_workers: int) -> None:
    threads = [
        thread for _, thread in in_order(lambda n: (n, threading.current_thread()), items, num_workers=num_workers)
    ]
    assert all(thread is threading.current_thread() for thread in threads)
    assert len(threads) == len(items)


def test_the_rest_is_not_worked_on_when_nobody_wants_it() -> None:
    worked_on = []
    answers = in_order(worked_on.append, range(1000), num_workers=2)
    next(answers)
    answers.close()
    assert len(worked_on) < 50


def test_an_error_reaches_the_one_who_asked() -> None:
    def work(item: int) -> int:
        return 1 // item

    answers = in_order(work, [1, 0, 1], num_workers=2)
    assert next(answers) == 1
    with pytest.raises(ZeroDivisionError):
        next(answers)
