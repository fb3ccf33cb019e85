"""python -m deepfake import: a model that was trained elsewhere, from the numbers in a Keras file alone."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from deepfake.classifier.classifier import Classifier, compile_scorer
from deepfake.classifier.foreign.adapting import AS_RECIPE, PIXELS
from deepfake.classifier.foreign.reader import read_weights
from deepfake.classifier.library import models_dir
from deepfake.classifier.quiet import without_native_notes
from deepfake.commands.console import complain, say
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.opening import open_dataset, refuse_equal_names
from deepfake.data.prepare import PreparedSet, prepare_set
from deepfake.errors import EmptyDatasetError, FileAccessError, ForeignWeightsError
from deepfake.reports.tables import interval, metrics_table

if TYPE_CHECKING:
    from deepfake.training.recipes import Recipe

_REAL_IS_0 = 1  # what --fake-is means by default
_PLAIN_NAME = re.compile(r"\w[\w.-]*")


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("import", help="take in a Keras model that was trained elsewhere, and measure it")
    parser.add_argument(
        "file", type=Path, metavar="MODEL", help=".h5 or .keras; its numbers are read, and nothing else"
    )
    parser.add_argument("--recipe", required=True, metavar="NAME", help="whose network it is: python train.py --list")
    parser.add_argument(
        "--data", nargs="+", type=Path, required=True, metavar="DIR", help="real and fake faces to measure it on"
    )
    parser.add_argument("--name", help="name of the model's folder (default: after the file)")
    parser.add_argument("--models-dir", type=Path, default=models_dir(), help="default: %(default)s")
    parser.add_argument("--overwrite", action="store_true", help="replace a model of that name")
    parser.add_argument("--fake-is", type=int, choices=(0, 1), help="the label of fakes in its training (default: 1)")
    parser.add_argument(
        "--pixels",
        choices=PIXELS,
        default=AS_RECIPE,
        help="to what its pixels were scaled in training: as in the recipe; unit: 0..1; signed: -1..1; raw: 0..255; "
        "applications: as keras.applications scales them (default: %(default)s)",
    )
    parser.add_argument(
        "--set", action="append", default=[], dest="knobs", metavar="KNOB=VALUE", help="change the recipe; repeatable"
    )
    parser.add_argument("--cache-dir", type=Path, default=default_cache_dir(), help="face crops (default: %(default)s)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read and fit the numbers, choose on validation splits, measure on test splits, write."""
    with without_native_notes():
        from deepfake.evaluation.class_order import is_turned_around, validation_auc
        from deepfake.evaluation.drafts import draft_of_imported
        from deepfake.evaluation.publish import publish_model, refuse_to_replace
        from deepfake.training.importing import put_weights_into, shaped_recipe

        name = _name(options.name, options.file)
        folder = options.models_dir / name
        recipe = shaped_recipe(options.recipe, options.knobs)
        refuse_to_replace(folder, overwrite=options.overwrite)
        fake_is = _REAL_IS_0 if options.fake_is is None else options.fake_is
        imported = put_weights_into(recipe, read_weights(options.file), fake_is=fake_is, pixels=options.pixels)
    sets = _prepared(options.data, recipe, options.cache_dir)
    draft = draft_of_imported(imported, sets, name=name)
    auc = validation_auc(Classifier(compile_scorer(imported.model), draft), sets)
    if is_turned_around(auc):
        turned = (
            f"On validation splits it gives real faces the higher scores: image AUC {interval(auc)}, 0.5 is guessing."
        )
        if options.fake_is is None:
            raise ForeignWeightsError(
                f"{turned} Expected fakes to have them. In its training, 0 may have meant fake. Nothing was written, "
                "no test split was looked at: say --fake-is 0 to turn its scores around, or --fake-is 1 to keep them."
            )
        complain(turned)
    card, evaluation = publish_model(imported.model, draft, sets, folder, overwrite=options.overwrite)
    for line in metrics_table(evaluation).splitlines():
        say(line)
    complain(" ".join(card.limits[:2]))
    say(f"Wrote {folder} (threshold {card.rules.threshold:.2f}).")
    return 0


def _name(wanted: str | None, file: Path) -> str:
    """The name of the model's folder, after the file where none is wanted."""
    if wanted is None:
        stem = file.stem.removesuffix(".weights")
        return f"imported-{re.sub(r'[^A-Za-z0-9_]+', '-', stem).strip('-') or 'model'}"
    if not _PLAIN_NAME.fullmatch(wanted):
        raise FileAccessError(
            f"--name received {wanted!r}. Expected the name of a folder: letters, digits, '-', '_' and '.', no path. "
            "Choose another, and its place with --models-dir."
        )
    return wanted


def _prepared(folders: Sequence[Path], recipe: Recipe, cache_dir: Path) -> list[PreparedSet]:
    """The sets, cut as the model sees faces; those with fakes have both classes where it matters."""
    with tqdm(unit="file", leave=False, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        crop = recipe.crop_settings()
        datasets = [
            open_dataset(folder, crop, cache_dir=cache_dir, seed=recipe.seed, on_progress=show, on_note=complain)
            for folder in folders
        ]
        refuse_equal_names(datasets)
        sets = [
            prepare_set(dataset, crop, seed=recipe.seed, cache_dir=cache_dir, on_progress=show) for dataset in datasets
        ]
    if all(dataset.is_all_real for dataset in datasets):
        raise EmptyDatasetError("All sets named hold real faces alone. Expected at least one with fakes beside them.")
    for one in sets:
        if not one.dataset.is_all_real:
            one.require_both_classes("valid", "test")
    return sets
