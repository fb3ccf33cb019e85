"""Many people at the page at once. Six here; `DEEPFAKE_LOAD=20` asks for twenty."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.app.turns import num_at_once
from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named
from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait
from tests.load.people import Person, make_people
from tests.load.visitor import Visitor
from tests.serving import REPO, RunningApp, serve

NUM_PEOPLE = int(os.environ.get("DEEPFAKE_LOAD", "6"))
MAX_MEMORY_MB = 3000  # of the app and its decoders together, however many people come
_PATIENCE_S = 60 + 20 * NUM_PEOPLE  # hangs end; other programs may run beside it

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="memory and processes are read from /proc")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The app with the models that ship."""
    with serve(REPO / "models", tmp_path_factory.mktemp("log") / "app.log") as running:
        yield running


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_model_named(folder=REPO / "models")


@pytest.fixture(scope="module")
def people(classifier: Classifier, astronaut_pixels: RGBImage) -> list[Person]:
    made = make_people(astronaut_pixels, classifier, NUM_PEOPLE)
    answers = [tuple(person.probabilities) for person in made]
    assert all(answers)
    assert len(set(answers)) == len(answers), "two people have the same answer, so that a mix-up would not be seen"
    return made


class Watch:
    """The most memory that the app held, looked at ten times a second."""

    def __init__(self, app: RunningApp) -> None:
        self.peak_mb, self.most_decoders = 0.0, 0
        self._app, self._over = app, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.peak_mb = max(self.peak_mb, self._app.memory_mb())
            self.most_decoders = max(self.most_decoders, len(self._app.decoders()))


def visit(app: RunningApp, person: Person, all_there: threading.Barrier) -> list[str]:
    """Drop a file when everyone is there, read the answer, and see that it is one's own; gives what was said while
    waiting."""
    with Visitor(app.url) as visitor:
        visitor.wait_for(lambda: "This page looks at each face" in visitor.text(), "the page", _PATIENCE_S)
        assert visitor.file_titles() == []
        all_there.wait(_PATIENCE_S)
        visitor.drop(person.name, person.data, person.kind)
        assert visitor.probabilities(seconds=_PATIENCE_S) == person.probabilities
        (title,) = visitor.file_titles()
        assert person.name in title
        if person.is_clip:
            assert visitor.media("video") == person.data
        else:
            assert difference(visitor.media("image"), person.data) < 3
        return visitor.waited


def difference(shown: bytes, sent: bytes) -> float:
    """Median difference of two pictures, 0..255; boxes and a browser's JPEG leave it small, another tint does not."""
    first, second = (np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16) for data in (shown, sent))
    return float(np.median(abs(first - second)))


def test_everyone_gets_the_right_answer_and_nobody_that_of_another(app: RunningApp, people: list[Person]) -> None:
    all_there = threading.Barrier(len(people))
    started = time.monotonic()
    with Watch(app) as watch, ThreadPoolExecutor(len(people)) as pool:
        waited = list(pool.map(lambda person: visit(app, person, all_there), people))
    print(  # noqa: T201 - the figures that the README tells, with -s
        f"\n{len(people)} people: {time.monotonic() - started:.0f} s, {watch.peak_mb:.0f} MB at the most, "
        f"{watch.most_decoders} decoders at once, {sum(map(bool, waited))} people waited in line"
    )
    assert watch.peak_mb < MAX_MEMORY_MB
    assert watch.most_decoders <= num_at_once()
    if sum(person.is_clip for person in people) > 2 * num_at_once():
        assert any(waited), "with so many clips at once, some have to wait, and are told their place"


def test_a_decoder_that_is_killed_is_said_and_the_next_upload_works(
    app: RunningApp, people: list[Person], astronaut_pixels: RGBImage
) -> None:
    long_clip = encode_clip(moving(portrait(astronaut_pixels), num_frames=600, step_px=0, size_hw=(720, 1280)), fps=10)
    with Visitor(app.url) as visitor:
        visitor.drop("long.mp4", long_clip, "video/mp4")
        visitor.wait_for(lambda: "searched for faces" in visitor.text(), "progress", _PATIENCE_S)
        for pid in app.decoders():
            os.kill(pid, signal.SIGKILL)
        visitor.wait_for(lambda: "Could not read this file" in visitor.text(), "an error", _PATIENCE_S)
        visitor.wait_for(lambda: "The process that decodes this clip was ended" in visitor.text(), "why", _PATIENCE_S)
        visitor.drop(people[0].name, people[0].data, people[0].kind)
        assert visitor.probabilities(seconds=_PATIENCE_S) == people[0].probabilities


def test_who_comes_later_sees_nothing_of_what_others_handed_in(app: RunningApp, people: list[Person]) -> None:
    """The same bytes under another name are shown under that name, and a page without files shows none."""
    person = people[0]
    with Visitor(app.url) as first, Visitor(app.url) as second, Visitor(app.url) as third:
        first.drop(person.name, person.data, person.kind)
        second.drop("mine.png", person.data, person.kind)
        for visitor in (first, second):
            assert visitor.probabilities(seconds=_PATIENCE_S) == person.probabilities
        third.wait_for(lambda: "This page looks at each face" in third.text(), "the page", _PATIENCE_S)
        assert [title.split("`")[1].strip() for title in second.file_titles()] == ["mine.png"]
        assert "mine.png" not in first.text()
        assert third.file_titles() == []
