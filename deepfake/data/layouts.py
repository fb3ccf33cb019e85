"""Data sets as their owners lay them out on disk, read without configuration.

| layout     | what is looked for                                                              |
|------------|---------------------------------------------------------------------------------|
| 140k       | `real-vs-fake/{train,valid,test}/{real,fake}/` (Kaggle 140k real and fake faces) |
| ciplab     | `{training_real,training_fake}/` (CIPLAB real and fake face detection)            |
| dfdc-faces | `metadata.csv` and `faces_224/` (face crops of DFDC clips)                        |
| lfw        | `lfw-deepfunneled/NAME/`: real faces alone                                        |
| utkface    | `UTKFace/[age]_[gender]_[race]_[time].jpg`: real faces alone                      |
| clip-crops | `index.csv` and `extract.json`: what `python -m deepfake extract` makes of clips   |
| folders    | `{real,fake}/`, with or without `{train,valid,test}/` above                       |

The folder may be the set itself or up to three levels above it; letter case does not matter.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deepfake.data.clip_index import CROPS_FOLDER, INDEX_FILE, MANIFEST_FILE, has_index, read_index, read_manifest
from deepfake.data.searching import by_lower_name, files_below, find_set, what_is_in
from deepfake.errors import EmptyDatasetError, UnknownLayoutError
from deepfake.media.images import IMAGE_EXTENSIONS

REAL, FAKE = 0, 1
SPLIT_NAMES = ("train", "valid", "test")
SPLIT_ALIASES = {"train": "train", "valid": "valid", "val": "valid", "validation": "valid", "test": "test"}
LABELS = {"real": REAL, "fake": FAKE}
_UTKFACE_NAME = re.compile(r"\d+_\d+_\d+_.*\.jpg", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One file of a data set.

    Attributes:
        path: Relative to the set's root, with `/`.
        label: 0 real, 1 fake.
        source: The clip or person that it comes from; splits never share one.
        split: The owner's split, or None where the set has none.
        face_share: Where the file is a crop made by `crop_face`: the face's box is the central square of this share
            (0..1) of the file's side. None where the face must be found.
        clip: The clip that it is a frame of, or None. Its folder is the track: one person in that clip.
    """

    path: str
    label: int
    source: str
    split: str | None = None
    face_share: float | None = None
    clip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The files of one data set, in a fixed order.

    Attributes:
        name: Short name, used in tables and on the card.
        layout: Which of the known layouts it follows.
        root: The folder that the samples' paths start from.
        samples: Sorted by path.
        split_seed: What dealt the splits that its files carry, where not their owner did; None otherwise.
    """

    name: str
    layout: str
    root: Path
    samples: tuple[Sample, ...]
    split_seed: int | None = None

    @property
    def is_all_real(self) -> bool:
        """Whether it can teach nothing about fakes, and serves to count false alarms alone."""
        return all(sample.label == REAL for sample in self.samples)

    def counts(self) -> dict[str, int]:
        """Number of files by class name."""
        by_label = Counter(sample.label for sample in self.samples)
        return {"real": by_label[REAL], "fake": by_label[FAKE]}


def read_dataset(folder: Path) -> Dataset:
    """Read a data set by its layout.

    Args:
        folder: The set's folder or one above it.

    Raises:
        UnknownLayoutError: The folder is missing, follows no known layout, or holds several sets; the message
            lists what was found.
        EmptyDatasetError: The layout is known and holds no picture.
    """
    dataset = find_set(folder, _READERS)
    if dataset is None:
        raise UnknownLayoutError(_unknown_layout_message(folder))
    return _checked(dataset)


def _checked(dataset: Dataset) -> Dataset:
    if not dataset.samples:
        raise EmptyDatasetError(
            f"{dataset.root} has the layout '{dataset.layout}' but holds no picture "
            f"({', '.join(IMAGE_EXTENSIONS)}). Unpack the set again."
        )
    return dataset


def _unknown_layout_message(folder: Path) -> str:
    return (
        f"The folder {folder} follows no known layout. Found in it: {what_is_in(folder)}. Expected one of: "
        "real/ and fake/ (with or without train/, valid/, test/ above); training_real/ and training_fake/ (CIPLAB); "
        "metadata.csv and faces_224/ (DFDC face crops); real-vs-fake/ (Kaggle 140k); lfw-deepfunneled/; UTKFace/; "
        "index.csv and extract.json (face crops of clips). "
        "Name the set's own folder, or sort the pictures into real/ and fake/."
    )


def _labelled(
    root: Path, folder: Path, label: int, split: str | None, source_of: Callable[[str], str] = str
) -> Iterator[Sample]:
    for path in files_below(folder, IMAGE_EXTENSIONS):
        relative = path.relative_to(root).as_posix()
        yield Sample(path=relative, label=label, source=source_of(relative), split=split)


def _dataset(name: str, layout: str, root: Path, samples: list[Sample]) -> Dataset:
    return Dataset(name=name, layout=layout, root=root, samples=tuple(sorted(samples, key=lambda sample: sample.path)))


def _read_clip_crops(folder: Path) -> Dataset | None:
    if not has_index(folder):
        if (folder / MANIFEST_FILE).is_file() and (folder / CROPS_FOLDER).is_dir():
            raise UnknownLayoutError(  # else the crops below would be taken for pictures without sources
                f"The extraction in {folder} is not finished: there is no {INDEX_FILE}. Expected it to come to its "
                "end. Type the same `python -m deepfake extract` command again: it goes on where it was."
            )
        return None
    manifest = read_manifest(folder)
    if manifest is None:
        raise UnknownLayoutError(
            f"{folder} has an {INDEX_FILE} of face crops but no {MANIFEST_FILE}, which says how wide they were cut. "
            "Expected both, as `python -m deepfake extract` writes them. Copy the whole folder again."
        )
    face_share = 1 / (1 + 2 * float(manifest["settings"]["margin"]))
    samples = [
        Sample(
            path=row.file,
            label=LABELS[row.label],
            source=row.source,
            split=row.split or None,
            face_share=face_share,
            clip=row.clip,
        )
        for row in read_index(folder)
    ]
    dataset = _dataset(manifest["name"], "clip-crops", folder, samples)
    return replace(dataset, split_seed=int(manifest["settings"].get("seed", 0)))


def _read_dfdc_faces(folder: Path) -> Dataset | None:
    crops = by_lower_name(folder).get("faces_224")
    metadata = folder / "metadata.csv"
    if crops is None or not metadata.is_file():
        return None
    samples = []
    with metadata.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as lines:
        rows = csv.DictReader(lines)
        missing = {"videoname", "label", "original"} - set(rows.fieldnames or ())
        if missing:
            raise UnknownLayoutError(
                f"{metadata} lacks the columns {', '.join(sorted(missing))}. Expected videoname, label, original, "
                "as in Kaggle dagnelies/deepfake-faces. Download the file again."
            )
        for row in rows:
            name = Path(row["videoname"] or "").stem
            label = LABELS.get((row["label"] or "").strip().lower())
            if label is None:
                raise UnknownLayoutError(
                    f"{metadata} gives {row['videoname']} the label {row['label']!r}. Expected REAL or FAKE."
                )
            source = Path(row["original"]).stem if row["original"] else name
            samples.append(Sample(path=f"{crops.name}/{name}.jpg", label=label, source=source))
    return _dataset("dfdc-faces", "dfdc-faces", folder, samples)


def _read_ciplab(folder: Path) -> Dataset | None:
    children = by_lower_name(folder)
    if not {"training_real", "training_fake"} <= children.keys():
        return None
    samples = [
        *_labelled(folder, children["training_real"], REAL, None),
        *_labelled(folder, children["training_fake"], FAKE, None),
    ]
    return _dataset("ciplab", "ciplab", folder, samples)


def _read_split_folders(folder: Path) -> Dataset | None:
    samples: list[Sample] = []
    for name, split_folder in by_lower_name(folder).items():
        if name in SPLIT_ALIASES:
            classes = by_lower_name(split_folder)
            for class_name in LABELS.keys() & classes.keys():
                samples += _labelled(folder, classes[class_name], LABELS[class_name], SPLIT_ALIASES[name])
    if not samples:
        return None
    if folder.name.lower() == "real-vs-fake":
        return _dataset("140k", "140k", folder, samples)
    return _dataset(folder.name, "folders", folder, samples)


def _read_folders(folder: Path) -> Dataset | None:
    classes = by_lower_name(folder)
    if not LABELS.keys() <= classes.keys():
        return None
    samples = [sample for name, label in LABELS.items() for sample in _labelled(folder, classes[name], label, None)]
    return _dataset(folder.name, "folders", folder, samples)


def _read_lfw(folder: Path) -> Dataset | None:
    if folder.name.lower() != "lfw-deepfunneled" or folder.name.lower() in by_lower_name(folder):
        return None  # Kaggle's copy has a folder of this name in a folder of this name
    samples = list(_labelled(folder, folder, REAL, None, lambda relative: relative.split("/")[0]))
    return _dataset("lfw", "lfw", folder, samples)


def _read_utkface(folder: Path) -> Dataset | None:
    if folder.name.lower() != "utkface":
        return None
    samples = [sample for sample in _labelled(folder, folder, REAL, None) if _UTKFACE_NAME.match(sample.path)]
    return _dataset("utkface", "utkface", folder, samples) if samples else None


_READERS = (
    _read_clip_crops,
    _read_dfdc_faces,
    _read_ciplab,
    _read_split_folders,
    _read_folders,
    _read_lfw,
    _read_utkface,
)
