"""Who is who through a clip: faces of one person linked from frame to frame.

A face joins the track whose predicted place and whose look it fits best, all faces and tracks of a frame at
once (the assignment problem; Kuhn, "The Hungarian method", 1955), so that two people who cross do not swap.
After a cut, or after some time away, only a face that looks the same at the same place goes on: whoever appears
elsewhere is numbered anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from deepfake.media.crops import crop_face, resize_square
from deepfake.media.faces import Face
from deepfake.media.images import RGBImage

_MAX_GAP_S = 1.2  # after longer away, only the same look at the same place is the same person
_MAX_MOVE = 1.5  # sides of the face from where it was expected, a second apart or less
_MAX_RESIZE = 1.8  # factor by which a face may grow or shrink between two frames
_MIN_LIKENESS = 0.2  # correlation of looks below which two faces are of two people
_SAME_PLACE = 0.35  # sides: so near, a face is the same whatever it looks like (it may have turned)
_LOOK_PX = 24
_LOOK_MEMORY = 0.6
_CUT_LIKENESS = 0.8  # correlation of two frames' thumbnails below which there may have been a cut between them
_LIKENESS_OVER_CUT = 0.7  # a banner that slides in also changes a frame, but not the face
_LIKENESS_OVER_GAP = 0.85
_MAX_AWAY = 40
_LEAST_STEP_S = 0.01  # two frames of one time tell no speed
_THUMBNAIL_WH = (32, 18)
Look = npt.NDArray[np.float32]


@dataclass(slots=True)
class _Track:
    number: int
    face: Face
    look: Look
    time_s: float
    velocity: npt.NDArray[np.float64]  # of the middle of the face, pixels a second

    def expected_middle(self, time_s: float) -> npt.NDArray[np.float64]:
        return _middle(self.face) + self.velocity * (time_s - self.time_s)


class Tracker:
    """Numbers the people of a clip, frame by frame, in the order in which they appear."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._num_people = 0
        self._thumbnail: Look | None = None

    def link(self, pixels: RGBImage, time_s: float, faces: Sequence[Face]) -> list[int]:
        """The track number of each face of the next frame.

        Args:
            pixels: The frame, shape (h, w, 3), uint8.
            time_s: When it is shown; later than the frame before.
            faces: As a detector found them.
        """
        thumbnail = _thumbnail(pixels)
        is_cut = self._thumbnail is not None and _likeness(self._thumbnail, thumbnail) < _CUT_LIKENESS
        self._thumbnail = thumbnail
        self._forget(time_s)
        looks = [_look(pixels, face) for face in faces]
        matched = self._match(faces, looks, time_s, is_cut)
        numbers = []
        for position, (face, look) in enumerate(zip(faces, looks, strict=True)):
            track = matched.get(position)
            if track is None:
                track = self._begin(face, look, time_s)
            else:
                _go_on(track, face, look, time_s)
            numbers.append(track.number)
        return numbers

    def _match(self, faces: Sequence[Face], looks: Sequence[Look], time_s: float, is_cut: bool) -> dict[int, _Track]:
        if not faces or not self._tracks:
            return {}
        costs = np.array(
            [
                [_cost(track, face, look, time_s, is_cut=is_cut) for track in self._tracks]
                for face, look in zip(faces, looks, strict=True)
            ]
        )
        possible = np.isfinite(costs)
        rows, columns = linear_sum_assignment(np.where(possible, costs, 1e6))
        return {
            int(row): self._tracks[column] for row, column in zip(rows, columns, strict=True) if possible[row, column]
        }

    def _forget(self, time_s: float) -> None:
        """Of those who are away, only the last to leave are remembered, so that crowds cost no more with time."""
        here = [track for track in self._tracks if time_s - track.time_s <= _MAX_GAP_S]
        away = [track for track in self._tracks if time_s - track.time_s > _MAX_GAP_S]
        self._tracks = here + sorted(away, key=lambda track: track.time_s)[-_MAX_AWAY:]

    def _begin(self, face: Face, look: Look, time_s: float) -> _Track:
        track = _Track(number=self._num_people, face=face, look=look, time_s=time_s, velocity=np.zeros(2))
        self._num_people += 1
        self._tracks.append(track)
        return track


def _go_on(track: _Track, face: Face, look: Look, time_s: float) -> None:
    elapsed = time_s - track.time_s
    if elapsed > _MAX_GAP_S:
        track.velocity = np.zeros(2)
    elif elapsed > _LEAST_STEP_S:
        velocity = (_middle(face) - _middle(track.face)) / elapsed
        track.velocity = 0.5 * track.velocity + 0.5 * velocity
    track.look = _normalized(_LOOK_MEMORY * track.look + (1 - _LOOK_MEMORY) * look)
    track.face, track.time_s = face, time_s


def _cost(track: _Track, face: Face, look: Look, time_s: float, *, is_cut: bool) -> float:
    """How badly a face fits a track; infinite where it cannot be the same person."""
    side = max(track.face.box.side, face.box.side)
    if side > _MAX_RESIZE * min(track.face.box.side, face.box.side):
        return np.inf
    elapsed = time_s - track.time_s
    here = _middle(face)
    from_expected = float(np.linalg.norm(here - track.expected_middle(time_s))) / side
    from_last = float(np.linalg.norm(here - _middle(track.face))) / side
    distance = min(from_expected, from_last)
    likeness = _likeness(track.look, look)
    if elapsed > _MAX_GAP_S and (likeness < _LIKENESS_OVER_GAP or from_last > _SAME_PLACE):
        return np.inf
    if is_cut and (likeness < _LIKENESS_OVER_CUT or from_last > _SAME_PLACE):
        return np.inf
    if distance > _MAX_MOVE * max(1.0, elapsed) or (likeness < _MIN_LIKENESS and distance > _SAME_PLACE):
        return np.inf
    return distance + 2 * (1 - likeness)


def _middle(face: Face) -> npt.NDArray[np.float64]:
    box = face.box
    return np.array([(box.x_min + box.x_max) / 2, (box.y_min + box.y_max) / 2])


def _look(pixels: RGBImage, face: Face) -> Look:
    """A small colored patch of the face and what is around it, whatever its brightness and contrast."""
    return _normalized(resize_square(crop_face(pixels, face.box, margin=0.25), _LOOK_PX).ravel())


def _thumbnail(pixels: RGBImage) -> Look:
    return _normalized(cv2.resize(pixels, _THUMBNAIL_WH, interpolation=cv2.INTER_AREA).astype(np.float32).ravel())


def _normalized(values: npt.NDArray[np.float32]) -> Look:
    centered = values - values.mean()
    return np.asarray(centered / max(float(np.linalg.norm(centered)), 1e-6), dtype=np.float32)


def _likeness(one: Look, other: Look) -> float:
    """Correlation, -1..1."""
    return float(one @ other)
