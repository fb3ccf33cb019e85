"""Clips made by the tests: from arrays of frames to the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction

import av
import numpy as np
from PIL import Image

from deepfake.media.images import RGBImage

_TICK = Fraction(1, 1000)


def encode_clip(
    frames: Sequence[RGBImage],
    *,
    container: str = "mp4",
    codec: str = "libx264",
    fps: int = 25,
    times_s: Sequence[float] | None = None,
    keyframe_every: int | None = None,
    turned: int = 0,
    says: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a clip.

    Args:
        frames: Each of shape (h, w, 3), uint8, h and w even.
        container: "mp4", "mov", "matroska", "webm" or "avi".
        codec: "libx264", "mpeg4" or "libvpx-vp9".
        fps: Frames a second.
        keyframe_every: Frames from one that stands for itself to the next; as the codec likes by default.
        times_s: When each frame is shown, for variable frame rates; evenly by default.
        turned: Degrees clockwise by which a player must turn the frames: 0, 90, 180 or 270.
        says: What the container says of itself, by name.
    """
    file = io.BytesIO()
    options = {"fflags": "+bitexact"} | ({"movflags": "use_metadata_tags"} if says else {})  # no random numbers in it
    with av.open(file, "w", format=container, options=options) as output:
        output.metadata.update(says or {})
        height, width = frames[0].shape[:2]
        stream = output.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "crf": "16"}
        if keyframe_every is not None:
            stream.gop_size = keyframe_every
        if times_s is not None:
            stream.codec_context.time_base = _TICK
        for index, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            if times_s is None:
                frame.pts, frame.time_base = index, Fraction(1, fps)
            else:
                frame.pts, frame.time_base = round(times_s[index] / _TICK), _TICK
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    data = file.getvalue()
    return _turned(data, turned) if turned else data


def _turned(data: bytes, degrees: int) -> bytes:
    """Write a rotation into the track header's matrix of an MP4, as phones do."""
    place = data.index(b"tkhd") + 4 + 40  # version 0: the matrix follows 40 bytes of other fields
    one = 1 << 16
    a, b, c, d = {90: (0, one, -one, 0), 180: (-one, 0, 0, -one), 270: (0, -one, one, 0)}[degrees]
    matrix = b"".join(value.to_bytes(4, "big", signed=True) for value in (a, b, 0, c, d, 0, 0, 0, 1 << 30))
    return data[:place] + matrix + data[place + len(matrix) :]


def encode_sound() -> bytes:
    """An MP4 with a second of silence and no pictures."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        for index in range(16):
            frame.pts = index * 1024
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def encode_animation(frames: Sequence[RGBImage], *, file_format: str = "GIF", frame_ms: int = 100) -> bytes:
    """An animated GIF or WebP."""
    file = io.BytesIO()
    pictures = [Image.fromarray(pixels) for pixels in frames]
    pictures[0].save(file, file_format, save_all=True, append_images=pictures[1:], duration=frame_ms)
    return file.getvalue()


def moving(
    face: RGBImage, *, num_frames: int, size_hw: tuple[int, int] = (240, 320), step_px: int = 2
) -> list[RGBImage]:
    """Frames in which a picture of a face moves to the right over a gray wall."""
    height, width = size_hw
    frames = []
    for index in range(num_frames):
        frame = np.full((height, width, 3), 110, np.uint8)
        left = min(index * step_px, width - face.shape[1])
        frame[10 : 10 + face.shape[0], left : left + face.shape[1]] = face
        frames.append(frame)
    return frames


def portrait(astronaut: RGBImage, side_px: int = 200) -> RGBImage:
    """The astronaut's head and shoulders, square."""
    head = Image.fromarray(astronaut[0:240, 100:340]).resize((side_px, side_px), Image.Resampling.LANCZOS)
    return np.asarray(head, dtype=np.uint8)
