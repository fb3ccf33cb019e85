"""python -m deepfake compare: all models side by side, from what lies beside each of them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from deepfake.classifier.card import read_card
from deepfake.classifier.classifier import CARD_FILE
from deepfake.classifier.library import EVALUATION_FILE, HISTORY_FILE, models_dir
from deepfake.commands.console import complain, say
from deepfake.errors import DeepfakeError, ModelNotFoundError
from deepfake.files import read_whole, write_whole


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("compare", help="print models side by side as a Markdown table")
    parser.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="DIR",
        help="folders of models, with or without their weights (default: models/ and docs/results/)",
    )
    parser.add_argument("--out", type=Path, metavar="OUT.svg", help="also draw the image AUCs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare everything found; 2 where there is nothing to compare."""
    from deepfake.reports.comparison import comparison_table, draw_comparison, published_table
    from deepfake.reports.figures import LIGHT, to_svg

    folders = options.folders or [models_dir(), models_dir().parent / "docs" / "results"]
    cards = [path for folder in folders for path in (*folder.glob(CARD_FILE), *sorted(folder.glob(f"*/{CARD_FILE}")))]
    models = [one for path in cards if (one := _read(path.parent)) is not None]
    if not models:
        raise ModelNotFoundError(
            f"There is no measured model in {', '.join(map(str, folders))}. Expected folders with {CARD_FILE} and "
            f"{EVALUATION_FILE} in them. Make one with: python train.py"
        )
    for table in (comparison_table(models), published_table()):
        for line in (*table.splitlines(), ""):
            say(line)
    if options.out is not None:
        write_whole(options.out, to_svg(draw_comparison(models, palette=LIGHT)).encode())
        complain(f"Wrote {options.out}.")
    return 0


def _require_measurements(evaluation: Any) -> None:
    """Touch what a row is made of, so that a damaged file is found before the table is begun."""
    for one in evaluation["sets"].values():
        _ = one["num_real"], one["num_fake"], one["metrics"]["false_alarm_rate"]
    for one in evaluation.get("clips", {}).values():
        _ = one["clip"]["metrics"]


def _read(folder: Path) -> Any:
    """A model with its measurements; None, with a note, where they are missing or damaged."""
    from deepfake.reports.comparison import Compared

    try:
        card = read_card(folder / CARD_FILE)
        evaluation = json.loads(read_whole(folder / EVALUATION_FILE))
        _require_measurements(evaluation)
        history = read_whole(folder / HISTORY_FILE).decode().splitlines() if card.imported is None else None
    except (DeepfakeError, ValueError, KeyError, TypeError, AttributeError) as error:
        complain(f"{folder} is left out: {type(error).__name__}: {error}")
        return None
    return Compared(card=card, evaluation=evaluation, num_epochs=None if history is None else max(0, len(history) - 1))
