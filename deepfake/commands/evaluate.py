"""python -m deepfake evaluate: the metrics of training, for any data set in a known layout."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from deepfake.classifier.card import Card
from deepfake.classifier.classifier import Classifier
from deepfake.commands.console import complain, say
from deepfake.commands.loading import load_model_quietly
from deepfake.commands.measure_explanations import measure_on_pairs, measure_on_pictures
from deepfake.data.clip_layouts import ClipSet, deal_splits, find_clip_set
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.layouts import SPLIT_NAMES, Dataset, read_dataset
from deepfake.data.prepare import PreparedSet, prepare_set
from deepfake.errors import EmptyDatasetError, UnknownLayoutError
from deepfake.evaluation.clips import evaluate_clips, judge_clips
from deepfake.evaluation.evaluate import evaluate
from deepfake.files import write_whole
from deepfake.reports.wording import HEADLINES
from deepfake.verdicts import FAKE, REAL, UNCERTAIN

_MEASURED = ("sets", "clips", "explanations", "altered_pixels")
_PROGRESS_EVERY = 1000
_CLIPS_EVERY = 10
_SHOWN = ("auc", "eer", "ap", "accuracy", "precision_fake", "recall_fake", "f1_fake", "precision_real", "recall_real",
          "f1_real", "false_alarm_rate", "log_loss", "brier", "ece")  # fmt: skip


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("evaluate", help="measure a model on data sets")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--model", metavar="NAME", help="see `models`; the default one otherwise")
    parser.add_argument(
        "--split",
        choices=(*SPLIT_NAMES, "all"),
        help="default: test for sets that the model has seen, or that have splits of their own; else all",
    )
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write everything, curves included")
    parser.add_argument("--cache-dir", type=Path, default=default_cache_dir(), help="face crops (default: %(default)s)")
    parser.add_argument(
        "--explanations",
        action="store_true",
        help="measure what explanations are worth instead: on pictures by hiding what they point to, on clips of "
        "FaceForensics++ by what was altered",
    )
    parser.add_argument(
        "--limit", type=int, default=200, metavar="N", help="faces to explain of each set (default: %(default)s)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure each set and show a table of each."""
    classifier = load_model_quietly(options.model)
    results = []
    for folder in options.folders:
        dataset = _open(folder)
        if options.explanations:
            results.append(_measure_explanations(dataset, classifier, options))
            continue
        if isinstance(dataset, ClipSet):
            results.append(_evaluate_clips(dataset, classifier, options.split))
            continue
        prepared = _prepare(dataset, classifier, options.cache_dir)
        split = options.split or _default_split(dataset, classifier)
        result = evaluate(classifier, [prepared], split=split)
        results.append(result)
        _show(dataset, split, result, classifier)
    if options.json is not None:
        write_whole(options.json, (json.dumps(results, indent=1) + "\n").encode())
    return 0 if any(result.get(key) for result in results for key in _MEASURED) else 2


def _open(folder: Path) -> Dataset | ClipSet:
    """A set of pictures; a set of clips where there are none."""
    try:
        return read_dataset(folder)
    except (UnknownLayoutError, EmptyDatasetError):
        clips = find_clip_set(folder)
        if clips is None or not clips.clips:
            raise
        return clips


def _prepare(dataset: Dataset, classifier: Classifier, cache_dir: Path) -> PreparedSet:
    def report(done: int, total: int) -> None:
        if done % _PROGRESS_EVERY == 0:
            complain(f"Cutting faces: {done} of {total}")

    seed = int(classifier.card.recipe.get("seed", 0))  # the hand that training was dealt
    return prepare_set(dataset, classifier.card.crop, seed=seed, cache_dir=cache_dir, on_progress=report)


def _measure_explanations(
    dataset: Dataset | ClipSet, classifier: Classifier, options: argparse.Namespace
) -> dict[str, Any]:
    if isinstance(dataset, ClipSet):
        return measure_on_pairs(dataset, classifier, options.limit)
    prepared = _prepare(dataset, classifier, options.cache_dir)
    split = options.split or _default_split(dataset, classifier)
    return measure_on_pictures(prepared, split, classifier, options.limit)


def _evaluate_clips(dataset: ClipSet, classifier: Classifier, split: str | None) -> dict[str, Any]:
    """Measure a set of clips as they are, frame by frame and as wholes."""
    card = classifier.card
    learned = card.learned_from(dataset.name)
    is_chosen_on = card.clips is not None and dataset.name in card.clips.note.get("chosen_on", {})
    wanted = split or (
        "test"
        if learned
        or dataset.name in card.chosen_on
        or is_chosen_on
        or any(clip.split == "test" for clip in dataset.clips)
        else "all"
    )
    splits = deal_splits(dataset, seed=card.split_seed(dataset.name))
    chosen = [clip for clip, split in zip(dataset.clips, splits, strict=True) if wanted in ("all", split)]
    if not chosen:
        complain(f"{dataset.name} has no clip in its {wanted} split. Choose another --split.")
        return {"format_version": 1, "model": classifier.card.name, "split": wanted, "clips": {}}
    judged = judge_clips(dataset, chosen, classifier, on_progress=clip_progress)
    measured = evaluate_clips(judged, classifier.card)
    seen = _relation(card, dataset.name)
    if is_chosen_on and not learned:
        seen += ", the rules for clips were chosen on its other splits" if wanted == "test" else ", RULES CHOSEN ON IT"
    say(
        f"{dataset.name}, split {wanted}, {seen}: {measured['num_clips']} clips of "
        f"{len({clip.source for clip in chosen})} sources; {measured['num_unreadable']} could not be read, in "
        f"{measured['num_without_person']} nobody could be judged"
    )
    for clip in judged:
        if clip.problem:
            complain(f"{clip.name}: {clip.problem}")
    say("  intervals are of 95 %, whole sources (pairs of people) resampled; fewer than ten sources have none")
    for unit in ("frame", "clip"):
        if unit in measured:
            for name in _SHOWN:
                if name in measured[unit]["metrics"]:
                    say(f"  {unit:<5} {name:<17} {_estimate(measured[unit]['metrics'][name])}")
            say(f"  {unit:<5} firm verdicts     {_estimate(measured[unit]['firm']['coverage'])}")
            say(f"  {unit:<5} firm and right    {_estimate(measured[unit]['firm']['correctness'])} of firm verdicts")
    if classifier.card.clips is None:
        complain("This model's card has no rules for clips. `python -m deepfake calibrate` chooses them.")
    return {"format_version": 1, "model": classifier.card.name, "split": wanted, "clips": {dataset.name: measured}}


def clip_progress(done: int, total: int) -> None:
    """Say how many clips were judged, now and then."""
    if done % _CLIPS_EVERY == 0:
        complain(f"Judging clips: {done} of {total}")


def _default_split(dataset: Dataset, classifier: Classifier) -> str:
    has_own_test = any(sample.split == "test" for sample in dataset.samples)
    return "test" if has_own_test or classifier.card.describes(dataset.name) else "all"


def _relation(card: Card, name: str) -> str:
    """Whether a model knows a set from its training."""
    if card.imported is not None:
        return "imported model: whether it learned from this set is not known"
    return "in-data-set" if card.learned_from(name) else "cross-data-set"


def _show(dataset: Dataset, split: str, result: dict[str, Any], classifier: Classifier) -> None:
    measured = result["sets"].get(dataset.name)
    if measured is None:
        complain(f"{dataset.name} has no file in its {split} split. Choose another --split.")
        return
    seen = _relation(classifier.card, dataset.name)
    say(f"{dataset.name}, split {split}, {seen}: {measured['num_real']} real and {measured['num_fake']} fake images")
    say(f"  {measured['num_without_face']} files of the whole set show no face and are counted here alone")
    for name in _SHOWN:
        if name in measured["metrics"]:
            say(f"  image {name:<17} {_estimate(measured['metrics'][name])}")
    (real_real, real_fake), (fake_real, fake_fake) = measured["confusion"]
    say(
        f"  above the threshold {result['threshold']:.3f}: {real_fake} of {real_real + real_fake} real images, "
        f"{fake_fake} of {fake_real + fake_fake} fake ones"
    )
    for truth, counts in measured["firm"]["verdicts"].items():
        said = ", ".join(f"{counts[verdict]} “{HEADLINES[verdict].lower()}”" for verdict in (FAKE, UNCERTAIN, REAL))
        say(f"  verdicts on {truth} images: {said}")
    say(f"  firm verdicts         {_estimate(measured['firm']['coverage'])} of images")
    say(f"  firm and right        {_estimate(measured['firm']['correctness'])} of firm verdicts")


def _estimate(estimate: dict[str, Any]) -> str:
    if estimate["value"] is None:
        return "undefined"
    if estimate["low"] is None:
        return f"{estimate['value']:.3f}, n={estimate['n']}"
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}], n={estimate['n']}"
