"""python -m deepfake scan: an archive of any size, wherever it lies, judged by many workers and never twice."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from tqdm import tqdm

from deepfake.analysis import FACE_CHOICES
from deepfake.classifier.card import read_card
from deepfake.classifier.classifier import CARD_FILE, WEIGHTS_FILE, verify_weights
from deepfake.classifier.library import find_model
from deepfake.commands.console import complain, say
from deepfake.errors import FileAccessError, ScanError
from deepfake.scanning import PATIENCE_S

_ALL_JUDGED, _SOME_REFUSED, _NONE_JUDGED = 0, 1, 2


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("scan", help="judge an archive of any size, on many processes or machines")
    parser.add_argument("source", metavar="SOURCE", help="a folder, or an address: s3://, gs://, https://...")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="RESULTS.parquet", help="new, or left by a killed run"
    )
    parser.add_argument("--model", metavar="NAME", help="see `models`; the default one otherwise")
    parser.add_argument("--faces", choices=FACE_CHOICES, default="all", help="as for `check` (default: %(default)s)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="of a Dask cluster; this machine otherwise")
    where.add_argument("--workers", type=int, metavar="N", help="processes on this machine (default: one a core)")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_S,
        metavar="SECONDS",
        help="end when no worker was there for so long (default: %(default).0f)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Scan; 0 when all files were judged, 1 when some were refused, 2 when none could be."""
    if options.out.suffix != ".parquet":
        raise FileAccessError(f"--out writes a Parquet file. Expected a name that ends in .parquet, not {options.out}.")
    if options.workers is not None and options.workers < 1:
        raise ScanError(f"--workers must be 1 or more. Received: {options.workers}.")
    if not 0 < options.patience < math.inf:
        raise ScanError(f"--patience must be a number of seconds above 0. Received: {options.patience}.")
    folder = find_model(options.model)
    card = read_card(folder / CARD_FILE)
    verify_weights(folder / WEIGHTS_FILE, card)
    scan = _import_scan()
    with tqdm(desc="Scanning", unit="file", leave=False, smoothing=0.05) as bar:

        def show(done: int, total: int) -> None:
            if bar.total is None:
                bar.total, bar.initial, bar.n = total, done, done
            bar.update(done - bar.n)

        done = scan(
            options.source,
            options.out,
            card,
            faces=options.faces,
            scheduler=options.scheduler,
            num_workers=options.workers,
            patience_s=options.patience,
            on_progress=show,
        )
    if done.num_skipped:
        complain(f"Skipped {done.num_skipped} files that are not pictures or clips by their names.")
    counts = done.counts
    verdicts = ", ".join(f"{number} {verdict}" for verdict, number in counts.verdicts.items())
    say(f"{counts.num_files} files: {verdicts or 'none judged'}; {counts.num_errors} could not be read.")
    if counts.num_duplicates:
        say(f"{counts.num_duplicates} of them are copies of others and were not judged again.")
    say(f"Wrote {done.results} and {done.manifest}.")
    if counts.num_errors == counts.num_files:
        return _NONE_JUDGED
    return _SOME_REFUSED if counts.num_errors else _ALL_JUDGED


def _import_scan() -> Any:
    """The packages for scans are an extra; all else works without them."""
    try:
        from deepfake.scanning.scan import scan
    except ModuleNotFoundError as error:
        raise ScanError(
            f"Scanning needs one more package: {error.name}. Install what it needs with "
            "`python -m pip install -r requirements-scale.txt`, or judge a smaller folder with `check`."
        ) from error
    return scan
