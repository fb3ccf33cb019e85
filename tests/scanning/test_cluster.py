"""A real scheduler with real worker processes, on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import dask
import pyarrow.parquet as pq
import pytest

from deepfake.classifier.card import Card
from deepfake.errors import ModelNotFoundError, ScanError
from deepfake.media.images import RGBImage
from deepfake.scanning import cluster
from deepfake.scanning.scan import scan
from tests.scanning.conftest import fill

REPO = Path(__file__).resolve().parents[2]
_START_S = 60


@dataclass(frozen=True, slots=True)
class RunningCluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]


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
        workers = tuple(
            start("worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path / f"w{number}"))
            for number in range(2)
        )
        yield RunningCluster(address, scheduler, workers)
    finally:
        for process in processes:
            process.kill()
            process.wait(20)


def _address(told: Path, scheduler: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and scheduler.poll() is None:
        try:
            return str(json.loads(told.read_text())["address"])
        except (OSError, ValueError):
            time.sleep(0.1)
    pytest.fail("the scheduler did not start")


def test_a_worker_is_killed_in_the_middle_and_every_file_is_judged_exactly_once(
    running: RunningCluster, tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    paths = fill(tmp_path / "archive", astronaut_pixels, 400)
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
    assert 0 < killed_at[0] < 400
    assert running.workers[0].wait(10) == -signal.SIGKILL
    assert running.workers[1].poll() is None
    table = pq.read_table(tmp_path / "results.parquet")
    assert sorted(table["path"].to_pylist()) == paths
    assert done.counts.num_errors == 0
    assert sum(done.counts.verdicts.values()) == 400


_DEADLY = """
import os
from deepfake.scanning import judging

_original = judging.fetch

def deadly(path):
    if path.endswith("deadly.png"):
        os._exit(1)
    return _original(path)

judging.fetch = deadly
"""


def test_a_file_that_kills_every_worker_is_left_out_with_a_reason_and_its_neighbors_are_judged(
    tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    """Workers of this machine are started anew each time; one file ends each of them."""
    archive = tmp_path / "archive"
    paths = fill(archive, astronaut_pixels, 3)
    (archive / "deadly.png").write_bytes(b"x")
    (tmp_path / "deadly_preload.py").write_text(_DEADLY)
    preload = {"distributed.worker.preload": [str(tmp_path / "deadly_preload.py")]}
    with dask.config.set(preload | {"distributed.scheduler.allowed-failures": 0}):
        done = scan(str(archive), tmp_path / "results.parquet", card, num_workers=1)
    assert done.counts.num_errors == 1
    ((path, reason),) = done.counts.first_errors
    assert path.endswith("deadly.png") and "Every worker that opened this file died" in reason
    table = pq.read_table(tmp_path / "results.parquet")
    assert sorted(table["path"].to_pylist()) == sorted([*paths, str(archive / "deadly.png")])


def test_workers_without_the_model_end_the_scan_with_a_sentence(
    running: RunningCluster, tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    fill(tmp_path / "archive", astronaut_pixels, 1)
    elsewhere = replace(card, name="only-here")
    with pytest.raises(ModelNotFoundError, match="There is no model only-here"):
        scan(str(tmp_path / "archive"), tmp_path / "results.parquet", elsewhere, scheduler=running.address)


def test_a_scheduler_that_is_gone_ends_the_scan_and_leaves_what_was_done(
    running: RunningCluster, tmp_path: Path, astronaut_pixels: RGBImage, card: Card
) -> None:
    fill(tmp_path / "archive", astronaut_pixels, 400)

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
