"""python -m deepfake models: which models there are, and what each was measured to do."""

from __future__ import annotations

import argparse
import json
from typing import Any

from deepfake.classifier.card import Card
from deepfake.classifier.library import EVALUATION_FILE, LEFT_OUT_FILE, find_model, models_dir, read_cards
from deepfake.commands.console import complain, say
from deepfake.errors import InvalidCardError
from deepfake.evaluation.left_out import read_left_out
from deepfake.files import read_whole
from deepfake.reports.tables import (
    clip_table,
    group_table,
    left_out_table,
    metrics_table,
    montage_table,
    robustness_table,
    verdict_table,
)


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("models", help="list the models")
    parser.add_argument("--tables", metavar="NAME", help="show a model's evaluation as Markdown tables instead")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List every model, the default first; 2 where there is none."""
    if options.tables is not None:
        return _show_tables(options.tables)
    cards = read_cards()
    if not cards:
        complain(f"There is no model in {models_dir()}. Make one with: python train.py")
        return 2
    for number, (name, card) in enumerate(cards.items()):
        default = " (default)" if number == 0 else ""
        if isinstance(card, InvalidCardError):
            say(f"{name}{default}: cannot be used: {card}")
        else:
            say(f"{name}{default}: {card.title}, {card.num_parameters:,} parameters. {_measured(card)}")
    return 0


def _show_tables(name: str) -> int:
    folder = find_model(name)
    evaluation = json.loads(read_whole(folder / EVALUATION_FILE))
    of_pictures = (verdict_table, metrics_table, robustness_table, montage_table, group_table)
    tables = [table(evaluation) for table in of_pictures]
    if "clips" in evaluation:
        tables.append(clip_table(evaluation))
    if (folder / LEFT_OUT_FILE).is_file():
        tables.append(left_out_table(read_left_out(folder / LEFT_OUT_FILE)))
    for table in filter(None, tables):
        for line in (*table.splitlines(), ""):
            say(line)
    return 0


def _measured(card: Card) -> str:
    measured = card.metrics.get("sets", {})
    aucs = [f"{name} {one['auc']['value']:.2f} (n={one['auc']['n']})" for name, one in measured.items() if "auc" in one]
    split = card.metrics.get("split", "test")
    known = "" if card.imported is None else " What it learned from is not known, so these may be too good."
    return f"Image AUC on {split} splits: {', '.join(aucs)}.{known}" if aucs else "Not measured."
