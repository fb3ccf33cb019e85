"""The command line: python -m deepfake COMMAND."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from deepfake import __version__
from deepfake.commands import (
    calibrate,
    check,
    compare,
    evaluate,
    explain,
    extract,
    import_weights,
    left_out,
    models,
    report,
)
from deepfake.commands.console import complain
from deepfake.errors import DeepfakeError

_COMMANDS = (check, report, explain, evaluate, extract, calibrate, import_weights, models, compare, left_out)
NOTHING_RAN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; 2 where nothing could run."""
    parser = argparse.ArgumentParser(
        prog="python -m deepfake", description="Judge whether faces in pictures are real or manipulated."
    )
    parser.add_argument("--version", action="version", version=f"deepfake {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
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


if __name__ == "__main__":
    sys.exit(main())
