"""Judging beside the page: it can be watched, cancelled, and ends when nobody watches."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from deepfake.app import clip_job
from deepfake.app.clip_job import Cancelled, ClipInspection, ClipJob
from deepfake.app.inputs import MAX_FILE_MB, receive_in_memory
from deepfake.app.results import Refusal
from deepfake.app.turns import Line
from deepfake.errors import WeightsMismatchError
from deepfake.media import decoder
from deepfake.media.images import RGBImage
from deepfake.processes import ConfinedProcess
from tests.clips import encode_clip, moving, portrait
from tests.fakes import constant, make_classifier


@pytest.fixture(scope="module")
def long_clip(astronaut_pixels: RGBImage) -> bytes:
    """Twelve seconds: 36 judged frames, so that first results come before the end."""
    return encode_clip(moving(portrait(astronaut_pixels), num_frames=120, step_px=1), fps=10)


@pytest.fixture
def decoders(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Every decoding process that was started."""
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(ConfinedProcess):
        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **settings)
            started.append(self._process)

    monkeypatch.setattr(decoder, "ConfinedProcess", Remembered)
    yield started
    assert all(process.poll() is not None for process in started)


def wait_for(is_so: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def test_first_results_come_before_the_last_frame(long_clip: bytes, decoders: list[subprocess.Popen[bytes]]) -> None:
    job_may_go_on = threading.Event()
    asked = 0

    def held_up(crops: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 2:
            job_may_go_on.wait(20)
        return np.full(len(crops), 0.9, np.float32)

    job = ClipJob(long_clip, make_classifier(held_up), 3.0)
    wait_for(lambda: asked == 2)
    assert job.preview is not None
    assert job.duration_s == pytest.approx(12.0)
    assert 0 < len(job.preview.frame_times_s) < 36
    assert job.preview.people[0].number == 1
    assert 0 < job.share_done < 1
    assert not job.wait(0)
    job_may_go_on.set()
    assert job.wait(20)
    outcome = job.outcome()
    assert isinstance(outcome, ClipInspection)
    assert len(outcome.frames) == len(outcome.analysis.frame_times_s) == 36


def test_cancelling_ends_the_decoder_and_leaves_no_answer(
    long_clip: bytes, decoders: list[subprocess.Popen[bytes]]
) -> None:
    def slow(crops: Any) -> Any:
        time.sleep(0.3)
        return np.full(len(crops), 0.9, np.float32)

    job = ClipJob(long_clip, make_classifier(slow), 3.0)
    wait_for(lambda: job.num_frames > 3)
    job.cancel()
    cancelled_at = time.monotonic()
    assert job.wait(10)
    assert time.monotonic() - cancelled_at < 2
    assert isinstance(job.outcome(), Cancelled)
    assert len(decoders) == 1
    assert job.num_frames < 36


def test_it_ends_when_the_page_is_gone(
    long_clip: bytes, decoders: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_job, "_ABANDONED_S", 0.0)
    job = ClipJob(long_clip, make_classifier(constant(0.9)), 3.0)
    wait_for(lambda: not job._thread.is_alive())
    assert isinstance(job.outcome(), Cancelled)


def test_a_file_that_is_no_clip_is_refused_in_a_sentence() -> None:
    job = ClipJob(b"\0\0\0\x18ftypmp42" + b"x" * 100, make_classifier(constant(0.9)), 3.0)
    assert job.wait(20)
    outcome = job.outcome()
    assert isinstance(outcome, Refusal)
    assert "Expected a clip" in outcome.message


def test_what_is_wrong_with_the_model_reaches_the_page(long_clip: bytes) -> None:
    def broken(crops: Any) -> Any:
        raise WeightsMismatchError("these are not the weights")

    job = ClipJob(long_clip, make_classifier(broken), 3.0)
    assert job.wait(20)
    with pytest.raises(WeightsMismatchError):
        job.outcome()


def test_a_clip_that_does_not_fit_into_memory_is_refused(long_clip: bytes) -> None:
    def full(crops: Any) -> Any:
        raise MemoryError

    job = ClipJob(long_clip, make_classifier(full), 3.0)
    assert job.wait(20)
    outcome = job.outcome()
    assert isinstance(outcome, Refusal)
    assert "memory" in outcome.message


def test_an_upload_of_the_largest_size_is_received_in_memory() -> None:
    """The web server put uploads over 1 MB into temporary files, while the page said that nothing goes to disk."""
    receive_in_memory()
    assert MultiPartParser.spool_max_size > MAX_FILE_MB * 2**20

    async def body() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.mp4"\r\n\r\n'
        for _ in range(3):
            yield b"0" * 2**20
        yield b"\r\n--x--\r\n"

    async def receive() -> Any:
        headers = Headers({"Content-Type": "multipart/form-data; boundary=x"})
        return (await MultiPartParser(headers, body()).parse())["f"]

    file = asyncio.run(receive()).file
    assert file.seek(0, 2) == 3 * 2**20
    assert not file._rolled  # no file behind it


def test_a_clip_waits_for_its_turn_and_says_how_many_come_first(long_clip: bytes) -> None:
    line, may_end = Line(1), threading.Event()

    def hold() -> None:
        with line.turn(lambda num_before: None):
            may_end.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    wait_for(lambda: line.num_standing == 1)
    job = ClipJob(long_clip, make_classifier(constant(0.9)), 3.0, line=line)
    wait_for(lambda: job.num_before == 1)
    assert not job.wait(0.05)
    may_end.set()
    wait_for(lambda: job.wait(0.1))
    other.join()
    assert isinstance(job.outcome(), ClipInspection)
    assert job.num_before == 0


def test_a_clip_that_is_cancelled_while_it_waits_leaves_the_line(long_clip: bytes) -> None:
    line = Line(1)
    with line.turn(lambda num_before: None):
        job = ClipJob(long_clip, make_classifier(constant(0.9)), 3.0, line=line)
        wait_for(lambda: job.num_before == 1)
        job.cancel()
        wait_for(lambda: job.wait(0.1))
        assert isinstance(job.outcome(), Cancelled)
        assert line.num_standing == 1
