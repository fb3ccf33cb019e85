"""Where the time goes in a clip, and against the naive way: python benchmarks/clips.py [CLIP ...].

Without a clip, one is made: ten seconds of 1280 x 720 at 30 frames a second in which a public-domain portrait moves.
All rows of a table come from one run on one machine: read the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import av
import cv2
import keras
import numpy as np
from skimage import data as pictures

from deepfake.analysis import FRAMES_PER_SECOND, analyze_clip
from deepfake.classifier.classifier import WEIGHTS_FILE, Classifier
from deepfake.classifier.library import find_model, load_model_named
from deepfake.media.clips import Frame, Sampling
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.decoder import open_clip
from deepfake.media.detectors import DetectorSettings, make_detector
from deepfake.media.faces import Box

_REGION = 2.0  # sides of a face around it in which it is looked for again, if it is followed
_FULL_SEARCH_EVERY = 3
_REPEATS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--model", help="the default one otherwise")
    options = parser.parse_args()
    classifier = load_model_named(options.model)
    model = keras.saving.load_model(find_model(options.model) / WEIGHTS_FILE, compile=False)
    clips = {path.name: path.read_bytes() for path in options.clips} or {"made, 720p, 10 s": make_clip()}
    print(f"Two ways through a clip, and its stages; model {classifier.card.name}, {os.cpu_count()} cores\n")
    print("| clip | decode, s | detect, s | judge, s | all, s | frames judged | a second | clip length / time | "
          "naive, s | naive / ours |\n|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    for name, data in clips.items():
        print(row(name, data, classifier, model))
    print(f"\nThe decoder's process took {decoder_memory_mb(data)} MB at its peak.")
    print("\n| every way to reach the wanted frames | s | against ours |\n|---|---|---|")
    compare(decoding_ways(data))
    print("\n| finding faces in them | s | against ours | faces found |\n|---|---|---|---|")
    compare(finding_ways(data, classifier), counted=True)


def row(name: str, data: bytes, classifier: Classifier, model: keras.Model) -> str:
    analyze_clip(data, classifier)  # the first one compiles
    ours = min((analyze_clip(data, classifier) for _ in range(_REPEATS)), key=lambda one: one.seconds)
    naive_s = seconds(lambda: naive(data, classifier, model))
    judged = sum(len(person.sightings) for person in ours.people)
    length_s = ours.duration_s or 0.0
    stages = ours.stages
    cells = [name, *(f"{value:.2f}" for value in (stages.decode_s, stages.detect_s, stages.judge_s, ours.seconds))]
    cells += [str(judged), f"{judged / ours.seconds:.0f}", f"{length_s / ours.seconds:.1f}"]
    cells += [f"{naive_s:.1f}", f"{naive_s / ours.seconds:.0f}"]
    return f"| {' | '.join(cells)} |"


def decoder_memory_mb(data: bytes) -> str:
    """Resident memory of the process that decodes, where the system tells it (Linux)."""
    peak_kb = 0
    with open_clip(data, Sampling(per_second=FRAMES_PER_SECOND)) as clip:
        status = Path(f"/proc/{clip._process.pid}/status")
        for _ in clip.frames():
            if status.exists() and "VmHWM:" in (text := status.read_text()):
                peak_kb = max(peak_kb, int(text.split("VmHWM:")[1].split()[0]))
    return f"{peak_kb / 1024:.0f}" if peak_kb else "unknown"


def naive(data: bytes, classifier: Classifier, model: keras.Model) -> list[float]:
    """Every frame decoded, faces sought at full size, the model asked face by face by Keras's own means."""
    crop = classifier.card.crop
    detector = make_detector(DetectorSettings(max_side_px=10**6))
    answers = []
    for pixels in frames_of(data):
        for face in detector.find(pixels):
            square = resize_square(crop_face(pixels, face.box, margin=crop.margin), crop.side_px)
            answers.append(float(model.predict(square[None], verbose=0)[0, 0]))
    return answers


def frames_of(data: bytes) -> Iterator[np.ndarray]:
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def decoding_ways(data: bytes) -> dict[str, Callable[[], int]]:
    with tempfile.NamedTemporaryFile(suffix=".mp4", delete=False) as file:
        file.write(data)
    capture = cv2.VideoCapture(file.name)
    step = max(1, round((capture.get(cv2.CAP_PROP_FPS) or 30) / FRAMES_PER_SECOND))

    def ours() -> int:
        with open_clip(data, Sampling(per_second=FRAMES_PER_SECOND)) as clip:
            return sum(1 for _ in clip.frames())

    def grab() -> int:
        video, index = cv2.VideoCapture(file.name), 0
        while video.grab():
            if index % step == 0:
                video.retrieve()
            index += 1
        return index

    def seek() -> int:
        video = cv2.VideoCapture(file.name)
        for index in range(0, int(video.get(cv2.CAP_PROP_FRAME_COUNT)), step):
            video.set(cv2.CAP_PROP_POS_FRAMES, index)
            video.read()
        return step

    def all_frames() -> int:
        return sum(1 for _ in frames_of(data))

    return {
        "ours: PyAV in its own process, its start included": ours,
        "OpenCV, grab and retrieve, no process of its own": grab,
        "OpenCV, seek to each": seek,
        "PyAV, every frame converted": all_frames,
    }


def finding_ways(data: bytes, classifier: Classifier) -> dict[str, Callable[[], int]]:
    settings = classifier.card.crop.detector
    with open_clip(data, Sampling(per_second=FRAMES_PER_SECOND)) as clip:
        frames = list(clip.frames())

    def searched(max_side_px: int) -> Callable[[], int]:
        detector = make_detector(DetectorSettings(max_side_px=max_side_px, threshold=settings.threshold))
        return lambda: sum(len(detector.find(frame.pixels)) for frame in frames)

    return {
        f"ours: the whole frame at {settings.max_side_px} px, as in training": searched(settings.max_side_px),
        "the whole frame at 640 px": searched(640),
        "the whole frame as it is": searched(10**6),
        f"followed: around the last box, everywhere every {_FULL_SEARCH_EVERY}rd frame": lambda: followed(
            frames, settings
        ),
    }


def followed(frames: list[Frame], settings: DetectorSettings) -> int:
    detector = make_detector(settings)
    boxes: list[Box] = []
    num_found = 0
    for number, frame in enumerate(frames):
        if number % _FULL_SEARCH_EVERY == 0 or not boxes:
            boxes = [face.box for face in detector.find(frame.pixels)]
        else:
            boxes = [found for box in boxes for found in search_around(detector, frame.pixels, box)]
        num_found += len(boxes)
    return num_found


def search_around(detector: object, pixels: np.ndarray, box: Box) -> list[Box]:
    reach = round(_REGION * box.side)
    top, left = max(0, box.y_min - reach), max(0, box.x_min - reach)
    region = pixels[top : box.y_max + reach, left : box.x_max + reach]
    found = detector.find(np.ascontiguousarray(region))[:1]  # type: ignore[attr-defined]
    return [
        Box(
            x_min=face.box.x_min + left,
            y_min=face.box.y_min + top,
            x_max=face.box.x_max + left,
            y_max=face.box.y_max + top,
        )
        for face in found
    ]


def compare(ways: dict[str, Callable[[], int]], *, counted: bool = False) -> None:
    first = None
    for name, way in ways.items():
        found = way()
        taken = min(seconds(way) for _ in range(_REPEATS))
        first = first or taken
        print(f"| {name} | {taken:.2f} | {taken / first:.1f} |" + (f" {found} |" if counted else ""))


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def make_clip() -> bytes:
    """Ten seconds of 720p: a portrait moves over a textured wall, with a camera's noise."""
    rng = np.random.default_rng(0)
    wall = cv2.resize(rng.integers(60, 190, (18, 32, 3), dtype=np.uint8), (1280, 720), interpolation=cv2.INTER_CUBIC)
    face = cv2.resize(pictures.astronaut()[0:240, 100:340], (420, 420), interpolation=cv2.INTER_AREA)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for index in range(300):
            frame = wall.copy()
            frame[150:570, 200 + index : 620 + index] = face
            noisy = frame.astype(np.int16) + rng.integers(-6, 7, frame.shape, dtype=np.int16)
            video = av.VideoFrame.from_ndarray(np.clip(noisy, 0, 255).astype(np.uint8), format="rgb24")
            video.pts, video.time_base = index, Fraction(1, 30)
            output.mux(stream.encode(video))
        output.mux(stream.encode(None))
    return file.getvalue()


if __name__ == "__main__":
    main()
