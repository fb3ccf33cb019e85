"""python -m deepfake left-out: what a model is worth on sets that sisters of it never saw."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from deepfake.classifier.card import Card
from deepfake.classifier.library import LEFT_OUT_FILE, find_model
from deepfake.commands.console import complain, say
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.layouts import SPLIT_NAMES
from deepfake.data.opening import open_dataset
from deepfake.data.prepare import PreparedSet, prepare_set
from deepfake.errors import EmptyDatasetError


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("left-out", help="measure sisters of a model on the sets that they never saw")
    parser.add_argument("model", metavar="NAME", help="the model beside which the result is kept, see `models`")
    parser.add_argument(
        "--sisters",
        nargs="+",
        type=Path,
        required=True,
        metavar="DIR",
        help="folders of models, its own among them; the first that never saw a set speaks for it",
    )
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="DIR", help="sets of pictures or clips")
    parser.add_argument("--split", choices=SPLIT_NAMES, default="test", help="default: %(default)s")
    parser.add_argument("--cache-dir", type=Path, default=default_cache_dir(), help="face crops (default: %(default)s)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure every sister on every set, keep and show the rows of what they never saw."""
    from deepfake.classifier.classifier import load_classifier
    from deepfake.evaluation.left_out import LeftOut, LeftOutRow, write_left_out
    from deepfake.evaluation.sisters import measure_left_out
    from deepfake.reports.tables import left_out_table

    folder = find_model(options.model)
    rows: dict[str, LeftOutRow] = {}
    for place in options.sisters:
        sister = load_classifier(place)
        complain(f"Measuring {sister.card.name}.")
        sets = [_prepare(data, sister.card, options.cache_dir) for data in options.data]
        for row in measure_left_out(sister, sets, split=options.split):
            rows.setdefault(row.set_name, row)
    if not rows:
        raise EmptyDatasetError(
            "The sisters learned from every set that was named. Expected sets that one of them never saw. Train one "
            "with train.py --data without a set, and --measure it."
        )
    command = f"python -m deepfake left-out {options.model} --sisters {_names(options.sisters)} --data "
    left_out = LeftOut(rows=tuple(rows.values()), command=command + _names(options.data, prefix="$DATA/"))
    write_left_out(folder / LEFT_OUT_FILE, left_out)
    for line in left_out_table(left_out).splitlines():
        say(line)
    return 0


def _prepare(folder: Path, card: Card, cache_dir: Path) -> PreparedSet:
    seed = int(card.recipe.get("seed", 0))
    dataset = open_dataset(folder, card.crop, cache_dir=cache_dir, seed=seed)
    return prepare_set(dataset, card.crop, seed=card.split_seed(dataset.name), cache_dir=cache_dir)


def _names(folders: list[Path], *, prefix: str = "") -> str:
    """Without the paths of this machine."""
    return " ".join(f"{prefix}{folder.resolve().name}" for folder in folders)
