"""From an open file to the wanted frames of a clip, one after the other: memory stays constant.

Runs in the decoder's own process (see `decoder.py`): whatever a hostile file does, it does it there.
Video by PyAV (FFmpeg), animations by Pillow.
"""

from __future__ import annotations

import os
import time
import warnings
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, BinaryIO

import av
import av.error
import cv2
import numpy as np
from av.stream import Disposition
from PIL import Image

from deepfake.media.clips import ClipEnd, ClipInfo, ClipLimits, Frame, Progress, Sampling, is_animation, unreadable
from deepfake.media.compression import bits_per_pixel
from deepfake.media.images import RGBImage

_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi"
_MAX_FAILURES = 500  # broken packets after which the rest is given up
_FRAMES_A_MOMENT = 8
_DEFAULT_FRAME_S = 0.1  # an animation that names no duration is shown so by browsers
_LESS_WAS_READ = 0.95  # of the declared duration, less a second: the last frame is shown for a while
_MAX_THREADS = 4  # each holds frames of its own, which for 8K would pass the memory limit
_PROGRESS_EVERY = 100  # frames decoded without one that is wanted

Wanted = Callable[[int, float], bool]
Message = ClipInfo | Frame | Progress | ClipEnd


@dataclass(slots=True)
class _Count:
    """What was met on the way."""

    num_decoded: int = 0
    num_failures: int = 0
    last_time_s: float = 0.0
    is_cut_short: bool = False
    in_moments: bool = False
    emitted: int = 0
    started: float = field(default_factory=time.perf_counter)
    waited_s: float = 0.0

    def end(self, expected: int | None, duration_s: float | None = None) -> ClipEnd:
        # frames are declared that no player shows (edit lists, variable frame rates); time is not
        ends_early = duration_s is not None and self.last_time_s < _LESS_WAS_READ * duration_s - 1
        return ClipEnd(
            num_decoded=self.num_decoded,
            num_expected=None if self.in_moments or self.is_cut_short else expected,
            is_damaged=self.num_failures > 0 or (ends_early and not self.in_moments and not self.is_cut_short),
            is_cut_short=self.is_cut_short,
            is_in_moments=self.in_moments and self.num_decoded > self.emitted,
            last_time_s=self.last_time_s,
            decode_s=time.perf_counter() - self.started - self.waited_s,
        )


def decode(file: BinaryIO, sampling: Sampling, limits: ClipLimits) -> Iterator[Message]:
    """Give what the file says of itself, then its wanted frames, then how it ended.

    Args:
        file: Open for reading, seekable.
        sampling: Which frames are wanted.
        limits: Size limits; time and memory are the caller's to enforce.

    Raises:
        UnreadableClipError: Nothing in it can be decoded, or its frames are too large.
    """
    head = file.read(32)
    file.seek(0)
    count = _Count()
    for message in (
        _animation(file, sampling, limits, count) if is_animation(head) else _video(file, sampling, limits, count)
    ):
        paused = time.perf_counter()
        yield message
        count.waited_s += time.perf_counter() - paused


def _wanted(sampling: Sampling, num_frames: int | None) -> Wanted:
    """Whether a frame is wanted, asked for each frame in its order."""
    if sampling.every is not None:
        every = sampling.every
        return lambda index, _: index % every == 0
    if sampling.per_clip is not None:
        last = max(0, (num_frames or 1) - 1)
        chosen = {round(place) for place in np.linspace(0, last, min(sampling.per_clip, last + 1))}
        return lambda index, _: index in chosen
    return _Clock(1 / float(sampling.per_second or 1))


class _Clock:
    """True for the first frame at or after each tick."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._next_s = -np.inf

    def __call__(self, index: int, time_s: float) -> bool:
        del index
        if time_s < self._next_s - 1e-6:
            return False
        behind = not np.isfinite(self._next_s) or time_s - self._next_s >= self._interval_s
        self._next_s = (time_s if behind else self._next_s) + self._interval_s
        return True


class _Moments:
    """True for the first frames of each moment, as many a second as asked for."""

    def __init__(self, starts_s: Sequence[float], sampling: Sampling, *, after_s: float) -> None:
        self._starts_s = starts_s
        self._interval_s = 1 / float(sampling.per_second or 1)
        self._after_s = after_s
        self._moment = bisect_right(starts_s, after_s)  # it was taken already
        self._num_taken = _FRAMES_A_MOMENT
        self._clock = _Clock(self._interval_s)

    def __call__(self, index: int, time_s: float) -> bool:
        if time_s <= self._after_s:
            return False
        moment = bisect_right(self._starts_s, time_s)
        if moment != self._moment:
            self._moment, self._num_taken, self._clock = moment, 0, _Clock(self._interval_s)
        if self._num_taken >= _FRAMES_A_MOMENT or not self._clock(index, time_s):
            return False
        self._num_taken += 1
        return True


def _starts_of_moments(info: ClipInfo, sampling: Sampling) -> list[float]:
    num_moments = max(1, sampling.max_frames // _FRAMES_A_MOMENT)
    return [float(start) for start in np.linspace(0, float(info.duration_s or 0), num_moments, endpoint=False)]


def _video(file: BinaryIO, sampling: Sampling, limits: ClipLimits, count: _Count) -> Iterator[Message]:
    try:
        # the whitelists keep playlists and references from opening other files or addresses
        container = av.open(file, options={"format_whitelist": _CONTAINERS, "protocol_whitelist": ""})
    except (av.error.FFmpegError, OSError, ValueError) as error:
        what = f"This clip is damaged, cut off, or of a kind that cannot be opened ({_short(error)})."
        raise unreadable(what) from error
    with container:
        stream = _moving_pictures(container)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = min(_MAX_THREADS, os.cpu_count() or 1)
        info = _video_info(container, stream)
        _check_size(info, limits)
        if sampling.per_clip is not None:
            info = _with_counted_frames(container, stream, info)
        yield info
        wanted = _wanted(sampling, info.num_frames)
        is_through = False
        if _is_long(info, sampling):
            starts_s = _starts_of_moments(info, sampling)
            is_through = yield from _moments(container, stream, info, sampling, limits, count, starts_s)
            wanted = _Moments(starts_s, sampling, after_s=count.last_time_s if count.emitted else -1.0)
        if not is_through:
            yield from _in_order(_frames(container, stream, count), wanted, sampling, limits, count, stream)
    if not count.num_decoded:
        raise unreadable("No frame of this clip could be decoded.")
    yield count.end(info.num_frames, info.duration_s)


def _moving_pictures(container: Any) -> Any:
    """The main video stream; the cover of a song is none."""
    moving = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not moving:
        raise unreadable("This file has no moving pictures in it, only sound or data.")
    best = container.streams.best("video")
    return best if best in moving else moving[0]


def _is_long(info: ClipInfo, sampling: Sampling) -> bool:
    """Whether more frames would be wanted than may be taken."""
    if sampling.per_second is None or info.duration_s is None:
        return False
    has_more = info.num_frames is None or info.num_frames > sampling.max_frames
    return has_more and info.duration_s * sampling.per_second > sampling.max_frames


def _video_info(container: Any, stream: Any) -> ClipInfo:
    rate = stream.average_rate or stream.guessed_rate
    duration: float | None = container.duration / av.time_base if container.duration else None
    if stream.duration is not None and stream.time_base is not None:
        duration = float(stream.duration * stream.time_base)
    size_wh, fps = (stream.width, stream.height), float(rate) if rate else None
    return ClipInfo(
        container=container.format.name,
        codec=stream.codec_context.name if stream.codec_context is not None else "unknown",
        size_wh=size_wh,
        fps=fps,
        duration_s=duration if duration and duration > 0 else None,
        num_frames=stream.frames or (round(duration * float(rate)) if duration and duration > 0 and rate else None),
        bits_per_pixel=bits_per_pixel(bits_per_second=_bits_per_second(container, stream), size_wh=size_wh, fps=fps),
    )


def _bits_per_second(container: Any, stream: Any) -> int | None:
    """Of H.264 alone; where only the whole file says it, there must be nothing else in it."""
    if stream.codec_context is None or stream.codec_context.name != "h264":
        return None
    rate: int | None = stream.bit_rate or (container.bit_rate if len(container.streams) == 1 else None)
    return rate


def _with_counted_frames(container: Any, stream: Any, info: ClipInfo) -> ClipInfo:
    """Count packets, since containers lie; nothing is decoded for it."""
    try:
        num_frames = sum(packet.size > 0 and not packet.is_discard for packet in container.demux(stream))
    except av.error.FFmpegError:
        num_frames = info.num_frames or 0
    container.seek(stream.start_time or 0, stream=stream)
    return replace(info, num_frames=num_frames or info.num_frames)


def _check_size(info: ClipInfo, limits: ClipLimits) -> None:
    width, height = info.size_wh
    if width * height > limits.max_frame_pixels:
        raise unreadable(
            f"The clip's frames have {width} x {height} pixels, more than the "
            f"{limits.max_frame_pixels / 1e6:.0f} million that are judged."
        )


def _frames(container: Any, stream: Any, count: _Count) -> Iterator[Any]:
    """Every frame that can be decoded; what cannot is counted and passed over."""
    packets = container.demux(stream)
    while count.num_failures < _MAX_FAILURES:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError) as error:
            if isinstance(error, av.error.EOFError):
                return
            count.num_failures += 1
            continue
        for frame in frames:
            if frame.is_corrupt:
                count.num_failures += 1
            else:
                yield frame


def _in_order(
    frames: Iterator[Any], wanted: Wanted, sampling: Sampling, limits: ClipLimits, count: _Count, stream: Any
) -> Iterator[Frame | Progress]:
    for frame in frames:
        index, time_s = count.num_decoded, _time_of(frame, count.num_decoded, stream)
        count.num_decoded += 1
        count.last_time_s = max(count.last_time_s, time_s)
        if not wanted(index, time_s):
            if count.num_decoded % _PROGRESS_EVERY == 0:
                yield Progress(time_s=time_s)
            continue
        if count.emitted >= sampling.max_frames:
            count.is_cut_short = True
            return
        count.emitted += 1
        yield Frame(index=index, time_s=time_s, pixels=_upright(frame, stream, limits))


def _moments(
    container: Any,
    stream: Any,
    info: ClipInfo,
    sampling: Sampling,
    limits: ClipLimits,
    count: _Count,
    starts_s: Sequence[float],
) -> Generator[Frame, None, bool]:
    """Short runs of frames spread over a long clip, each from the keyframe before its place.

    Returns:
        Whether that was possible. Where keyframes are too rare, the file is left at its start, for the caller to go
        through all of it in order.
    """
    count.in_moments = True
    for start_s in starts_s:
        try:
            container.seek(int((stream.start_time or 0) + start_s / float(stream.time_base)), stream=stream)
        except av.error.FFmpegError:
            return False
        wanted, taken = _wanted(sampling, None), 0
        for frame in _frames(container, stream, count):
            time_s = _time_of(frame, count.num_decoded, stream)
            if count.emitted and time_s <= count.last_time_s:
                container.seek(stream.start_time or 0, stream=stream)
                count.num_decoded = 0  # they are counted again on the way
                return False
            count.num_decoded += 1
            count.last_time_s = time_s
            if wanted(0, time_s):
                taken += 1
                count.emitted += 1
                index = round(time_s * info.fps) if info.fps else count.num_decoded
                yield Frame(index=index, time_s=time_s, pixels=_upright(frame, stream, limits))
            if taken >= _FRAMES_A_MOMENT:
                break
    return True


def _time_of(frame: Any, index: int, stream: Any) -> float:
    if frame.pts is not None and frame.time_base:
        return max(0.0, float((frame.pts - (stream.start_time or 0)) * frame.time_base))
    return float(index / (stream.average_rate or Fraction(25)))


def _upright(frame: Any, stream: Any, limits: ClipLimits) -> RGBImage:
    """RGB with square pixels, turned as the file asks, no larger than the limit."""
    width, height = frame.width, frame.height
    aspect = stream.sample_aspect_ratio
    if aspect and 0.1 < float(aspect) < 10:
        width = max(1, round(width * float(aspect)))
    shrink = min(1.0, limits.max_side_px / max(width, height))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    pixels = frame.to_ndarray(format="rgb24")
    if size != (frame.width, frame.height):
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90) % 4), dtype=np.uint8)


def _animation(file: BinaryIO, sampling: Sampling, limits: ClipLimits, count: _Count) -> Iterator[Message]:
    warnings.simplefilter("ignore")
    try:
        image = Image.open(file, formats=("GIF", "WEBP"))
        num_frames = getattr(image, "n_frames", 1)
    except Exception as error:
        raise unreadable(f"This animation is damaged or cut off ({_short(error)}).") from error
    info = ClipInfo(
        container=(image.format or "gif").lower(),
        codec=(image.format or "gif").lower(),
        size_wh=image.size,
        fps=None,
        duration_s=None,
        num_frames=num_frames,
    )
    _check_size(info, limits)
    yield info
    wanted, time_s = _wanted(sampling, num_frames), 0.0
    for index in range(num_frames):
        try:
            image.seek(index)
            image.load()  # only then does a WebP say how long its frame is shown
            duration_s = (image.info.get("duration") or 0) / 1000 or _DEFAULT_FRAME_S
            is_wanted = wanted(index, time_s)
            pixels = _on_white(image, limits) if is_wanted else None
        except Exception:  # noqa: BLE001 - damaged frames raise nearly anything
            count.num_failures += 1
            break
        count.num_decoded += 1
        count.last_time_s = time_s
        if pixels is not None:
            if count.emitted >= sampling.max_frames:
                count.is_cut_short = True
                break
            count.emitted += 1
            yield Frame(index=index, time_s=time_s, pixels=pixels)
        time_s += duration_s
    if not count.num_decoded:
        raise unreadable("No frame of this animation could be decoded.")
    yield count.end(num_frames)


def _on_white(image: Image.Image, limits: ClipLimits) -> RGBImage:
    layer = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, (255, 255, 255, 255)), layer).convert("RGB")
    if max(flat.size) > limits.max_side_px:
        flat.thumbnail((limits.max_side_px, limits.max_side_px))
    return np.array(flat, dtype=np.uint8)


def _short(error: BaseException) -> str:
    """What a library says of a file, in a line and without the numbers that systems give to errors."""
    said = str(getattr(error, "strerror", None) or error)
    return f"{type(error).__name__}: {' '.join(said.split())[:120]}"
