"""What a model is worth on a kind of pictures it never saw: leave one set out, train a sister, measure it there.

The sister is made by the same recipe from the other sets. Kept as `left_out.json` beside the model that learned from
all of them:

```
{"format_version": 1, "command": "python ...", "rows": [
  {"set": "ciplab", "level": "image", "split": "test", "sister": "the same recipe, 6 epochs", "num_train_crops": 6000,
   "auc": {"value": 0.61, "low": 0.55, "high": 0.67, "n": 261},
   "in_set": {"140k": {"value": ...}}, "false_alarm_rate": {"lfw": {"value": ...}}}]}
```
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepfake.errors import InvalidMeasurementError
from deepfake.evaluation.estimates import Estimate
from deepfake.files import write_whole

LEFT_OUT_FORMAT_VERSION = 1
LEVELS = ("image", "frame", "clip")
SPLITS = ("test", "valid", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutRow:
    """A sister model on the set that it never saw.

    Attributes:
        set_name: The set that was left out.
        level: What was ranked: single pictures, frames of clips, or clips.
        split: The part of the set that was measured; "all" is fair too, since the sister learned from none of it.
        sister: How it was made and what differs from the model beside her, in words for people.
        num_train_crops: Faces that it learned from.
        auc: On the set that was left out.
        in_set: AUC on the sets that it did learn from, on other pictures of them, by set name.
        false_alarm_rate: Share of real faces called fake at its threshold, on sets of real faces alone, by set name.
    """

    set_name: str
    level: str
    split: str
    sister: str
    num_train_crops: int
    auc: Estimate
    in_set: dict[str, Estimate]
    false_alarm_rate: dict[str, Estimate]

    def __post_init__(self) -> None:
        for field, value, choices in (("level", self.level, LEVELS), ("split", self.split, SPLITS)):
            if value not in choices:
                raise self._refused(f"the {field} {value!r}", f"one of: {', '.join(choices)}")
        if self.num_train_crops < 1:
            raise self._refused(f"num_train_crops {self.num_train_crops}", "at least one face to learn from")
        if self.set_name in (*self.in_set, *self.false_alarm_rate):
            raise self._refused(f"'{self.set_name}' among the sets it saw", "other sets alone")
        for estimate in (self.auc, *self.in_set.values(), *self.false_alarm_rate.values()):
            estimate.require_share()

    def _refused(self, received: str, expected: str) -> InvalidMeasurementError:
        return InvalidMeasurementError(
            f"Of the sister that never saw '{self.set_name}', received {received}. Expected {expected}. Measure it "
            "again."
        )

    def to_dict(self) -> dict[str, Any]:
        """As `left_out.json` stores it."""
        return {
            "set": self.set_name,
            "level": self.level,
            "split": self.split,
            "sister": self.sister,
            "num_train_crops": self.num_train_crops,
            "auc": self.auc.to_dict(),
            "in_set": {name: one.to_dict() for name, one in self.in_set.items()},
            "false_alarm_rate": {name: one.to_dict() for name, one in self.false_alarm_rate.items()},
        }

    @classmethod
    def from_dict(cls, values: Any) -> LeftOutRow:
        """Read what `to_dict` wrote.

        Raises:
            KeyError, TypeError, ValueError: It is not one.
        """
        return cls(
            set_name=str(values["set"]),
            level=str(values["level"]),
            split=str(values["split"]),
            sister=str(values["sister"]),
            num_train_crops=int(values["num_train_crops"]),
            auc=Estimate.from_dict(values["auc"]),
            in_set={str(name): Estimate.from_dict(one) for name, one in dict(values["in_set"]).items()},
            false_alarm_rate={
                str(name): Estimate.from_dict(one) for name, one in dict(values["false_alarm_rate"]).items()
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """All sets that were left out, one at a time.

    Attributes:
        rows: One a set and level.
        command: Makes these numbers again.
        format_version: Of the file.
    """

    rows: tuple[LeftOutRow, ...]
    command: str
    format_version: int = LEFT_OUT_FORMAT_VERSION

    def __post_init__(self) -> None:
        if self.format_version != LEFT_OUT_FORMAT_VERSION:
            raise InvalidMeasurementError(
                f"Received left-out measurements of format version {self.format_version}. Expected "
                f"{LEFT_OUT_FORMAT_VERSION}. Use the version of this program that wrote them, or measure again."
            )
        twice = [one for one, count in Counter((row.set_name, row.level) for row in self.rows).items() if count > 1]
        if twice:
            raise InvalidMeasurementError(
                f"Received the left-out set '{twice[0][0]}' twice at the level {twice[0][1]!r}. Expected each once. "
                "Keep one of the two."
            )

    def to_dict(self) -> dict[str, Any]:
        """As `left_out.json` stores it."""
        return {
            "format_version": self.format_version,
            "command": self.command,
            "rows": [row.to_dict() for row in self.rows],
        }

    @classmethod
    def from_dict(cls, values: Any) -> LeftOut:
        """Read what `to_dict` wrote.

        Raises:
            InvalidMeasurementError: A field is missing, of the wrong kind or out of its range.
        """
        try:
            return cls(
                rows=tuple(LeftOutRow.from_dict(row) for row in values["rows"]),
                command=str(values["command"]),
                format_version=int(values["format_version"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, InvalidMeasurementError):
                raise
            raise InvalidMeasurementError(
                f"The left-out measurements are not complete ({type(error).__name__}: {error}). Expected the fields "
                "that `LeftOut.to_dict` writes. Restore left_out.json, or measure again."
            ) from error


def read_left_out(path: Path) -> LeftOut:
    """Read `left_out.json`.

    Raises:
        InvalidMeasurementError: Not there, not JSON, or not complete.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidMeasurementError(
            f"{path.name} cannot be read as JSON ({type(error).__name__}). Expected measurements with a set left out. "
            "Restore the file, or measure again."
        ) from error
    return LeftOut.from_dict(values)


def write_left_out(path: Path, left_out: LeftOut) -> None:
    """Write `left_out.json`, whole or not at all."""
    write_whole(path, (json.dumps(left_out.to_dict(), indent=1, ensure_ascii=False) + "\n").encode())
