"""python -m deepfake calibrate: teach a model's card how much its answers on clips are worth."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deepfake.classifier.card import Card, write_card
from deepfake.classifier.classifier import CARD_FILE
from deepfake.classifier.library import EVALUATION_FILE, find_model
from deepfake.commands.console import complain, say
from deepfake.commands.evaluate import clip_progress
from deepfake.commands.loading import load_model_quietly
from deepfake.data.clip_layouts import ClipSet, LabelledClip, deal_splits, read_clip_set
from deepfake.errors import DataError, EmptyDatasetError
from deepfake.files import read_whole, write_whole
from deepfake.reports.tables import clip_table

_CHOSEN_HERE = "left out in turn"
_UNTOUCHED = "not used for any choice"


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("calibrate", help="choose how a model judges clips, and measure it on clips")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="sets of clips to choose on")
    parser.add_argument("--measure", nargs="*", type=Path, default=[], metavar="DIR", help="sets to measure on alone")
    parser.add_argument("--model", metavar="NAME", help="see `models`; the default one otherwise")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Choose on some sets, measure on all, and write both beside the weights."""
    from deepfake.evaluation.clips import evaluate_clips, judge_clips
    from deepfake.training.clip_point import choose_clip_rules

    classifier = load_model_quietly(options.model)
    card = classifier.card
    to_choose = [read_clip_set(folder) for folder in options.folders]
    to_measure = [read_clip_set(folder) for folder in options.measure]
    _refuse_equal_names([*to_choose, *to_measure])
    chosen_on, kept_apart = {}, {}
    for dataset in to_choose:
        to_choose_on, tested = _parted(dataset, card)
        chosen_on[dataset.name] = judge_clips(dataset, to_choose_on, classifier, on_progress=clip_progress)
        kept_apart[f"{dataset.name}, test split"] = judge_clips(dataset, tested, classifier, on_progress=clip_progress)
    rules, probabilities = choose_clip_rules(
        chosen_on, shift_per_log_person=card.rules.logit_shift_per_log_face, seed=options.seed
    )
    card = replace(card, clips=rules)
    measured = {
        name: {"use": _CHOSEN_HERE, **evaluate_clips(clips, card, probabilities=probabilities[name])}
        for name, clips in chosen_on.items()
        if name in probabilities
    }
    for dataset in to_measure:
        name, untouched = dataset.name, list(dataset.clips)
        if card.learned_from(name) or name in card.chosen_on:
            name, (_, untouched) = f"{name}, test split", _parted(dataset, card)
        kept_apart[name] = judge_clips(dataset, untouched, classifier, on_progress=clip_progress)
    for clip in (one for clips in (*chosen_on.values(), *kept_apart.values()) for one in clips):
        if clip.problem:
            complain(f"{clip.name} is left out: {clip.problem}")
    for name, clips in kept_apart.items():
        if any(clip.people for clip in clips):
            measured[name] = {"use": _UNTOUCHED, **evaluate_clips(clips, card)}
    _write(find_model(card.name), card, measured)
    for line in clip_table({"clips": measured}).splitlines():
        say(line)
    if rules.note["unmet"]:
        complain("Firm verdicts on clips would be wrong too often, so this model will call every clip inconclusive.")
    return 0


def _refuse_equal_names(sets: Sequence[ClipSet]) -> None:
    names = [one.name for one in sets]
    if len(set(names)) < len(names):
        raise DataError(
            f"Two sets of clips have the same name: {', '.join(names)}. Expected different ones: what was chosen on a "
            "set cannot be measured on it, and results are kept by name. Leave one out, or rename a folder."
        )


def _parted(dataset: ClipSet, card: Card) -> tuple[list[LabelledClip], list[LabelledClip]]:
    """Clips that the model was not trained on, to choose on; and those of the test split, to measure on alone."""
    splits = list(zip(dataset.clips, deal_splits(dataset, seed=card.split_seed(dataset.name)), strict=True))
    allowed = ("valid",) if card.learned_from(dataset.name) else ("train", "valid")
    to_choose_on = [clip for clip, split in splits if split in allowed]
    if not to_choose_on:
        raise EmptyDatasetError(
            f"{dataset.name} has no clip outside its test split that this model was not trained on. Expected some to "
            "choose on. Name another set."
        )
    return to_choose_on, [clip for clip, split in splits if split == "test"]


def _write(folder: Path, card: Card, measured: dict[str, Any]) -> None:
    path = folder / EVALUATION_FILE
    evaluation = json.loads(read_whole(path)) if path.is_file() else _nothing_measured(card)
    evaluation["clips"] = measured
    write_whole(path, (json.dumps(evaluation, indent=1) + "\n").encode())
    write_card(folder / CARD_FILE, card)
    say(f"Wrote {folder / CARD_FILE} and {path}.")


def _nothing_measured(card: Card) -> dict[str, Any]:
    """What the evaluation of a model says that was measured on clips alone."""
    return {"format_version": 1, "model": card.name, "split": "none", "threshold": card.rules.threshold, "sets": {},
            "macro": {}, "robustness": {}, "montages": {}}  # fmt: skip
