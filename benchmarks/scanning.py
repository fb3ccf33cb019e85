"""What a scan costs: python benchmarks/scanning.py SET [SET ...] [--model NAME] [--files N] [--workers N].

Takes N pictures of the sets at random (seed 0), some of them copied under other names, into a temporary folder; scans
them by the command line; kills that with SIGKILL once half are in parts; types the same command again; and checks that
every file has one row, that what was in parts before the kill was not judged again, and that every copy was found.
Prints rates by the wall clock and by processor time, which a busy machine changes less, beside the bare forward pass
of one crop in the same run. Needs requirements-scale.txt (psutil comes with it).
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}

import cv2
import numpy as np
import psutil
import pyarrow.parquet as pq
from PIL import Image
from skimage.data import astronaut

from deepfake.analysis import analyze_image
from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named
from deepfake.media.detectors import make_detector
from deepfake.media.images import IMAGE_EXTENSIONS

_KILL_AT = 0.5
_POLL_S = 0.5
_FORWARD_PASSES = 400
_SIDES_PX = (256, 512, 1024, 2048, 4096)
_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the command: seconds by the clock, processor seconds of its workers, and their largest memory."""

    wall_s: float
    processor_s: float
    peak_worker_bytes: int
    was_killed: bool


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--model", help="see `python -m deepfake models`; the default one otherwise")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    classifier = load_model_named(options.model)
    with tempfile.TemporaryDirectory() as scratch:
        archive, out = Path(scratch) / "archive", Path(scratch) / "results.parquet"
        num_bytes = _make_archive(options.sets, archive, options.files, options.copies)
        command = [sys.executable, "-m", "deepfake", "scan", str(archive), "--out", str(out)]
        command += ["--workers", str(options.workers), "--model", classifier.card.name]
        first = _run(command, out, kill_at=int(_KILL_AT * options.files))
        kept = _rows_in_parts(out)
        forward_s = _forward_pass_s(classifier)
        second = _run(command, out, kill_at=None)
        table, row_bytes = pq.read_table(out), out.stat().st_size / options.files
    _check(table, kept, options.files, options.copies)
    _report(table, options, num_bytes, first, second, len(kept), forward_s)
    print(f"| a row of the results on disk | {row_bytes:.0f} bytes |\n")
    _report_sizes(classifier, forward_s)


def _make_archive(sets: list[Path], archive: Path, num_files: int, num_copies: int) -> int:
    pictures = sorted(path for one in sets for path in one.rglob("*") if path.suffix.lower() in IMAGE_EXTENSIONS)
    contents: dict[bytes, Path] = {}
    for path in random.Random(0).sample(pictures, len(pictures)):
        contents.setdefault(path.read_bytes(), path)  # the sets hold copies of their own
        if len(contents) == num_files - num_copies:
            break
    if len(contents) < num_files - num_copies:
        sys.exit(f"{len(contents)} different pictures in {sets}, and {num_files - num_copies} are needed.")
    chosen = [*contents.values(), *list(contents.values())[:num_copies]]
    for number, path in enumerate(chosen):
        folder = archive / f"{number % 100:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / f"{number:06d}{path.suffix.lower()}")
    return sum(path.stat().st_size for path in chosen)


def _run(command: list[str], out: Path, *, kill_at: int | None) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    watched = psutil.Process(process.pid)
    spent: dict[int, float] = {}
    peak, was_killed = 0, False
    while process.poll() is None:
        time.sleep(_POLL_S)
        for child in _children(watched):
            try:
                times = child.cpu_times()
                spent[child.pid] = times.user + times.system
                peak = max(peak, child.memory_info().rss)
            except psutil.Error:
                continue  # it has ended meanwhile
        if kill_at is not None and len(_rows_in_parts(out)) >= kill_at:
            process.send_signal(signal.SIGKILL)
            was_killed = True
            break
    process.wait()
    wall_s = time.perf_counter() - started
    if not was_killed and process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}.")
    return Run(wall_s=wall_s, processor_s=sum(spent.values()), peak_worker_bytes=peak, was_killed=was_killed)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _rows_in_parts(out: Path) -> dict[str, float]:
    """Seconds that each file of a part took, by its path."""
    rows: dict[str, float] = {}
    for path in sorted(out.with_name(f"{out.name}.parts").glob("part-*.parquet")):
        columns = pq.read_table(path, columns=["path", "seconds"])
        rows |= dict(zip(columns["path"].to_pylist(), columns["seconds"].to_pylist(), strict=True))
    return rows


def _forward_pass_s(classifier: Classifier) -> float:
    """Of one crop, as a file with one face takes it, in processor time."""
    side = classifier.card.crop.side_px
    crop = np.random.default_rng(0).uniform(0, 255, (1, side, side, 3)).astype(np.float32)
    classifier.scores(crop)
    started = time.process_time()  # TensorFlow works in threads of its own
    for _ in range(_FORWARD_PASSES):
        classifier.scores(crop)
    return (time.process_time() - started) / _FORWARD_PASSES


def _check(table: object, kept: dict[str, float], num_files: int, num_copies: int) -> None:
    paths, seconds = table["path"].to_pylist(), table["seconds"].to_pylist()  # type: ignore[index]
    now = dict(zip(paths, seconds, strict=True))
    assert len(paths) == len(now) == num_files, (len(paths), len(now))
    assert all(now[path] == value for path, value in kept.items()), "a file of a whole part was judged again"
    copies = sum(path is not None for path in table["duplicate_of"].to_pylist())  # type: ignore[index]
    assert copies == num_copies, copies
    assert len(set(table["sha256"].to_pylist())) == num_files - num_copies  # type: ignore[index]


def _report(
    table: object,
    options: argparse.Namespace,
    num_bytes: int,
    first: Run,
    second: Run,
    num_kept: int,
    forward_s: float,
) -> None:
    num_second = options.files - num_kept
    processor_s = second.processor_s / num_second
    faces = float(np.mean(table["num_faces"].to_numpy()))  # type: ignore[index]
    model = table["model"][0]  # type: ignore[index]
    print(
        f"{options.files} files ({num_bytes / 1e6:.0f} MB, {faces:.2f} faces each, {options.copies} copies), "
        f"{model}, {options.workers} workers on {len(os.sched_getaffinity(0))} of {os.cpu_count()} cores, "
        f"load of the machine {os.getloadavg()[1]:.1f}\n"
    )
    print("| what | how much |\n|---|---|")
    print(f"| killed after | {num_kept} files in parts, {first.wall_s:.0f} s |")
    print(f"| gone on with | {num_second} files, {second.wall_s:.0f} s |")
    print(f"| files a second and worker, by the clock | {num_second / second.wall_s / options.workers:.1f} |")
    print(f"| files a second of processor time | {1 / processor_s:.1f} |")
    print(f"| processor time a file | {1000 * processor_s:.1f} ms |")
    print(f"| bare forward pass of one crop | {1000 * forward_s:.1f} ms |")
    print(f"| a file / the bare forward pass | {processor_s / forward_s:.1f} |")
    print(f"| largest memory of a worker | {max(first.peak_worker_bytes, second.peak_worker_bytes) / 1e6:.0f} MB |")


def _report_sizes(classifier: Classifier, forward_s: float) -> None:
    """What larger pictures cost: scikit-image's astronaut, one face, at several sizes."""
    detector = make_detector(classifier.card.crop.detector)
    cv2.setNumThreads(1)
    print("| picture | processor time | / the bare forward pass |\n|---|---|---|")
    for side in _SIDES_PX:
        file = io.BytesIO()
        Image.fromarray(astronaut()).resize((side, side), Image.Resampling.LANCZOS).save(file, "JPEG", quality=90)
        analyze_image(file.getvalue(), classifier, detector=detector)
        started = time.process_time()
        for _ in range(_ROUNDS):
            analyze_image(file.getvalue(), classifier, detector=detector)
        seconds = (time.process_time() - started) / _ROUNDS
        kilobytes = len(file.getvalue()) / 1000
        print(f"| {side} x {side}, {kilobytes:.0f} kB | {1000 * seconds:.0f} ms | {seconds / forward_s:.1f} |")


if __name__ == "__main__":
    main()
