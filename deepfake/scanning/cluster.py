"""Dask: workers on this machine, or those of a scheduler that runs elsewhere."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from distributed import Client, Future, KilledWorker, LocalCluster, as_completed

from deepfake.data.workers import num_cores
from deepfake.errors import DeepfakeError, ScanError
from deepfake.scanning.judging import Orders, Row, judge_batch, refused

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
_CONNECT_S = 30
_BATCHES_AHEAD = 2  # for each thread, so that none waits for its next batch
_LEAST_IN_FLIGHT = 8  # workers may come later
_DEADLY = "Every worker that opened this file died, so it was left out. Open it in another program, and save it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Files that one worker judges together.

    Attributes:
        number: In the listing.
        paths: At least one.
    """

    number: int
    paths: tuple[str, ...]


@contextmanager
def connect(scheduler: str | None, num_workers: int | None) -> Iterator[Client]:
    """Workers to send batches to.

    Args:
        scheduler: Its address (tcp://host:8786); None for workers on this machine, which end with the block.
        num_workers: Processes on this machine; as many as cores by default.

    Raises:
        ScanError: Nothing answers at the address, or no worker is there.
    """
    if scheduler is None:
        with (
            LocalCluster(
                n_workers=num_workers or num_cores(),
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.ERROR,
                env=_ONE_THREAD | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout=_CONNECT_S)
    except (OSError, TimeoutError, ValueError) as error:
        raise ScanError(
            f"No Dask scheduler answers at {scheduler} ({type(error).__name__}). Expected an address such as "
            "tcp://10.0.0.1:8786. Start one with `dask scheduler`, or leave --scheduler out to use this machine."
        ) from error
    with client:
        _wait_for_a_worker(client, scheduler)
        yield client


def _wait_for_a_worker(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_CONNECT_S)
    except TimeoutError as error:
        raise ScanError(
            f"The scheduler at {scheduler} has no worker. Start some with `dask worker {scheduler} --nthreads 1`, with "
            "this package and its model on each machine."
        ) from error


def judge_all(client: Client, batches: Iterable[Batch], orders: Orders) -> Iterator[list[Row]]:
    """The rows of each batch as it is done, each batch exactly once.

    Dask gives a batch whose worker died to another one. Where several died over it, its files are suspects: they are
    sent one by one, and nothing else is on its way meanwhile, so that the one that kills workers is found out. Its row
    says so, and the others are judged.

    Raises:
        ScanError: The scheduler is gone, or a worker has another model.
        ModelError: A worker lacks the model.
    """
    scan = f"scan-{uuid.uuid4().hex}"  # a scheduler may serve several
    waiting = iter(batches)
    suspects: deque[Batch] = deque()  # each of one file
    missing: dict[int, int] = {}  # of batches with suspects: files that have no row yet
    known: defaultdict[int, list[Row]] = defaultdict(list)  # and the rows of the others
    sent: dict[str, Batch] = {}
    in_flight = as_completed()

    def send(batch: Batch) -> None:
        key = f"{scan}-{batch.number}-{missing.get(batch.number, 0)}"
        future = client.submit(judge_batch, batch.paths, batch.number, orders, key=key, pure=False)
        sent[future.key] = batch
        in_flight.add(future)

    def send_more() -> None:
        if suspects:
            if not sent:
                send(suspects.popleft())
            return
        num_wanted = max(_LEAST_IN_FLIGHT, _BATCHES_AHEAD * sum(client.nthreads().values())) - len(sent)
        for batch in islice(waiting, max(0, num_wanted)):
            send(batch)

    send_more()
    for future in in_flight:
        batch = sent.pop(future.key)
        rows = _rows_of(future)
        if batch.number in missing:
            known[batch.number] += rows or [refused(batch.paths[0], batch.number, _DEADLY)]
            missing[batch.number] -= 1
            if not missing[batch.number]:
                del missing[batch.number]
                yield known.pop(batch.number)
        elif rows is None:
            missing[batch.number] = len(batch.paths)
            suspects.extend(Batch(number=batch.number, paths=(path,)) for path in batch.paths)
        else:
            yield rows
        send_more()


def _rows_of(future: Future) -> list[Row] | None:
    """What a worker made of a batch; None where several died over it."""
    if future.status == "cancelled":
        raise ScanError(
            "The Dask scheduler is gone. What was written so far is whole. Start the scheduler, and then the same "
            "command again: it goes on where it was."
        )
    try:
        rows: list[Row] = future.result()
        return rows
    except KilledWorker:
        return None
    except DeepfakeError:
        raise
    except Exception as error:
        raise ScanError(
            f"A worker failed ({type(error).__name__}: {error}). Expected the same versions of this package and of its "
            "requirements on every machine. What was written so far is whole; the same command goes on from there."
        ) from error
