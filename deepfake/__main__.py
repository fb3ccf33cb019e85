"""The command line: python -m deepfake COMMAND."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from deepfake import __version__
from deepfake.commands.console import complain
from deepfake.errors import DeepfakeError

NOTHING_RAN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; 2 where nothing could run."""
    try:
        modules = _commands()
    except ImportError as error:
        complain(
            f"A library is missing or cannot be loaded ({error}). Expected those that requirements.txt names: "
            "python -m pip install -r requirements.txt"
        )
        return NOTHING_RAN
    parser = argparse.ArgumentParser(
        prog="python -m deepfake", description="Judge whether faces in pictures are real or manipulated."
    )
    parser.add_argument("--version", action="version", version=f"deepfake {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in modules:
        module.add_parser(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except DeepfakeError as error:
        complain(f"{error}")
        return NOTHING_RAN
    except KeyboardInterrupt:
        complain("Interrupted. What was written so far is whole.")
        return 130


def _commands() -> tuple[Any, ...]:
    """In the order of the help. Imported here, so that a missing library is said in a sentence."""
    from deepfake.commands import (
        calibrate,
        check,
        compare,
        doctor,
        evaluate,
        explain,
        extract,
        import_weights,
        left_out,
        models,
        report,
        scan,
    )

    return check, report, explain, evaluate, extract, scan, calibrate, import_weights, models, compare, left_out, doctor


if __name__ == "__main__":
    sys.exit(main())
