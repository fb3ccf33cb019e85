"""What the product costs, in one table: python benchmarks/run.py [--short] [--json FILE].

Each row is measured beside the usual way in the same run, in turns; the best of the rounds counts. Other programs
slow both alike, so read the ratios, not the seconds. Ends with 1 where a ratio passes its bound, which is generous: it
finds what broke, not what a machine does today.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import keras
import numpy as np
from PIL import Image
from skimage import data as pictures

from benchmarks.explanations import astronaut_crop, face_of, in_turns, stock_lime
from deepfake.analysis import analyze_image
from deepfake.classifier.classifier import WEIGHTS_FILE, Classifier
from deepfake.classifier.library import find_model, load_model_named
from deepfake.commands.check import check_files
from deepfake.commands.side_by_side import in_order
from deepfake.data.workers import num_cores
from deepfake.evaluation.versions import library_versions
from deepfake.explain.base import ExplanationSettings
from deepfake.explain.explaining import explain
from deepfake.files import write_whole
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.detectors import DetectorSettings, make_detector
from deepfake.media.images import decode_image
from tests.load.visitor import Visitor
from tests.serving import serve

_WAIT_S = 120
_BATCH = 128
_CROP_PX = 256
_DISTINCT = 24  # pictures of the folder that differ
_PAGE = "This page looks at each face"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something measured, and what it is measured against.

    Attributes:
        what: The work.
        seconds: It took.
        against: The usual way to do it, or the part of it that cannot be saved.
        against_s: That took.
        bound: The ratio of the two above which something broke.
        n: Pieces of work in each measurement.
    """

    what: str
    seconds: float
    against: str
    against_s: float
    bound: float
    n: int

    @property
    def ratio(self) -> float:
        return self.seconds / self.against_s


def main() -> int:
    """Print the table; 1 where a ratio passes its bound."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--model", help="the default one otherwise")
    parser.add_argument("--short", action="store_true", help="one round, 60 pictures: what CI runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="store the table here")
    options = parser.parse_args()
    rounds, num_pictures = (1, 60) if options.short else (3, 1000)
    classifier = load_model_named(options.model)
    model = keras.saving.load_model(find_model(options.model) / WEIGHTS_FILE, compile=False)
    print(f"{classifier.card.name}, {num_cores()} cores, best of {rounds}\n")
    print("| what | n | s | against | s | ratio | bound |\n|---|---|---|---|---|---|---|")
    rows = []
    for row in measure(classifier, model, rounds, num_pictures):
        print(f"| {row.what} | {row.n} | {row.seconds:.3f} | {row.against} | {row.against_s:.3f} | {row.ratio:.2f} "
              f"| {row.bound:g} |", flush=True)  # fmt: skip
        rows.append(row)
    if options.json is not None:
        table = {
            "model": classifier.card.name,
            "cores": num_cores(),
            "machine": platform.machine(),
            "versions": library_versions(),
            "rounds": rounds,
            "rows": [asdict(row) | {"ratio": row.ratio} for row in rows],
        }
        write_whole(options.json, (json.dumps(table, indent=1) + "\n").encode())
    passed = [row.what for row in rows if row.ratio > row.bound]
    if passed:
        print(f"\nSlower than its bound: {', '.join(passed)}.", file=sys.stderr)
    return 1 if passed else 0


def measure(classifier: Classifier, model: keras.Model, rounds: int, num_pictures: int) -> Iterator[Row]:
    """Every row, one after the other; with one round alone, explanations draw no more samples than the least."""
    yield from starting(classifier.card.name, rounds)
    yield warm_verdict(classifier, model, rounds)
    yield from batches(classifier, model, rounds)
    yield from explanation(classifier, model, rounds)
    yield folder(classifier, num_pictures)


def starting(name: str, rounds: int) -> Iterator[Row]:
    """From nothing: the page, and the first verdict, against what TensorFlow's own import takes."""
    with tempfile.TemporaryDirectory() as place:
        picture = Path(place) / "portrait.jpg"
        picture.write_bytes(portrait_720p(0))

        def run(*arguments: str) -> None:
            subprocess.run([sys.executable, *arguments], cwd=REPO, check=True, capture_output=True)

        seconds = in_turns(
            {
                "import": lambda: run("-c", "import tensorflow"),
                "verdict": lambda: run("-m", "deepfake", "check", str(picture), "--model", name),
            },
            rounds,
        )
        page_s = min(page_seconds(Path(place) / "app.log") for _ in range(rounds))
    alone = "import of TensorFlow alone"
    yield Row(what="page readable, from its first byte", seconds=page_s, against=alone, against_s=seconds["import"],
              bound=1.0, n=1)  # fmt: skip
    yield Row(what="first verdict of a cold process", seconds=seconds["verdict"], against=alone,
              against_s=seconds["import"], bound=5.0, n=1)  # fmt: skip


def page_seconds(log: Path) -> float:
    """From the moment the server answers until a person can read the page."""
    with serve(REPO / "models", log) as app:
        started = time.perf_counter()
        with Visitor(app.url) as visitor:
            visitor.wait_for(lambda: _PAGE in visitor.text(), "the page", _WAIT_S)
            return time.perf_counter() - started


def warm_verdict(classifier: Classifier, model: keras.Model, rounds: int) -> Row:
    """One picture, against searching it at full size and asking the model by Keras's own means."""
    data, crop = portrait_720p(0), classifier.card.crop
    whole = make_detector(DetectorSettings(max_side_px=10**6))
    detector = make_detector(crop.detector)

    def usual() -> None:
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.uint8)
        for face in whole.find(pixels):
            square = resize_square(crop_face(pixels, face.box, margin=crop.margin), crop.side_px)
            model.predict(square[None], verbose=0)

    ways = {"ours": lambda: analyze_image(data, classifier, detector=detector), "usual": usual}
    seconds = warmed(ways, 5 * rounds)
    return Row(what="warm verdict, 1280 x 720 JPEG", seconds=seconds["ours"], against="searched whole, `model.predict`",
               against_s=seconds["usual"], bound=1.5, n=1)  # fmt: skip


def batches(classifier: Classifier, model: keras.Model, rounds: int) -> Iterator[Row]:
    """Crops judged by the compiled function, against `model.predict`."""
    side = classifier.card.crop.side_px
    crops = np.random.default_rng(0).uniform(0, 255, (_BATCH, side, side, 3)).astype(np.float32)
    for num_crops, bound in ((1, 1.0), (_BATCH, 1.5)):
        some = crops[:num_crops]
        ways = {
            "ours": lambda some=some: classifier.scores(some),
            "usual": lambda some=some: model.predict(some, batch_size=_BATCH, verbose=0),
        }
        seconds = warmed(ways, 3 * rounds)
        yield Row(what=f"crops judged, batch of {num_crops}", seconds=seconds["ours"], against="`model.predict`",
                  against_s=seconds["usual"], bound=bound, n=num_crops)  # fmt: skip


def explanation(classifier: Classifier, model: keras.Model, rounds: int) -> Iterator[Row]:
    """A whole explanation, against the bare forward passes in it, and against the stock library."""
    least = ExplanationSettings()
    settings = replace(least, max_samples=least.num_samples) if rounds == 1 else least
    crop = astronaut_crop(classifier, _CROP_PX)
    face = face_of(crop, classifier, settings)
    explain(face, settings)
    inputs = face.inputs(np.random.default_rng(0).random((face.num_judged, face.num_segments)) < 0.5)
    seconds = in_turns(
        {
            "ours": lambda: explain(face_of(crop, classifier, settings), settings),
            "forward": lambda: classifier.probabilities(inputs),
            "stock": lambda: stock_lime(model, face, classifier.card.crop.side_px),
        },
        rounds,
    )
    for against, key, bound in (("its bare forward passes", "forward", 3.0), ("stock lime", "stock", 1.5)):
        yield Row(what="explanation", seconds=seconds["ours"], against=against, against_s=seconds[key], bound=bound,
                  n=face.num_judged)  # fmt: skip


def folder(classifier: Classifier, num_pictures: int) -> Row:
    """A folder through `check`, against its slowest stage alone, on all cores too."""
    with tempfile.TemporaryDirectory() as place:
        paths = []
        for number in range(num_pictures):
            path = Path(place) / f"{number:04d}.jpg"
            path.write_bytes(portrait_720p(number % _DISTINCT))
            paths.append(str(path))
        decoded = [decode_image(Path(path).read_bytes()).pixels for path in paths[:_DISTINCT]]
        workers, settings, side = num_cores(), classifier.card.crop.detector, classifier.card.crop.side_px
        detectors = [make_detector(settings) for _ in range(workers)]

        def find_on_all_cores() -> None:
            def find(worker: int) -> None:
                for number in range(worker, num_pictures, workers):
                    detectors[worker].find(decoded[number % len(decoded)])

            list(in_order(find, range(workers), num_workers=workers))

        def decode_all() -> None:
            list(in_order(lambda path: decode_image(Path(path).read_bytes()), paths, num_workers=workers))

        crops = np.zeros((num_pictures, side, side, 3), np.float32)
        stages = {
            "finding faces": find_on_all_cores,
            "decoding": decode_all,
            "judging": lambda: classifier.scores(crops),
        }
        seconds = in_turns({**stages, "check": lambda: list(check_files(paths, classifier))}, 1)
    slowest = max(stages, key=lambda stage: seconds[stage])
    return Row(what="folder through `check`", seconds=seconds["check"], against=f"{slowest} alone, on all cores",
               against_s=seconds[slowest], bound=4.0, n=num_pictures)  # fmt: skip


def portrait_720p(number: int) -> bytes:
    """A JPEG of 1280 x 720 pixels with one face, each number at its own place."""
    rng = np.random.default_rng(number)
    wall = rng.integers(60, 190, (18, 32, 3), dtype=np.uint8)
    frame = cv2.resize(wall, (1280, 720), interpolation=cv2.INTER_CUBIC)
    face = cv2.resize(pictures.astronaut()[0:240, 100:340], (420, 420), interpolation=cv2.INTER_AREA)
    left = 40 + 30 * (number % _DISTINCT)
    frame[150:570, left : left + 420] = face
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def warmed(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of each way, after a first time that compiles."""
    for way in ways.values():
        way()
    return in_turns(ways, rounds)


if __name__ == "__main__":
    sys.exit(main())
