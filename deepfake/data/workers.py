"""Processes that share the work on a data set's files, and end with the one that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor

import cv2


def num_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))  # fewer than the machine has, in most containers
    return os.cpu_count() or 1


def start_workers(num_workers: int | None) -> ProcessPoolExecutor:
    """A pool of processes, as many as there are cores by default."""
    # spawn: a fork of a process in which TensorFlow runs threads can hang
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(num_workers or num_cores(), mp_context=context, initializer=_begin)


def _begin() -> None:
    cv2.setNumThreads(1)  # the processes share the cores already
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of them; the one who started them decides
    threading.Thread(target=_end_with_the_starter, daemon=True).start()


def _end_with_the_starter() -> None:
    """A pool's processes outlive a starter that was killed, and would go on beside the next run."""
    starter = multiprocessing.parent_process()
    if starter is not None:
        starter.join()
        os._exit(1)
