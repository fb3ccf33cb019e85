"""Work on many files on all cores, answers in the order of the files."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")  # Python 3.11 has no other way to say this
Answer = TypeVar("Answer")
_AHEAD = 4  # files a worker that may be done before the one whose answer comes next


def in_order(work: Callable[[Item], Answer], items: Sequence[Item], *, num_workers: int) -> Iterator[Answer]:
    """Give the answers in the order of the items, while later ones are already worked on.

    Threads are enough: decoding, finding faces and judging all run outside Python's lock.

    Args:
        work: Called with one item, from several threads at once.
        items: What to work on.
        num_workers: So many at once; with 1, or for a single item, there are no threads.
    """
    if min(num_workers, len(items)) <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(num_workers) as pool:
        under_way: deque[Future[Answer]] = deque()
        try:
            for item in items:
                under_way.append(pool.submit(work, item))
                if len(under_way) >= _AHEAD * num_workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:  # interrupted, or nobody wants the rest
            for one in under_way:
                one.cancel()
