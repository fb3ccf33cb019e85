"""How a clip is shown: played where browsers can, else as a strip of its judged frames. Pure functions."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepfake.media.clips import ClipInfo

_MP4_CODECS = frozenset({"h264", "av1", "vp9"})
_WEBM_CODECS = frozenset({"vp8", "vp9", "av1"})
_EBML_HEAD = 4096
_CODEC_NAMES = {
    "h264": "H.264",
    "hevc": "H.265 (HEVC)",
    "mpeg4": "MPEG-4 part 2",
    "mjpeg": "Motion JPEG",
    "vp9": "VP9",
    "webp": "animated WebP",
    "gif": "a large GIF",
}
_CONTAINER_NAMES = {"avi": "an AVI file", "matroska": "a Matroska file"}
_MAX_ANIMATION_BYTES = 20 * 2**20
_MAX_ANIMATION_PX = 1200  # a wider one would be stood still by being shrunk
_FILMSTRIP_FRAMES = 12


def playable_as(data: bytes, info: ClipInfo) -> str | None:
    """The type under which a browser's player takes a clip; None where browsers in general cannot play it.

    A MOV is handed over as MP4: it is the same format, and some browsers refuse it under its own name.
    """
    containers = info.container.split(",")
    if "mp4" in containers or "mov" in containers:
        return "video/mp4" if info.codec in _MP4_CODECS else None
    if "webm" in containers and b"webm" in data[:_EBML_HEAD]:  # else it is a Matroska file
        return "video/webm" if info.codec in _WEBM_CODECS else None
    return None


def is_showable_animation(data: bytes, info: ClipInfo) -> bool:
    """Whether an animation moves when shown as a picture."""
    is_small = len(data) <= _MAX_ANIMATION_BYTES and max(info.size_wh) <= _MAX_ANIMATION_PX
    return data[:3] == b"GIF" and is_small


def why_not_played(info: ClipInfo) -> str:
    """Why a filmstrip stands in for the player."""
    codec = _CODEC_NAMES.get(info.codec, info.codec)
    container = _CONTAINER_NAMES.get(info.container.split(",")[0])
    kind = f"{codec} in {container}" if container else codec
    return f"Not every browser can play this kind of clip ({kind}), so some of the frames that were judged stand in."


def spread(count: int, wanted: int = _FILMSTRIP_FRAMES) -> list[int]:
    """Up to `wanted` positions among `count`, evenly spaced, the first and the last among them.

    >>> spread(5, 3), spread(2, 3)
    ([0, 2, 4], [0, 1])
    """
    if count <= wanted:
        return list(range(count))
    return [round(step * (count - 1) / (wanted - 1)) for step in range(wanted)]


def filmstrip(pictures: Sequence[bytes], times: Sequence[str]) -> str:
    """Pictures side by side, each with its time; scrolls sideways where there is no room.

    Args:
        pictures: Small JPEGs.
        times: In words.
    """
    cells = "".join(
        f'<figure style="margin:0;flex:none"><img src="{jpeg_source(picture)}" alt="The clip at {escape(time)}" '
        'height="110" style="border-radius:.3rem;display:block">'
        f'<figcaption style="font-size:.8rem;text-align:center">{escape(time)}</figcaption></figure>'
        for picture, time in zip(pictures, times, strict=True)
    )
    return (
        '<div role="group" aria-label="Frames of the clip" tabindex="0" '
        f'style="display:flex;gap:.4rem;overflow-x:auto;padding-bottom:.3rem">{cells}</div>'
    )


def jpeg_source(picture: bytes) -> str:
    """A JPEG as the source of an `img`."""
    return "data:image/jpeg;base64," + b64encode(picture).decode()
