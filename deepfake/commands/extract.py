"""python -m deepfake extract: a data set of clips turned into face crops with an index, to train or measure on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tqdm import tqdm

from deepfake.commands.console import complain, say
from deepfake.data.clip_faces import ExtractSettings
from deepfake.data.clip_index import INDEX_FILE
from deepfake.data.clip_layouts import read_clip_set
from deepfake.data.extract import extract
from deepfake.data.opening import EVERY, lines_about
from deepfake.media.clips import Sampling
from deepfake.media.detectors import DETECTOR_NAMES, DetectorSettings

_ALL_READ, _SOME_UNREADABLE = 0, 1


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("extract", help="turn a data set of clips into face crops with an index")
    parser.add_argument("data_set", type=Path, metavar="DATASET_DIR", help="FaceForensics++, Celeb-DF v2, DFDC, or "
                        "real/ and fake/ with clips in them")  # fmt: skip
    parser.add_argument("out", type=Path, metavar="OUT_DIR", help="new, or left by a run that was interrupted")
    frames = parser.add_mutually_exclusive_group()
    frames.add_argument("--every", type=_count, metavar="N", help=f"a frame every N (default: {EVERY})")
    frames.add_argument("--per-clip", type=_count, metavar="N", help="N frames a clip, evenly spaced")
    parser.add_argument("--detector", choices=DETECTOR_NAMES, default="yunet", help="default: %(default)s")
    parser.add_argument(
        "--margin", type=_margin, default=0.3, help="extra around a face, as a share of it (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="deals splits the owner does not give (default: 0)")
    parser.add_argument("--workers", type=_count, metavar="N", help="processes (default: one a core)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Extract; 0 when every clip could be read, 1 when some could not."""
    every = None if options.per_clip else options.every or EVERY
    settings = ExtractSettings(
        sampling=Sampling(every=every, per_clip=options.per_clip),
        detector=DetectorSettings(name=options.detector),
        margin=options.margin,
        seed=options.seed,
    )
    clip_set = read_clip_set(options.data_set)
    with tqdm(total=len(clip_set.clips), desc=f"Faces of {clip_set.name}", unit="clip", leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        extraction = extract(clip_set, options.out, settings, num_workers=options.workers, on_progress=show)
    counts, *about_clips = lines_about(extraction)
    say(counts)
    for line in about_clips:
        complain(line)
    say(f"Wrote {extraction.folder / INDEX_FILE}. To train on it: python train.py --data {extraction.folder}")
    return _SOME_UNREADABLE if extraction.clips_with("unreadable") else _ALL_READ


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _margin(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 2:
        raise argparse.ArgumentTypeError(f"{text} does not lie between 0 and 2")
    return number
