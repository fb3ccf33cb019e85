"""What an extraction writes beside its crops: `index.csv`, a row a crop, and `extract.json`, how they were made."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from deepfake.errors import UnknownLayoutError

INDEX_FILE, MANIFEST_FILE, CROPS_FOLDER = "index.csv", "extract.json", "crops"
COLUMNS = ("file", "label", "source", "clip", "frame", "time_s", "box", "method", "split")
_CLASSES = ("real", "fake")
_SPLITS = ("train", "valid", "test", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One crop.

    Attributes:
        file: Its path below the folder, with `/`: `crops/CLIP/personK/FRAME.jpg`.
        label: "real" or "fake".
        source: The people or the original that its clip comes from; splits never share one.
        clip: The clip's path in its data set.
        frame: Position among the clip's frames, from 0.
        time_s: When that frame is shown, in seconds.
        box: x_min y_min x_max y_max of the face in the upright frame, pixels.
        method: How the clip was altered, as its data set says.
        split: "train", "valid", "test", or "" where it is to be dealt.
    """

    file: str
    label: str
    source: str
    clip: str
    frame: int
    time_s: float
    box: tuple[int, int, int, int]
    method: str
    split: str

    def to_line(self) -> list[str]:
        """As written to `index.csv`."""
        place = [self.file, self.label, self.source, self.clip, str(self.frame), f"{self.time_s:.3f}"]
        return [*place, " ".join(map(str, self.box)), self.method, self.split]


def index_bytes(rows: Sequence[IndexRow]) -> bytes:
    """The content of `index.csv`; names that are no UTF-8 keep their bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.to_line() for row in rows)
    return text.getvalue().encode("utf-8", "surrogateescape")


def has_index(folder: Path) -> bool:
    """Whether a folder was filled by an extraction that came to its end, by the columns of its index."""
    path = folder / INDEX_FILE
    if not path.is_file():
        return False
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as lines:
        return tuple(next(csv.reader(lines), ())) == COLUMNS


def read_index(folder: Path) -> list[IndexRow]:
    """The rows of a folder's index.

    Raises:
        UnknownLayoutError: A row is damaged; the message names it.
    """
    path, rows = folder / INDEX_FILE, []
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as lines:
        for number, values in enumerate(csv.DictReader(lines), start=2):
            try:
                rows.append(_row(values))
            except (ValueError, TypeError, AttributeError) as error:
                raise UnknownLayoutError(
                    f"Row {number} of {path} is damaged ({error}). Expected {','.join(COLUMNS)} as `python -m deepfake "
                    "extract` writes them. Run that command again on the same folders."
                ) from error
    return rows


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What `extract.json` says, or None where there is none.

    Raises:
        UnknownLayoutError: It is damaged.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        return None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(manifest["settings"]["margin"], int | float) or not isinstance(manifest["name"], str):
            raise ValueError("its margin is no number")
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownLayoutError(
            f"{path} is damaged ({type(error).__name__}: {error}). Expected what `python -m deepfake extract` writes. "
            "Delete the folder and run that command again."
        ) from error
    return dict(manifest)


def _row(values: dict[str, str]) -> IndexRow:
    box = tuple(int(edge) for edge in values["box"].split())
    if len(box) != 4:
        raise ValueError(f"box {values['box']!r} is not four numbers")
    if values["label"] not in _CLASSES or values["split"] not in _SPLITS:
        raise ValueError(f"label {values['label']!r}, split {values['split']!r}")
    file = PurePosixPath(values["file"])
    if file.is_absolute() or ".." in file.parts:
        raise ValueError(f"file {values['file']!r} leaves the folder")
    return IndexRow(
        file=values["file"],
        label=values["label"],
        source=values["source"],
        clip=values["clip"],
        frame=int(values["frame"]),
        time_s=float(values["time_s"]),
        box=(box[0], box[1], box[2], box[3]),
        method=values["method"],
        split=values["split"],
    )
