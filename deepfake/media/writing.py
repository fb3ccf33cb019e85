"""Frames written as a clip that every browser plays: MP4 with H.264, in memory."""

from __future__ import annotations

import io
from collections.abc import Iterable

import av
import numpy as np

from deepfake.media.images import RGBImage


def write_clip(frames: Iterable[RGBImage], *, fps: int) -> bytes:
    """The bytes of an MP4; the same frames give the same bytes.

    Args:
        frames: Each of shape (height, width, 3), uint8, of one size, both sides even.
        fps: Frames a second.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"fflags": "+bitexact"}) as output:
        stream = output.add_stream("libx264", rate=fps)
        stream.pix_fmt, stream.options = "yuv420p", {"preset": "veryfast", "crf": "20", "threads": "1"}
        for number, pixels in enumerate(frames):
            if not number:
                stream.height, stream.width = pixels.shape[:2]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()
