"""Dask: workers on this machine, or those of a scheduler that runs elsewhere."""

from __future__ import annotations

import logging
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue

import dask
from distributed import Client, Future, KilledWorker, LocalCluster

from deepfake.data.workers import num_cores
from deepfake.errors import DeepfakeError, ScanError
from deepfake.scanning.judging import Orders, Row, judge_batch, refused

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
_CONNECT_S = 30
_CLOSE_S = 60
_NO_ANSWER_S = 3 * 3600.0  # with workers; the largest batch has some thousand pictures
_LOOK_S = 2.0  # from one look at the workers to the next, while none of them answers
_BATCHES_AHEAD = 2  # for each thread, so that none waits for its next batch
_LEAST_IN_FLIGHT = 8  # workers may come later
_DEADLY = "Every worker that opened this file died, so it was left out. Open it in another program, and save it anew."
_GO_ON = "What was written so far is whole; the same command goes on from there."
_GONE = f"The Dask scheduler is gone. Start it, and then the same command again. {_GO_ON}"


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
def connect(scheduler: str | None, num_workers: int | None, patience_s: float) -> Iterator[Client]:
    """Workers to send batches to.

    Args:
        scheduler: Its address (tcp://host:8786), its workers there or still to come; None for workers on this machine,
            which end with the block and are started again when they die.
        num_workers: Processes on this machine; as many as cores by default.
        patience_s: How long a worker of this machine may take to start again.

    Raises:
        ScanError: Nothing answers at the address, or no worker can be started.
    """
    if scheduler is None:
        with _workers_here(num_workers or num_cores(), patience_s) as cluster, Client(cluster) as client:
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
        yield client


@contextmanager
def _workers_here(num_workers: int, patience_s: float) -> Iterator[LocalCluster]:
    # Dask starts a dead worker again, but gives its place up for good when it is not back after 15 s, or takes 30 s to
    # connect. A busy machine needs longer; the scan was then left without workers.
    longest = {"distributed.deploy.lost-worker-timeout": patience_s + _CONNECT_S}
    longest["distributed.comm.timeouts.connect"] = max(patience_s, _CONNECT_S)
    with dask.config.set(longest):
        try:
            cluster = LocalCluster(
                n_workers=num_workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.ERROR,
                env=_ONE_THREAD | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            )
        except (OSError, RuntimeError, TimeoutError) as error:
            raise ScanError(
                f"{num_workers} workers cannot be started on this machine ({type(error).__name__}: {error}). Expected "
                f"room for a process each. Try fewer --workers. {_GO_ON}"
            ) from error
        try:
            yield cluster
        finally:
            with suppress(Exception):  # a busy machine ends them late; they end with this process at the latest
                cluster.close(timeout=_CLOSE_S)


def judge_all(client: Client, batches: Iterable[Batch], orders: Orders, patience_s: float) -> Iterator[list[Row]]:
    """The rows of each batch as it is done, each batch exactly once.

    Dask gives a batch whose worker died to another one. Where several died over it, its files are suspects: they are
    sent one by one, and nothing else is on its way meanwhile, so that the one that kills workers is found out. Its row
    says so, and the others are judged.

    Args:
        client: Connected.
        batches: Taken as they are sent.
        orders: For all of them.
        patience_s: How long to wait where there is no worker. One that is started again loads its libraries first,
            which takes a busy machine a minute.

    Raises:
        ScanError: The scheduler is gone, a worker has another model, or there was none, or no answer, for too long.
        ModelError: A worker lacks the model.
    """
    scan = f"scan-{uuid.uuid4().hex}"  # a scheduler may serve several
    waiting = iter(batches)
    suspects: deque[Batch] = deque()  # each of one file
    missing: dict[int, int] = {}  # of batches with suspects: files that have no row yet
    known: defaultdict[int, list[Row]] = defaultdict(list)  # and the rows of the others
    sent: dict[str, Batch] = {}
    answers: SimpleQueue[Future] = SimpleQueue()

    def send(batch: Batch) -> None:
        key = f"{scan}-{batch.number}-{missing.get(batch.number, 0)}"
        future = client.submit(judge_batch, batch.paths, batch.number, orders, key=key, pure=False)
        sent[future.key] = batch
        future.add_done_callback(answers.put)

    def send_more() -> None:
        if suspects:
            if not sent:
                send(suspects.popleft())
            return
        num_wanted = max(_LEAST_IN_FLIGHT, _BATCHES_AHEAD * _num_threads(client)) - len(sent)
        for batch in islice(waiting, max(0, num_wanted)):
            send(batch)

    send_more()
    while sent:
        future = _next_answer(answers, client, sent, patience_s)
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


def _next_answer(answers: SimpleQueue[Future], client: Client, sent: dict[str, Batch], patience_s: float) -> Future:
    """The next batch that is done, whether well or not."""
    began = last_seen = time.monotonic()
    while True:
        with suppress(Empty):
            return answers.get(timeout=min(_LOOK_S, patience_s, _NO_ANSWER_S))
        now = time.monotonic()
        if _num_threads(client):
            last_seen = now
        if now - last_seen >= patience_s:
            num_files = sum(len(batch.paths) for batch in sent.values())
            raise ScanError(
                f"No worker was there for {patience_s:.0f} s, while {num_files} files waited for one. "
                "Expected at least one. A worker ends when memory runs out (fewer --workers take less) or with its "
                "machine; those of a --scheduler are started with `dask worker`. Where they only take long to start, "
                f"give a longer --patience. {_GO_ON}"
            )
        if now - began >= _NO_ANSWER_S:
            paths = [path for batch in sent.values() for path in batch.paths]
            raise ScanError(
                f"The workers are there, but none gave an answer for {_NO_ANSWER_S:.0f} s. They hold "
                f"{len(paths)} files: {', '.join(paths[:3])}... Expected one to be done by then. Look whether these "
                f"can be opened from the workers' machines. {_GO_ON}"
            )


def _num_threads(client: Client) -> int:
    """Of all workers there are now."""
    try:
        return sum(client.sync(client.scheduler.ncores, callback_timeout=_CONNECT_S).values())
    except (OSError, TimeoutError) as error:
        raise ScanError(_GONE) from error


def _rows_of(future: Future) -> list[Row] | None:
    """What a worker made of a batch; None where several died over it."""
    if future.status == "cancelled":
        raise ScanError(_GONE)
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
            f"requirements on every machine. {_GO_ON}"
        ) from error
