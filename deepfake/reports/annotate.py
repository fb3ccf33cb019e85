"""A clip written again with boxes, people's names and verdicts drawn on every frame, without sound."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deepfake.analysis import ClipAnalysis
from deepfake.errors import FileAccessError
from deepfake.files import begun_beside
from deepfake.media.clips import Sampling
from deepfake.media.decoder import open_clip
from deepfake.media.faces import Box
from deepfake.media.images import RGBImage
from deepfake.people import Person, Sighting
from deepfake.reports.overlay import Color
from deepfake.verdicts import FAKE, REAL

_COLORS: dict[str, Color] = {FAKE: (213, 94, 0), REAL: (0, 114, 178)}
_GRAY: Color = (107, 114, 128)
_WORDS = {FAKE: "likely manipulated", REAL: "no sign found"}
_LINGER_S = 0.5  # a box stays so long before the first and after the last sighting
_MAX_GAP_S = 1.5  # between two sightings further apart, the face is not said to be anywhere
_MAX_SIDE_PX = 1920
_DEFAULT_FPS = 25.0
_TIME_BASE = Fraction(1, 90_000)


def write_annotated(data: bytes, analysis: ClipAnalysis, out: Path) -> int:
    """Write a clip as MP4 (H.264) with what is said of each person drawn on it.

    Args:
        data: The clip's bytes.
        analysis: Of the same clip.
        out: Where to write; replaced only when the new file is whole.

    Returns:
        The number of frames written.

    Raises:
        UnreadableClipError: The clip cannot be decoded.
        FileAccessError: `out` cannot be written.
    """
    try:
        with begun_beside(out) as scratch:
            return _write(data, analysis, scratch)
    except (OSError, av.error.FFmpegError) as error:
        raise FileAccessError(
            f"{out} cannot be written ({error}). Expected a folder that exists and has room. Choose another place."
        ) from error


def _write(data: bytes, analysis: ClipAnalysis, scratch: Path) -> int:
    written, last_pts = 0, -1
    with (
        open_clip(data, Sampling(every=1)) as clip,
        av.open(str(scratch), "w", format="mp4") as output,
    ):
        fps = clip.info.fps or _DEFAULT_FPS
        stream = output.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.pix_fmt, stream.options = "yuv420p", {"preset": "veryfast", "crf": "20"}
        stream.codec_context.time_base = _TIME_BASE
        for frame in clip.frames():
            pixels = draw_people(frame.pixels, analysis.people, frame.time_s)
            pixels = _fitting(pixels, (stream.height, stream.width) if written else None)
            if not written:
                stream.height, stream.width = pixels.shape[:2]
            pts = round(frame.time_s / _TIME_BASE)
            if pts <= last_pts:
                continue  # two frames of one time: no player shows the first
            last_pts = pts
            encoded = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            encoded.pts, encoded.time_base = pts, _TIME_BASE
            output.mux(stream.encode(encoded))
            written += 1
        output.mux(stream.encode(None))
    return written


def draw_people(pixels: RGBImage, people: Sequence[Person], time_s: float) -> RGBImage:
    """A copy of a frame with the box, name and verdict of each person who is there at that time."""
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    width = max(2, round(max(image.size) / 320))
    font = ImageFont.load_default(size=max(12, round(max(image.size) / 50)))
    for person in people:
        box = box_at(person.sightings, time_s)
        if box is None:
            continue
        verdict = person.verdict.verdict
        color = _COLORS.get(verdict, _GRAY)
        draw.rectangle([box.x_min, box.y_min, box.x_max, box.y_max], outline=color, width=width)
        said = _WORDS.get(verdict, "inconclusive") if person.is_judged else "not judged"
        text = f"Person {person.number}: {said}"
        left, _, right, bottom = draw.textbbox((0, 0), text, font=font)
        x = float(np.clip(box.x_min, 0, max(0, image.width - right - 6)))
        y = float(max(0, box.y_min - bottom - 6))
        draw.rectangle([x, y, x + right - left + 8, y + bottom + 6], fill=color)
        draw.text((x + 4, y + 2), text, fill=(255, 255, 255), font=font)
    return np.asarray(image, dtype=np.uint8)


def box_at(sightings: Sequence[Sighting], time_s: float) -> Box | None:
    """Where a person is between two sightings, on the line from one to the other; None where that is not known."""
    after = bisect_right([one.time_s for one in sightings], time_s)
    before, then = sightings[max(0, after - 1)], sightings[min(after, len(sightings) - 1)]
    gap_s = then.time_s - before.time_s
    if gap_s == 0 or gap_s > _MAX_GAP_S:
        nearest = min(before, then, key=lambda one: abs(one.time_s - time_s))
        return nearest.face.box if abs(nearest.time_s - time_s) <= _LINGER_S else None
    share = (time_s - before.time_s) / gap_s
    corners = (1 - share) * np.array(before.face.box.to_list()) + share * np.array(then.face.box.to_list())
    x_min, y_min, x_max, y_max = (round(float(value)) for value in corners)
    return Box(x_min=x_min, y_min=y_min, x_max=max(x_min + 1, x_max), y_max=max(y_min + 1, y_max))


def _fitting(pixels: RGBImage, wanted_hw: tuple[int, int] | None) -> RGBImage:
    """Even sides, as the codec asks, no larger than the screen; the same for every frame."""
    height, width = pixels.shape[:2]
    if wanted_hw is None:
        shrink = min(1.0, _MAX_SIDE_PX / max(height, width))
        wanted_hw = (max(2, round(height * shrink) // 2 * 2), max(2, round(width * shrink) // 2 * 2))
    if (height, width) == wanted_hw:
        return pixels
    return np.asarray(cv2.resize(pixels, wanted_hw[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)
