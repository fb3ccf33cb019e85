"""The folder of a run: it belongs to one recipe on certain data, and goes when the model is written."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deepfake.data.prepare import PreparedSet
from deepfake.errors import TrainingError
from deepfake.files import write_whole
from deepfake.training.recipes import Recipe


def claim_run(folder: Path, recipe: Recipe, sets: Sequence[PreparedSet], **beside: Any) -> None:
    """Make a run's folder, or find what was left there by the same run.

    Args:
        folder: Where its files will lie.
        recipe: All of its knobs count.
        sets: What is in them counts.
        **beside: What else makes it another run, fit for JSON.

    Raises:
        TrainingError: What lies there belongs to another run.
    """
    what = {"recipe": recipe.to_dict(), "sets": {one.name: one.summary() for one in sets}, **beside}
    fingerprint = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    marker = folder / "run.json"
    if marker.is_file() and json.loads(marker.read_text(encoding="utf-8"))["fingerprint"] != fingerprint:
        raise TrainingError(
            f"{folder} holds checkpoints of a run with another recipe or other data. Expected the same ones, to go "
            "on. Delete that folder to start anew, or choose another --name."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(
            f"The folder {folder} cannot be made ({error.strerror}). Expected a place with room that this user may "
            "write to. Name another one with --runs-dir."
        ) from error
    write_whole(marker, json.dumps({"fingerprint": fingerprint}).encode())


def forget_run(folder: Path) -> None:
    """Delete a finished run's files."""
    shutil.rmtree(folder, ignore_errors=True)
