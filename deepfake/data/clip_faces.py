"""One clip of a data set cut into face crops: found, linked to people, and only those kept whose label is known."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
from PIL import Image

from deepfake.data.clip_layouts import LabelledClip
from deepfake.data.layouts import FAKE
from deepfake.errors import DeepfakeError
from deepfake.files import write_whole
from deepfake.media.clips import ClipLimits, Frame, Sampling
from deepfake.media.crops import crop_face, resize_square, share_outside
from deepfake.media.decoder import open_clip
from deepfake.media.detectors import Detector, DetectorSettings, make_detector
from deepfake.media.faces import Box, Face, presence
from deepfake.media.images import RGBImage
from deepfake.media.tracks import Tracker

ROWS_FOLDER, SCRATCH_FOLDER = "rows", ".partial"
_JPEG_QUALITY, _JPEG_444 = 95, 0  # colors at full resolution; both classes alike
_MAX_STEP_S = 1.0  # the longest time that a tracker is told has passed between two sampled frames
_STEADY_FRAMES = 2  # a face seen in a single frame is often none
_SURE = 0.8  # mean detection_score of anybody but the main person: a hand or a curtain taken for a face stays below
_BYSTANDER = 0.5  # of the main person's side: fakes keep no smaller faces, so in reals they would give the label away
# Nobody waits at a screen: a set's long clips are read to their end, and a busy machine is no reason to lose one.
_LIMITS = ClipLimits(max_wait_s=6 * 3600.0, max_silence_s=300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSettings:
    """Everything that decides what an extraction gives.

    Attributes:
        sampling: Which frames of a clip are taken: `every` or `per_clip`.
        detector: How faces are found.
        margin: Extra around the box as a fraction of its side, see `crop_face`. Generous: a recipe cuts its own,
            smaller margin out of it.
        max_side_px: Larger crops are shrunk to this side.
        min_face_px: Faces with a shorter side are left out.
        seed: Deals the splits that the owner does not give.
    """

    sampling: Sampling
    detector: DetectorSettings
    margin: float = 0.3
    max_side_px: int = 512
    min_face_px: int = 40
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.margin <= 2:
            raise ValueError(f"A margin lies between 0 and 2. Received: {self.margin}.")
        if self.sampling.per_second is not None:
            raise ValueError("Frames of a data set are taken by `every` or `per_clip`. Received: per_second.")

    def to_dict(self) -> dict[str, Any]:
        """As `extract.json` stores it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipCrop:
    """One crop of a clip.

    Attributes:
        file: Path below the output folder, with `/`.
        frame: Position among the clip's frames.
        time_s: When it is shown.
        box: x_min, y_min, x_max, y_max in the upright frame, pixels.
        outside: Share of the crop that lies outside the frame, 0..1.
    """

    file: str
    frame: int
    time_s: float
    box: tuple[int, int, int, int]
    outside: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord:
    """What came of one clip; written to disk when its crops are all there.

    Attributes:
        clip: Its path in the data set.
        file_state: Size and modification time of the file, and the label it had: another is another clip.
        status: "ok", "no_face" or "unreadable".
        reason: What is to be known of it, in a sentence; empty where all is well.
        num_decoded: Frames decoded.
        num_sampled: Frames in which faces were looked for.
        size_wh: Of the upright frames, pixels, or None.
        num_people_seen: Tracks of faces large enough, kept or not.
        crops: Person by person, frame by frame.
    """

    clip: str
    file_state: str
    status: str
    reason: str = ""
    num_decoded: int = 0
    num_sampled: int = 0
    size_wh: tuple[int, int] | None = None
    num_people_seen: int = 0
    crops: tuple[ClipCrop, ...] = ()

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `dataclasses.asdict` gave, by way of JSON."""
        crops = tuple(ClipCrop(**{**crop, "box": tuple(crop["box"])}) for crop in values["crops"])
        size_wh = tuple(values["size_wh"]) if values["size_wh"] else None
        return cls(**{**values, "size_wh": size_wh, "crops": crops})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipJob:
    """One clip to cut.

    Attributes:
        root: The data set's folder.
        clip: Which clip of it.
        out: The output folder.
        folder: Where its crops go, relative to `out`, with `/`.
    """

    root: Path
    clip: LabelledClip
    out: Path
    folder: str

    @property
    def key(self) -> str:
        """A file name for this clip."""
        return hashlib.sha256(self.clip.path.encode("utf-8", "surrogateescape")).hexdigest()[:20]

    @property
    def record_file(self) -> Path:
        return self.out / ROWS_FOLDER / f"{self.key}.json"

    def file_state(self) -> str:
        """What tells whether the clip is the one that a record speaks of."""
        try:
            status = (self.root / self.clip.path).stat()
        except OSError:
            return "missing"
        return f"{status.st_size} {status.st_mtime_ns} {self.clip.label}"

    def finished(self) -> ClipRecord | None:
        """What an earlier run left of this clip, if that is whole and the clip is still the same."""
        try:
            record = ClipRecord.from_dict(json.loads(self.record_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return record if record.file_state == self.file_state() else None


def cut_clip(job: ClipJob, settings: ExtractSettings) -> ClipRecord:
    """Cut the faces of one clip, and write crops and record so that a kill leaves both or neither.

    Raises:
        OSError: The output cannot be written. An unreadable clip raises nothing: its record says why.
    """
    scratch = job.out / SCRATCH_FOLDER / job.key
    shutil.rmtree(scratch, ignore_errors=True)  # of a killed run
    scratch.mkdir(parents=True)
    state = job.file_state()
    try:
        record = _look_through(job, settings, scratch, state)
    except (DeepfakeError, cv2.error, MemoryError) as error:
        record = ClipRecord(clip=job.clip.path, file_state=state, status="unreadable", reason=str(error))
    else:
        if record.crops:
            _put_in_place(scratch, job)
    shutil.rmtree(scratch, ignore_errors=True)
    job.record_file.parent.mkdir(exist_ok=True)
    write_whole(job.record_file, json.dumps(asdict(record)).encode())
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A face of one frame, large enough to be cut.

    Attributes:
        frame: Position among the clip's frames.
        time_s: When it is shown.
        face: Where it is.
        outside: Share of its crop that lies outside the frame, 0..1.
    """

    frame: int
    time_s: float
    face: Face
    outside: float


def _look_through(job: ClipJob, settings: ExtractSettings, scratch: Path, state: str) -> ClipRecord:
    """Write every face of the clip to the scratch folder, then keep there those whose label is known."""
    finder, tracker = make_detector(settings.detector), Tracker()
    tracks: defaultdict[int, list[Sighting]] = defaultdict(list)
    num_sampled, clock_s, last_s, size_wh = 0, 0.0, 0.0, None
    with open_clip(job.root / job.clip.path, settings.sampling, _LIMITS) as clip:
        for frame in clip.frames():
            # Sampled frames may lie far apart; a tracker forgets whom it has not seen for about a second.
            clock_s += min(frame.time_s - last_s, _MAX_STEP_S)
            last_s, num_sampled = frame.time_s, num_sampled + 1
            size_wh = (frame.pixels.shape[1], frame.pixels.shape[0])
            for track, sighting in _cut_faces(frame, clock_s, finder, tracker, settings, scratch):
                tracks[track].append(sighting)
    assert clip.end is not None
    # Haar's finds have no score to be sure by: of the other people in reals, nearly all were no faces.
    kept = tracks_with_a_label(tracks, job.clip.label, main_alone=settings.detector.name == "haar")
    for track in tracks.keys() - set(kept):
        shutil.rmtree(scratch / _track_folder(track))
    for number, track in enumerate(kept, start=1):
        (scratch / _track_folder(track)).rename(scratch / f"person{number}")
    reason = "" if kept else f"No face with a side of at least {settings.min_face_px} pixels was found in it."
    if clip.end.is_damaged or clip.end.is_cut_short:
        reason = f"Only {clip.end.num_decoded} frames of it could be decoded. {reason}".rstrip()
    return ClipRecord(
        clip=job.clip.path,
        file_state=state,
        status="ok" if kept else "no_face",
        reason=reason,
        num_decoded=clip.end.num_decoded,
        num_sampled=num_sampled,
        size_wh=size_wh,
        num_people_seen=len(tracks),
        crops=tuple(
            ClipCrop(
                file=f"{job.folder}/person{number}/{one.frame:06}.jpg",
                frame=one.frame,
                time_s=round(one.time_s, 3),
                box=_edges(one.face.box),
                outside=round(one.outside, 4),
            )
            for number, track in enumerate(kept, start=1)
            for one in tracks[track]
        ),
    )


def _cut_faces(
    frame: Frame, clock_s: float, finder: Detector, tracker: Tracker, settings: ExtractSettings, scratch: Path
) -> list[tuple[int, Sighting]]:
    """The faces of a frame that are large enough, each with its track, their crops written."""
    found = finder.find(frame.pixels)
    seen = []
    for face, track in zip(found, tracker.link(frame.pixels, clock_s, found), strict=True):
        if face.box.side < settings.min_face_px:
            continue
        folder = scratch / _track_folder(track)
        folder.mkdir(exist_ok=True)
        crop = crop_face(frame.pixels, face.box, margin=settings.margin)
        (folder / f"{frame.index:06}.jpg").write_bytes(_jpeg(crop, settings.max_side_px))
        sighting = Sighting(
            frame=frame.index,
            time_s=frame.time_s,
            face=face,
            outside=share_outside(frame.pixels.shape[:2], face.box, margin=settings.margin),
        )
        seen.append((track, sighting))
    return seen


def tracks_with_a_label(tracks: Mapping[int, Sequence[Sighting]], label: int, *, main_alone: bool = False) -> list[int]:
    """Choose the people of a clip of whom it is known whether they were altered.

    Of a fake clip that is one alone, the main person: the longest and largest track, by the sum of its faces' sides,
    since of two people one may be untouched. Of a real clip it is the main person and everybody else who is surely a
    face, seen in two frames or more, and not much smaller: what fakes never show would tell the label. A person who
    is seen again after a cut may have a new track; in a fake clip it gets no label.

    Args:
        tracks: What was seen of each person, by track number.
        label: The clip's: 0 real, 1 fake.
        main_alone: Whether real clips, too, give their main person alone.

    Returns:
        Track numbers, in their order.
    """
    if not tracks:
        return []
    sides = {track: [one.face.box.side for one in seen] for track, seen in tracks.items()}
    main = max(tracks, key=lambda track: presence(one.face for one in tracks[track]))
    if label == FAKE or main_alone:
        return [main]
    least_px = _BYSTANDER * float(np.mean(sides[main]))
    others = [
        track
        for track, seen in tracks.items()
        if track != main
        and len(seen) >= _STEADY_FRAMES
        and np.mean([one.face.detection_score for one in seen]) >= _SURE
        and np.mean(sides[track]) >= least_px
    ]
    return sorted([main, *others])


def _edges(box: Box) -> tuple[int, int, int, int]:
    return box.x_min, box.y_min, box.x_max, box.y_max


def _track_folder(track: int) -> str:
    return f"track{track}"


def _jpeg(crop: RGBImage, max_side_px: int) -> bytes:
    if len(crop) > max_side_px:
        crop = np.rint(resize_square(crop, max_side_px)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=_JPEG_444)
    return buffer.getvalue()


def _put_in_place(scratch: Path, job: ClipJob) -> None:
    place = job.out / job.folder
    shutil.rmtree(place, ignore_errors=True)  # of a run that was killed before it wrote the record
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch.rename(place)
