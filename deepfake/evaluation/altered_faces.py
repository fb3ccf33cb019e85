"""Faces of fake clips with what was altered in them: on FaceForensics++ each fake's original is there to compare with.

A fake frame and the same frame of its original differ where the face was altered, and everywhere else by compression
alone. Aligned first; what does not fit outside the face is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.data.clip_layouts import ClipSet, LabelledClip
from deepfake.data.layouts import FAKE, REAL
from deepfake.errors import InputError
from deepfake.evaluation.faces import LabelledFace
from deepfake.media.clips import Frame, Sampling
from deepfake.media.crops import CropSettings, crop_face, points_in_crop
from deepfake.media.decoder import open_clip
from deepfake.media.detectors import Detector, make_detector
from deepfake.media.faces import Face
from deepfake.media.images import RGBImage

METHODS_OF_FORGERY = ("Deepfakes", "FaceSwap")  # they alter the face and leave the rest of the frame as it was
_SHIFTS = (0, -1, 1, -2, 2)  # frames by which an original may lag
_FACE_MARGIN = 0.6  # further from the face's box, nothing was altered: the border
_MIN_BORDER = 0.02  # of the frame; less shows nothing of how well two frames fit
_MAX_BORDER_DIFFERENCE = 3.0  # of 255 on average; aligned pairs at c23 have 0.5 to 2, a frame off up to 17
_SMOOTHING_PX = 2.0
_NOISE_PERCENTILE = 99.0
_MIN_DIFFERENCE = 6.0  # of 255; below this no eye sees it
OnProgress = Callable[[int, int], None]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredFace:
    """A face of a fake frame with what was altered in it.

    Attributes:
        face: The face; its path is the fake clip's.
        original: The same place of the same frame before it was altered.
        altered: Shape (s, s) of the crop: whether a pixel differs from the original by more than compression does.
    """

    face: LabelledFace
    original: LabelledFace
    altered: Mask


def find_altered_faces(
    clip_set: ClipSet, settings: CropSettings, *, count: int, seed: int, on_progress: OnProgress | None = None
) -> tuple[list[AlteredFace], dict[str, int]]:
    """Draw frames of fake clips, lay them over their originals and cut out the altered face.

    Args:
        clip_set: FaceForensics++.
        settings: How crops are cut.
        count: Of faces wanted, about, from as many clips as there are.
        seed: Of the draw of clips, where there are more than wanted faces.
        on_progress: Called with (clips done, clips in all).

    Returns:
        The faces, and how many clips or frames were dropped, by reason.
    """
    originals = {_place(clip): clip for clip in clip_set.clips if clip.label == REAL}
    fakes = [clip for clip in clip_set.clips if clip.label == FAKE and clip.method in METHODS_OF_FORGERY]
    fakes = [fakes[index] for index in np.random.default_rng(seed).permutation(len(fakes))[:count]]
    detector = make_detector(settings.detector)
    faces: list[AlteredFace] = []
    dropped: Counter[str] = Counter()
    for done, fake in enumerate(fakes, start=1):
        original = originals.get(_place(fake))
        if original is None:
            dropped["clips without an original"] += 1
        else:
            try:
                pairs = _read_pairs(clip_set, fake, original, max(1, count // len(fakes)))
            except InputError:
                dropped["clips that cannot be read"] += 1
                pairs = []
            for frame, candidates in pairs:
                found = _lay_over(frame, candidates, fake, settings, detector)
                if isinstance(found, str):
                    dropped[found] += 1
                else:
                    faces.append(found)
        if on_progress is not None:
            on_progress(done, len(fakes))
    return faces, dict(sorted(dropped.items()))


def altered_pixels(fake: RGBImage, original: RGBImage, *, noise: float) -> Mask:
    """Where two pictures differ by more than `noise`, of 255, and by more than an eye misses."""
    return np.asarray(_difference(fake, original) > max(noise, _MIN_DIFFERENCE))


def _place(clip: LabelledClip) -> tuple[str, str]:
    """Compression and target: 033_097 was made of the clip 033 with the face of 097."""
    path = PurePosixPath(clip.path)
    return path.parts[-3], path.stem.split("_")[0]


def _read_pairs(
    clip_set: ClipSet, fake: LabelledClip, original: LabelledClip, per_clip: int
) -> list[tuple[Frame, list[RGBImage]]]:
    """Frames of the fake clip, each with those of the original around it, the likeliest first."""
    with open_clip(clip_set.root / fake.path, Sampling(per_clip=per_clip)) as clip:
        frames = list(clip.frames())
    wanted = {frame.index + shift for frame in frames for shift in _SHIFTS}
    with open_clip(clip_set.root / original.path, Sampling(every=1, max_frames=max(wanted) + 1)) as clip:
        around = {frame.index: frame.pixels for frame in clip.frames() if frame.index in wanted}
    return [
        (frame, [around[frame.index + shift] for shift in _SHIFTS if frame.index + shift in around]) for frame in frames
    ]


def _lay_over(
    frame: Frame, candidates: Sequence[RGBImage], fake: LabelledClip, settings: CropSettings, detector: Detector
) -> AlteredFace | str:
    """The altered face of a frame, or why it was dropped."""
    fitting = [pixels for pixels in candidates if pixels.shape == frame.pixels.shape]
    if not fitting:
        return "frames of another size than the original's"
    found = detector.find(frame.pixels)
    if not found:
        return "frames without a face"
    border = _border(frame.pixels.shape[:2], found)
    if border.mean() < _MIN_BORDER:
        return "frames that the face fills"
    differences = [_difference(frame.pixels, pixels) for pixels in fitting]
    best = int(np.argmin([difference[border].mean() for difference in differences]))
    if differences[best][border].mean() > _MAX_BORDER_DIFFERENCE:
        return "frames whose border differs from the original's"
    noise = float(np.percentile(differences[best][border], _NOISE_PERCENTILE))
    face = max(found, key=lambda one: float(_inside(differences[best], one).mean()))  # of two people, the altered one
    after, before = (crop_face(pixels, face.box, margin=settings.margin) for pixels in (frame.pixels, fitting[best]))
    altered_face = LabelledFace(
        path=fake.path,
        label=FAKE,
        source=fake.source,
        crop=after,
        landmarks=points_in_crop(face.landmarks, face.box, margin=settings.margin),
    )
    return AlteredFace(
        face=altered_face,
        original=replace(altered_face, label=REAL, crop=before),
        altered=altered_pixels(after, before, noise=noise),
    )


def _difference(first: RGBImage, second: RGBImage) -> npt.NDArray[np.float32]:
    """Mean absolute difference over the channels, smoothed, so that single blocks of compression do not count."""
    difference = np.abs(first.astype(np.float32) - second.astype(np.float32)).mean(axis=2)
    return np.asarray(cv2.GaussianBlur(difference, (0, 0), _SMOOTHING_PX), dtype=np.float32)


def _border(image_hw: tuple[int, ...], faces: Sequence[Face]) -> Mask:
    """All but the faces and their surroundings."""
    border = np.ones(image_hw[:2], bool)
    for face in faces:
        margin = round(_FACE_MARGIN * face.box.side)
        rows = slice(max(0, face.box.y_min - margin), max(0, face.box.y_max + margin))
        border[rows, max(0, face.box.x_min - margin) : max(0, face.box.x_max + margin)] = False
    return border


def _inside(picture: npt.NDArray[np.float32], face: Face) -> npt.NDArray[np.float32]:
    box = face.box
    return picture[max(0, box.y_min) : max(1, box.y_max), max(0, box.x_min) : max(1, box.x_max)]
