"""Train a model: python train.py --help.

Reads data sets by their layout, cuts faces as the app will, trains a recipe, chooses calibration, threshold and
band on validation splits, evaluates on test splits, and writes models/NAME/, which the app then offers.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from deepfake.classifier.library import models_dir
from deepfake.data.balance import BALANCE_METHODS, draw_files
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.download import download_140k
from deepfake.data.layouts import Dataset
from deepfake.data.opening import open_dataset, refuse_equal_names
from deepfake.data.prepare import PreparedSet, prepare_set
from deepfake.errors import DeepfakeError, EmptyDatasetError

if TYPE_CHECKING:
    from deepfake.training.recipes import Recipe
    from deepfake.training.trials import Search, Trial

log = logging.getLogger("train")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 0 when a model was written, 2 when something was refused."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes on absent GPUs frighten people
    try:
        if options.list:
            _list_recipes()
        else:
            _run(options)
    except DeepfakeError as error:
        log.error("Stopped: %s", error)
        return 2
    except KeyboardInterrupt:
        log.error("Interrupted. The same command goes on from the last finished epoch.")
        return 130
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", nargs="+", type=Path, metavar="DIR",
                        help="data sets of pictures or clips; default: download Kaggle 140k")  # fmt: skip
    parser.add_argument("--measure", nargs="+", type=Path, default=[], metavar="DIR",
                        help="sets to measure too, from which nothing is learned or chosen")  # fmt: skip
    parser.add_argument("--limit", type=int, metavar="N",
                        help="take at most N files of each set, drawn by the seed: for a first try")  # fmt: skip
    parser.add_argument("--recipe", default="cnn64", help="how to train (default: %(default)s)")
    parser.add_argument("--list", action="store_true", help="show the recipes, a line each, and end")
    parser.add_argument(
        "--set", action="append", default=[], dest="knobs", metavar="KNOB=VALUE", help="change the recipe; repeatable"
    )
    parser.add_argument(
        "--backbone-weights",
        metavar="imagenet|none|FILE",
        help="what a pretrained recipe starts from; 'none' is random, on purpose (default: imagenet)",
    )
    parser.add_argument("--name", help="name of the model's folder (default: the recipe and the sets)")
    parser.add_argument("--models-dir", type=Path, default=models_dir(), help="default: %(default)s")
    parser.add_argument("--overwrite", action="store_true", help="replace a model of that name")
    parser.add_argument("--tune", type=int, metavar="N", help="first search the recipe's ranges in N trials")
    parser.add_argument("--tune-epochs", type=int, help="epochs of each trial (default: a quarter of the recipe's)")
    parser.add_argument(
        "--devices", default="1", metavar="all|N", help="how many devices share each step (default: %(default)s)"
    )
    parser.add_argument("--balance", choices=BALANCE_METHODS, help="how classes are balanced in each set")
    parser.add_argument("--epochs", type=int, help="at most so many passes")
    parser.add_argument(
        "--no-test", action="store_true", help="an experiment: leave the test splits unseen, evaluate on validation"
    )
    parser.add_argument("--no-robustness", action="store_true", help="do not measure worse files, which takes longest")
    parser.add_argument("--seed", type=int, help="of weights, shuffling, augmentation and splits")
    parser.add_argument("--cache-dir", type=Path, default=default_cache_dir(), help="face crops (default: %(default)s)")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"), help="checkpoints (default: %(default)s)")
    parser.add_argument("--tensorboard", type=Path, metavar="DIR", help="also log for TensorBoard")
    options = parser.parse_args(arguments)
    if options.tune_epochs is not None and options.tune is None:
        parser.error("--tune-epochs needs --tune N, whose trials it shortens")
    return options


def _list_recipes() -> None:
    from deepfake.training.recipes import RECIPES

    for recipe in RECIPES.values():
        sys.stdout.write(f"{recipe.name}: {recipe.summary}\n")


def _run(options: argparse.Namespace) -> None:
    from deepfake.evaluation.drafts import draft_of_trained  # these load TensorFlow
    from deepfake.evaluation.publish import publish_model, refuse_to_replace
    from deepfake.reports.tables import interval
    from deepfake.training.devices import count_devices
    from deepfake.training.run_folder import forget_run
    from deepfake.training.trainer import train

    recipe = _recipe(options)
    num_devices = count_devices(options.devices)
    recipe.check_start()  # before an hour of cutting faces, not after
    log.info("Recipe %s, starting from: %s.", recipe.name, recipe.start())
    folders = options.data or [download_140k()]
    datasets, left_out = (
        [_open(folder, recipe, options.cache_dir, options.limit) for folder in some]
        for some in (folders, options.measure)
    )
    name = options.name or f"{recipe.name}-{'-'.join(dataset.name for dataset in datasets)}"
    refuse_to_replace(options.models_dir / name, overwrite=options.overwrite)

    refuse_equal_names([*datasets, *left_out])
    unseen = [_prepare(dataset, recipe, options.cache_dir) for dataset in left_out]
    sets = [_prepare(dataset, recipe, options.cache_dir) for dataset in datasets]
    teaching = [one for one in sets if not one.dataset.is_all_real]
    if not teaching:
        raise EmptyDatasetError("All sets named hold real faces alone. Expected at least one with fakes beside them.")
    run_dir = options.runs_dir / name
    search = _search(options, recipe, teaching, run_dir / "search", num_devices) if options.tune is not None else None
    if search:
        recipe = replace(recipe, **search.best.knobs)
    trained = train(recipe, teaching, run_dir=run_dir, tensorboard_dir=options.tensorboard, num_devices=num_devices)
    for rows in trained.rows:
        log.info(
            "%s: training rows %s, after balancing (%s) %s",
            rows.name,
            rows.counts_before,
            recipe.balance,
            rows.counts_after,
        )
    split = "valid" if options.no_test else "test"
    log.info("Kept epoch %d of %d. Evaluating on the %s splits.", trained.best_epoch + 1, len(trained.history), split)

    card, evaluation = publish_model(
        trained.model,
        draft_of_trained(trained, recipe, sets, left_out=unseen, name=name),
        sets,
        options.models_dir / name,
        history=trained.history,
        overwrite=options.overwrite,
        split=split,
        left_out=unseen,
        robustness=not options.no_robustness,
        search=search,
    )
    forget_run(run_dir)
    for set_name, result in evaluation["sets"].items():
        auc = result["metrics"].get("auc")
        alarms = result["metrics"]["false_alarm_rate"]
        log.info(
            "%-12s (%s) image AUC %s, false alarms %.3f, firm verdicts %.2f of files",
            set_name,
            split,
            interval(auc),
            alarms["value"] if alarms["value"] is not None else float("nan"),
            result["firm"]["coverage"]["value"],
        )
    log.info("Wrote %s (threshold %.2f).", options.models_dir / name, card.rules.threshold)


def _search(
    options: argparse.Namespace, recipe: Recipe, sets: Sequence[PreparedSet], run_dir: Path, num_devices: int
) -> Search:
    from deepfake.reports.tables import trials_table
    from deepfake.training.tune import tune

    def say(trial: Trial, num_trials: int) -> None:
        knobs = ", ".join(f"{knob} {value:.4g}" for knob, value in trial.knobs.items())
        came = trial.failure or f"mean validation AUC {trial.val_auc:.4f}"
        log.info("Trial %d of %d: %s (%s)", trial.number + 1, num_trials, came, knobs)

    search = tune(
        recipe,
        sets,
        num_trials=options.tune,
        epochs=options.tune_epochs,
        keep=[assignment.partition("=")[0].strip() for assignment in _assignments(options)],
        run_dir=run_dir,
        num_devices=num_devices,
        on_trial=say,
    )
    log.info("%s", trials_table(search))
    log.info("Training with the knobs of trial %d, all %d epochs.", search.best.number, recipe.epochs)
    return search


def _recipe(options: argparse.Namespace) -> Recipe:
    from deepfake.training.recipes import find_recipe
    from deepfake.training.recipes.knobs import set_knobs

    return set_knobs(find_recipe(options.recipe), _assignments(options))


def _assignments(options: argparse.Namespace) -> list[str]:
    """All that the person set, as knob=value; the last word counts."""
    named = ("balance", "epochs", "seed", "backbone_weights")  # these have options of their own
    own = [f"{knob}={getattr(options, knob)}" for knob in named if getattr(options, knob) is not None]
    return [*own, *options.knobs]


def _open(folder: Path, recipe: Recipe, cache_dir: Path, limit: int | None) -> Dataset:
    """Read a set, or a part of it; clips become face crops in the cache first."""
    with tqdm(desc=f"Faces of the clips in {folder.name}", unit="clip", leave=False, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        dataset = open_dataset(
            folder,
            recipe.crop_settings(),
            cache_dir=cache_dir,
            seed=recipe.seed,
            on_progress=show,
            on_note=log.info,
        )
    return dataset if limit is None else draw_files(dataset, limit, seed=recipe.seed)


def _prepare(dataset: Dataset, recipe: Recipe, cache_dir: Path) -> PreparedSet:
    log.info("%s: %s files in %s (layout '%s')", dataset.name, dataset.counts(), dataset.root, dataset.layout)
    with tqdm(total=len(dataset.samples), desc=f"Faces of {dataset.name}", unit="file", leave=False) as bar:
        prepared = prepare_set(
            dataset,
            recipe.crop_settings(),
            seed=recipe.seed,
            cache_dir=cache_dir,
            on_progress=lambda done, _: bar.update(done - bar.n),
        )
    _log_what_was_left_out(prepared)
    return prepared


def _log_what_was_left_out(prepared: PreparedSet) -> None:
    summary = prepared.summary()
    log.info(
        "%s: splits %s; %d without a face, %d unreadable, %d sources merged, %d duplicates dropped; "
        "%.1f %% of the crops' pixels lie outside their files",
        prepared.name,
        summary["splits"],
        summary["without_face"],
        summary["unreadable"],
        summary["sources_merged"],
        summary["duplicates_dropped"],
        100 * summary["mean_share_outside_file"],
    )
    for path in prepared.crop_set.paths_with("unreadable"):
        log.info("%s: skipped, unreadable: %s", prepared.name, path)


if __name__ == "__main__":
    sys.exit(main())
