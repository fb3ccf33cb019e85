"""A real scheduler with real worker processes, on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import dask
import pyarrow.parquet as pq
import pytest
from distributed import Client

from deepfake.classifier.card import Card
from deepfake.errors import ModelNotFoundError, ScanError
from deepfake.media.images import RGBImage
from deepfake.scanning import cluster, listing
from deepfake.scanning.parts import Parts
from deepfake.scanning.scan import scan
from tests.scanning.conftest import fill

REPO = Path(__file__).resolve().parents[2]
_START_S = 120
_LONG_S = 600  # for a worker to start, where other tests run beside this one


@dataclass(frozen=True, slots=True)
class RunningCluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]
    start_worker: Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def running(card: Card, tmp_path: Path) -> Iterator[RunningCluster]:
    """A scheduler with two workers that nobody starts again when they die."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(REPO), "TF_NUM_INTRAOP_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        return process

    told = tmp_path / "scheduler.json"
    try:
        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
        address = _address(told, scheduler)
        start_worker = partial(
            start, "worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path / "workers")
        )
        workers = (start_worker(), start_worker())
        with Client(address) as client:
            client.wait_for_workers(2, timeout=_START_S)
        yield RunningCluster(address, scheduler, workers, start_worker)
    finally:
        for process in processes:
            process.kill()
            process.wait(20)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many answers to few pictures."""
    monkeypatch.setattr(listing, "BATCH_FILES", 6)


def _address(told: Path, scheduler: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and scheduler.poll() is None:
        try:
            return str(json.loads(told.read_text())["address"])
        except (OSError, ValueError):
            time.sleep(0.1)
    pytest.fail("the scheduler did not start")


@pytest.mark.usefixtures("small_batches")
def test_a_worker_is_killed_in_the_middle_and_every_file_is_judged_exactly_once(
    running: RunningCluster, tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    paths = fill(tmp_path / "archive", astronaut_pixels, 120)
    killed_at: list[int] = []

    def kill_one(done: int, total: int) -> None:
        if not killed_at and done >= total // 3:
            running.workers[0].send_signal(signal.SIGKILL)
            killed_at.append(done)

    done = scan(
        str(tmp_path / "archive"),
        tmp_path / "results.parquet",
        card,
        scheduler=running.address,
        on_progress=kill_one,
    )
    assert 0 < killed_at[0] < 120
    assert running.workers[0].wait(10) == -signal.SIGKILL
    assert running.workers[1].poll() is None
    table = pq.read_table(tmp_path / "results.parquet")
    assert sorted(table["path"].to_pylist()) == paths
    assert done.counts.num_errors == 0
    assert sum(done.counts.verdicts.values()) == 120


_DEADLY = """
import os, time
from pathlib import Path
from deepfake.scanning import judging

_mark = Path({mark!r})
judging.unharmed = getattr(judging, "unharmed", judging.judge_batch)  # Dask loads this file twice

def judge_batch(paths, *rest):
    if any(path.endswith("deadly.png") for path in paths):
        _mark.touch()
        os._exit(1)
    return judging.unharmed(paths, *rest)

judging.judge_batch = judge_batch
if _mark.exists():
    {then}
"""


@contextmanager
def deadly_workers(folder: Path, then: str, settings: dict[str, object]) -> Iterator[Path]:
    """Workers of this machine that deadly.png ends, and what those do first that are started after the first death.

    Yields a file that is there once a worker died.
    """
    preload, mark = folder / "deadly_preload.py", folder / "died"
    preload.write_text(_DEADLY.format(mark=str(mark), then=then))
    with dask.config.set(settings | {"distributed.worker.preload": [str(preload)]}):
        yield mark


def test_a_file_that_kills_every_worker_is_left_out_with_a_reason_however_long_the_next_worker_takes_to_start(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    """Dask gave a worker up that was not back in a time too short for a busy machine, and the scan waited for ever."""
    archive = tmp_path / "archive"
    paths = fill(archive, astronaut_pixels, 2)
    (archive / "deadly.png").write_bytes(b"x")
    settings = {"distributed.scheduler.allowed-failures": 0, "distributed.deploy.lost-worker-timeout": "1s"}
    with deadly_workers(tmp_path, "time.sleep(4)", settings):
        done = scan(str(archive), tmp_path / "results.parquet", card, num_workers=1, patience_s=_LONG_S)
    assert done.counts.num_errors == 1
    ((path, reason),) = done.counts.first_errors
    assert path.endswith("deadly.png") and "Every worker that opened this file died" in reason
    table = pq.read_table(tmp_path / "results.parquet")
    assert sorted(table["path"].to_pylist()) == sorted([*paths, str(archive / "deadly.png")])


def test_when_no_worker_comes_back_the_scan_ends_with_a_sentence_and_can_be_gone_on_with(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    archive, out = tmp_path / "archive", tmp_path / "results.parquet"
    paths = fill(archive, astronaut_pixels, 1)
    (archive / "deadly.png").write_bytes(b"x")
    with (
        deadly_workers(tmp_path, "os._exit(1)", {}) as died,
        pytest.raises(
            ScanError, match=r"No worker was there for 5 s, while 2 files waited for one\..* goes on from there"
        ),
    ):
        scan(str(archive), out, card, num_workers=1, patience_s=5)
    assert died.exists() and not out.exists()
    assert scan(str(archive), out, card, num_workers=1, patience_s=_LONG_S).counts.num_files == 2
    assert sorted(pq.read_table(out)["path"].to_pylist()) == sorted([*paths, str(archive / "deadly.png")])


@pytest.mark.usefixtures("small_batches")
def test_when_all_workers_of_a_cluster_are_gone_what_was_done_is_whole_and_others_go_on_with_it(
    running: RunningCluster, tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    paths = fill(tmp_path / "archive", astronaut_pixels, 120)
    out = tmp_path / "results.parquet"

    def kill_all(done: int, total: int) -> None:
        if done:
            for worker in running.workers:
                worker.kill()

    with pytest.raises(ScanError, match="No worker was there for 3 s"):
        scan(
            str(tmp_path / "archive"),
            out,
            card,
            scheduler=running.address,
            patience_s=3,
            on_progress=kill_all,
        )
    kept = [
        row for part in Parts(out.with_name(f"{out.name}.parts")).paths() for row in pq.read_table(part).to_pylist()
    ]
    assert 0 < len(kept) < 120
    running.start_worker()
    scan(str(tmp_path / "archive"), out, card, scheduler=running.address)
    rows = pq.read_table(out).to_pylist()
    assert sorted(row["path"] for row in rows) == paths
    assert rows[: len(kept)] == kept


def test_workers_that_do_not_end_in_time_change_nothing_of_what_a_scan_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask raises TimeoutError for each that a busy machine ends late, which took the place of the sentence."""

    class Lingering:
        def __init__(self, **_: object) -> None:
            self.closed_in: list[float] = []

        def close(self, timeout: float) -> None:
            self.closed_in.append(timeout)
            raise TimeoutError

    monkeypatch.setattr(cluster, "LocalCluster", Lingering)
    with cluster._workers_here(1, 5.0) as done:
        assert not done.closed_in
    assert done.closed_in == [cluster._CLOSE_S]
    with pytest.raises(ScanError, match="the sentence"), cluster._workers_here(1, 5.0):
        raise ScanError("the sentence")


def test_workers_that_hold_files_and_never_answer_end_the_scan_with_their_names(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_NO_ANSWER_S", 3)
    (path,) = fill(tmp_path / "archive", astronaut_pixels, 1)
    asleep = tmp_path / "asleep.py"
    asleep.write_text("import time\nfrom deepfake.scanning import judging\njudging.fetch = lambda _: time.sleep(600)\n")
    with (
        dask.config.set({"distributed.worker.preload": [str(asleep)]}),
        pytest.raises(ScanError, match=f"none gave an answer for 3 s. They hold 1 files: {path}"),
    ):
        scan(str(tmp_path / "archive"), tmp_path / "results.parquet", card, num_workers=1)


def test_workers_without_the_model_end_the_scan_with_a_sentence(
    running: RunningCluster, tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    fill(tmp_path / "archive", astronaut_pixels, 1)
    elsewhere = replace(card, name="only-here")
    with pytest.raises(ModelNotFoundError, match="There is no model only-here"):
        scan(str(tmp_path / "archive"), tmp_path / "results.parquet", elsewhere, scheduler=running.address)


@pytest.mark.usefixtures("small_batches")
def test_a_scheduler_that_is_gone_ends_the_scan_and_leaves_what_was_done(
    running: RunningCluster, tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    fill(tmp_path / "archive", astronaut_pixels, 120)

    def kill_it(done: int, total: int) -> None:
        if done:
            running.scheduler.kill()

    with pytest.raises(ScanError, match="The Dask scheduler is gone"):
        scan(
            str(tmp_path / "archive"),
            tmp_path / "results.parquet",
            card,
            scheduler=running.address,
            on_progress=kill_it,
        )
    assert len(list((tmp_path / "results.parquet.parts").glob("part-*.parquet"))) > 0


def test_nobody_at_the_address_is_said(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_S", 1)
    fill(tmp_path / "archive", astronaut_pixels, 1)
    with pytest.raises(ScanError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        scan(str(tmp_path / "archive"), tmp_path / "results.parquet", card, scheduler="tcp://127.0.0.1:1")
