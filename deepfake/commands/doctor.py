"""python -m deepfake doctor: whether this installation is whole, and its models say what they said when published."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from deepfake.classifier.card import write_card
from deepfake.classifier.classifier import CARD_FILE
from deepfake.classifier.library import find_model
from deepfake.commands.console import complain, say
from deepfake.commands.loading import load_model_quietly
from deepfake.data.crop_cache import default_cache_dir
from deepfake.doctor.face_finder import check_face_finder
from deepfake.doctor.findings import Finding
from deepfake.doctor.installation import check_libraries, check_python
from deepfake.doctor.machine import check_disk, check_memory, free_memory_bytes
from deepfake.doctor.models import check_models
from deepfake.errors import InvalidMeasurementError

_ALL_WELL, _SOMETHING_FAILS = 0, 1
_MARKS = {"fine": "fine ", "note": "note ", "fault": "FAULT"}


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("doctor", help="see whether everything is there and works")
    parser.add_argument(
        "--remember",
        metavar="MODEL",
        help="write what a model makes of the self-test picture on its card, if it was published before cards said it",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Say what is fine and what fails; 1 where anything fails."""
    if options.remember is not None:
        _remember(options.remember)
        return _ALL_WELL
    num_faults = 0
    for finding in _look():
        say(f"{_MARKS[finding.grade]}  {finding.sentence}")
        num_faults += finding.grade == "fault"
    if num_faults:
        complain(f"Something fails: {num_faults} of the lines above say what, and what helps.")
    return _SOMETHING_FAILS if num_faults else _ALL_WELL


def _look() -> Iterator[Finding]:
    yield check_python()
    yield from check_libraries()
    yield check_memory(free_memory_bytes())
    yield check_disk(default_cache_dir())
    yield check_face_finder()
    yield from check_models(load_model_quietly)


def _remember(name: str) -> None:
    from deepfake.evaluation.self_test import judge_portrait

    path = find_model(name) / CARD_FILE
    classifier = load_model_quietly(name)
    if classifier.card.portrait_probability is not None:
        raise InvalidMeasurementError(
            f"The card of {name} says already what it makes of the self-test picture. Expected a card that does not: "
            "another answer today would be a fault of this installation, and is not written over."
        )
    probability = judge_portrait(classifier)
    write_card(path, replace(classifier.card, portrait_probability=probability))
    say(f"Wrote {path}: the self-test picture gets {probability}.")
