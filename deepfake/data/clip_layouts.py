"""Data sets of clips as their owners lay them out on disk, read without configuration.

| layout      | what is looked for                                                                            |
|-------------|-----------------------------------------------------------------------------------------------|
| ffpp        | `original_sequences/SOURCE/COMPRESSION/videos/`, `manipulated_sequences/METHOD/COMPRESSION/videos/`, `splits/{train,val,test}.json` (FaceForensics++; any of them may be missing) |
| celeb-df-v2 | `Celeb-real/`, `Celeb-synthesis/`, `YouTube-real/`, `List_of_testing_videos.txt`                |
| dfdc-clips  | `metadata.json` beside the clips, or `dfdc_train_part_*/`                                      |
| clips       | `{real,fake}/` with clips in them, with or without `{train,valid,test}/` above                  |

The folder may be the set itself or up to three levels above it; letter case does not matter.
"""  # noqa: E501 - a table's row is one line

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from deepfake.data.duplicates import merge_sources
from deepfake.data.layouts import FAKE, LABELS, REAL, SPLIT_ALIASES, SPLIT_NAMES
from deepfake.data.searching import by_lower_name, files_below, find_set, subfolders, what_is_in
from deepfake.data.splits import assign_splits
from deepfake.errors import EmptyDatasetError, FileAccessError, UnknownLayoutError
from deepfake.media.clips import CLIP_EXTENSIONS

EXTENSIONS = (*CLIP_EXTENSIONS, ".gif")
_FFPP_TOPS = {"original_sequences": REAL, "manipulated_sequences": FAKE}
_FFPP_NAME = re.compile(
    r"(\d{2,3})(?:_(\d{2,3}))?(?:__.+)?"
)  # 033, 033_097; of Google's actors 01__kitchen, 01_02__...
_FFPP_MASKS = "masks"  # in the place of a compression: clips of where the forgery is, not forgeries
_CELEB_TOPS = {"celeb-real": REAL, "youtube-real": REAL, "celeb-synthesis": FAKE}
_CELEB_NAME = re.compile(r"(id\d+)(?:_(id\d+))?_(\d+)")  # id1_0003; id1_id9_0003 is that clip with the face of id9
_DFDC_TABLE = "metadata.json"
_DFDC_PARTS = ("dfdc_train_part_*/metadata.json", "dfdc_train_part_*/*/metadata.json")
_CELEB_LIST = "List_of_testing_videos.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledClip:
    """One clip of a data set.

    Attributes:
        path: Relative to the set's root, with `/`.
        label: 0 real, 1 fake.
        source: The people or the original that it comes from; splits never share one.
        method: How it was altered, as the set says: "Deepfakes", "Celeb-synthesis", "fake"; "original" or "real".
        split: The owner's split, or None where the set has none.
    """

    path: str
    label: int
    source: str
    method: str
    split: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSet:
    """The clips of one data set, in a fixed order.

    Attributes:
        name: Short name, used in tables and on the card.
        layout: Which of the known layouts it follows.
        root: The folder that the clips' paths start from.
        clips: Sorted by path. Either all have an owner's split or none has.
    """

    name: str
    layout: str
    root: Path
    clips: tuple[LabelledClip, ...]

    @property
    def is_all_real(self) -> bool:
        return all(clip.label == REAL for clip in self.clips)


def read_clip_set(folder: Path) -> ClipSet:
    """Read a data set of clips by its layout.

    Args:
        folder: The set's folder or one above it.

    Raises:
        UnknownLayoutError: The folder is missing, follows no known layout, or holds several sets.
        EmptyDatasetError: The layout is known and holds no clip.
        FileAccessError: A folder may not be read.
    """
    found = find_clip_set(folder)
    if found is None:
        raise UnknownLayoutError(
            f"The folder {folder} follows no known layout of clips. Found in it: {what_is_in(folder)}. Expected one "
            "of: original_sequences/ and manipulated_sequences/ (FaceForensics++); Celeb-real/ and Celeb-synthesis/ "
            "(Celeb-DF v2); metadata.json beside clips (DFDC); real/ and fake/ with clips in them. Name the set's own "
            "folder, or sort the clips into real/ and fake/."
        )
    if not found.clips:
        raise EmptyDatasetError(
            f"{found.root} has the layout '{found.layout}' but holds no clip ({', '.join(EXTENSIONS)}). Unpack the "
            "set again."
        )
    return found


def find_clip_set(folder: Path) -> ClipSet | None:
    """The data set of clips in a folder, or None; see `read_clip_set` for what is raised."""
    return find_set(folder, _READERS)


def deal_splits(clip_set: ClipSet, *, seed: int) -> tuple[str, ...]:
    """The split of each clip, the same for everyone who trains or measures on the set; see `assign_splits`.

    Args:
        clip_set: Whose clips.
        seed: Deals what the owner does not give.

    Returns:
        "train", "valid", "test", or "dropped" where a clip of the same source is in a later split of the owner's.
    """
    clips = clip_set.clips
    return assign_splits(
        [clip.split for clip in clips], [clip.source for clip in clips], all_real=clip_set.is_all_real, seed=seed
    ).splits


def _clip_set(name: str, layout: str, root: Path, clips: Sequence[LabelledClip]) -> ClipSet:
    return ClipSet(name=name, layout=layout, root=root, clips=tuple(sorted(clips, key=lambda clip: clip.path)))


def _joined(people: Sequence[Sequence[str]]) -> dict[str, str]:
    """Who is chained to whom by the clips that show both: each person's group, named by its first member."""
    everyone = sorted({person for group in people for person in group})
    place = {person: number for number, person in enumerate(everyone)}
    pairs = [(place[one], place[other]) for group in people for one, other in pairwise(group)]
    return dict(zip(everyone, merge_sources(everyone, pairs), strict=True))


def _read_ffpp(root: Path) -> ClipSet | None:
    tops = {_FFPP_TOPS[name]: folder for name, folder in by_lower_name(root).items() if name in _FFPP_TOPS}
    if not tops:
        return None
    found = [
        (path, label, "original" if label == REAL else method.name)
        for label, top in tops.items()
        for method in subfolders(top)
        for compression in subfolders(method)
        if compression.name.lower() != _FFPP_MASKS
        for path in files_below(compression, EXTENSIONS)
    ]
    splits = _ffpp_splits(root)
    listed = {person: name for name, pairs in splits.items() for pair in pairs for person in pair}
    people_of = {path: _ffpp_people(path.stem) for path, _, _ in found}
    # A pair's four clips (033_097, 097_033 and both originals) show the same two people in the same two scenes.
    source_of = _joined([*people_of.values(), *(pair for pairs in splits.values() for pair in pairs)])
    clips = [
        LabelledClip(
            path=path.relative_to(root).as_posix(),
            label=label,
            source=source_of[people_of[path][0]],
            method=method,
            split=_ffpp_split(people_of[path], listed, splits),
        )
        for path, label, method in found
    ]
    return _clip_set("ffpp", "ffpp", root, clips)


def _ffpp_people(stem: str) -> list[str]:
    match = _FFPP_NAME.fullmatch(stem)
    return [person for person in match.groups() if person] if match else [stem]


def _ffpp_splits(root: Path) -> dict[str, list[list[str]]]:
    """Pairs of people by split, of the files that are there."""
    folder = by_lower_name(root).get("splits")
    splits = {}
    for path in sorted(folder.glob("*.json")) if folder else ():
        name = SPLIT_ALIASES.get(path.stem.lower())
        if name is None:
            continue
        pairs = _read_json(path)
        if not isinstance(pairs, list) or not all(isinstance(pair, list) and pair for pair in pairs):
            raise UnknownLayoutError(
                f'{path} does not list pairs of people. Expected [["033", "097"], ...], as in FaceForensics++. '
                "Download the file again."
            )
        splits[name] = [[str(person) for person in pair] for pair in pairs]
    return splits


def _ffpp_split(people: Sequence[str], listed: dict[str, str], named: Collection[str]) -> str | None:
    """The owner's split of a clip, by who is in it.

    In a set with some split files, people whom none of them lists belong to the split whose file is missing, if
    that is one alone: dealt by chance, some of the owner's test pairs would be learned from. Else they are trained
    on (Google's actors, who are in no list): the owner's validation and test splits stay as published.
    """
    if not listed:
        return None
    own = [listed[person] for person in people if person in listed]
    if own:
        return max(own, key=SPLIT_NAMES.index)
    missing = [name for name in SPLIT_NAMES if name not in named]
    return missing[0] if len(missing) == 1 else "train"


def _read_celeb_df(root: Path) -> ClipSet | None:
    tops = {name: folder for name, folder in by_lower_name(root).items() if name in _CELEB_TOPS}
    if not tops.keys() & {"celeb-real", "celeb-synthesis"}:
        return None
    found = [(path, top.name, _CELEB_TOPS[name]) for name, top in tops.items() for path in files_below(top, EXTENSIONS)]
    tested = _celeb_tested(root / _CELEB_LIST)
    names = {path: _CELEB_NAME.fullmatch(path.stem) for path, _, _ in found}
    # By people, the whole set is one chain of 59 that no split could divide. Its owner's test list takes clips, not
    # people; where it is there, it is kept, so that numbers compare, and no clip shares its base clip with another
    # split. Where it is not, as in a small share of the set, splits by people are possible and harder to fool.
    groups = _joined([[name for name in match.groups()[:2] if name] for match in names.values() if match])
    clips = []
    for path, top, label in found:
        match, relative = names[path], path.relative_to(root).as_posix()
        if match is None:
            source = f"{top}/{path.stem}"
        elif tested is None:
            source = groups[match[1]]
        else:
            source = f"{match[1]}_{match[3]}"
        split = None if tested is None else "test" if relative.lower() in tested else "train"
        method = top if label == FAKE else "real"
        clips.append(LabelledClip(path=relative, label=label, source=source, method=method, split=split))
    return _clip_set("celeb-df-v2", "celeb-df-v2", root, clips)


def _celeb_tested(path: Path) -> set[str] | None:
    """The clips of the official test list, in lower case; None where there is no list.

    Its lines read `1 YouTube-real/00170.mp4`, where 1 is real: the other way round than here, so the label is taken
    from the folder.
    """
    if not path.is_file():
        return None
    lines = _read_text(path).splitlines()
    return {line.split(maxsplit=1)[1].strip().lower() for line in lines if len(line.split()) >= 2}


def _read_dfdc(root: Path) -> ClipSet | None:
    tables = [root / _DFDC_TABLE]
    if not tables[0].is_file():
        tables = sorted(table for pattern in _DFDC_PARTS for table in root.glob(pattern))
    clips = [clip for table in tables for clip in _dfdc_part(root, table)]
    return _clip_set("dfdc-clips", "dfdc-clips", root, clips) if clips else None


def _dfdc_part(root: Path, table: Path) -> Iterator[LabelledClip]:
    """The clips beside a table that are named in it; without clips it is some other program's file."""
    beside = [path for path in sorted(table.parent.iterdir()) if path.suffix.lower() in EXTENSIONS]
    rows = _read_json(table) if beside else None
    if not isinstance(rows, dict):
        return
    for path in beside:
        row = rows.get(path.name)
        if row is None:
            continue  # Kaggle's test clips have no labels
        label = LABELS.get(str(row.get("label", "")).lower()) if isinstance(row, dict) else None
        if label is None:
            raise UnknownLayoutError(
                f'{table} gives {path.name} no label. Expected {{"label": "REAL" or "FAKE", "original": '
                '"NAME.mp4"}, as in DFDC. Download the file again.'
            )
        yield LabelledClip(
            path=path.relative_to(root).as_posix(),
            label=label,
            source=Path(str(row.get("original") or path.name)).stem,
            method="real" if label == REAL else "fake",
            split=None,  # the owner's "train" stands beside every clip that has a label
        )


def _read_folders(root: Path) -> ClipSet | None:
    clips: list[LabelledClip] = []
    children = by_lower_name(root)
    if LABELS.keys() <= children.keys():
        clips += _of_classes(root, root, None)
    else:
        for name, folder in children.items():
            if name in SPLIT_ALIASES:
                clips += _of_classes(root, folder, SPLIT_ALIASES[name])
    is_plain = LABELS.keys() <= children.keys()
    return _clip_set(root.name, "clips", root, clips) if clips or is_plain else None


def _of_classes(root: Path, parent: Path, split: str | None) -> Iterator[LabelledClip]:
    for name, folder in by_lower_name(parent).items():
        if name not in LABELS:
            continue
        for path in files_below(folder, EXTENSIONS):
            # real/a and fake/a may be one scene; train/real/1 and test/real/1 are numbered each for itself
            stem = path.relative_to(folder).with_suffix("").as_posix()
            yield LabelledClip(
                path=path.relative_to(root).as_posix(),
                label=LABELS[name],
                source=stem if split is None else f"{split}/{stem}",
                method=name,
                split=split,
            )


def _read_json(path: Path) -> Any:
    try:
        return json.loads(_read_text(path))
    except json.JSONDecodeError as error:
        raise UnknownLayoutError(
            f"{path} is no JSON ({error.msg}, line {error.lineno}). Expected the file as its owner gives it. "
            "Download it again."
        ) from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise FileAccessError(
            f"{path} cannot be read ({error.strerror}). Expected a file that this user may open."
        ) from error


_READERS = (_read_ffpp, _read_celeb_df, _read_dfdc, _read_folders)
