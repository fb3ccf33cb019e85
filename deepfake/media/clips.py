"""What a clip is before anything is judged: its frames, what its file says of itself, which frames are wanted."""

from __future__ import annotations

import io
import warnings
from dataclasses import asdict, dataclass
from typing import Any, Self

from PIL import Image

from deepfake.errors import UnreadableClipError
from deepfake.media.images import MAX_PIXELS, RGBImage

CLIP_EXTENSIONS = (".mp4", ".mov", ".m4v", ".avi", ".webm", ".mkv")
CLIP_FORMATS = "MP4, MOV, AVI, WebM, MKV, animated GIF or animated WebP"
ALL_FRAMES = 10**9
_MP4_ATOMS = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")  # pictures in MP4's box format
_ANIMATED_WEBP_FLAG = 0x02


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of a clip.

    Attributes:
        index: Its position among the clip's frames, from 0; estimated from `time_s` where only moments of a long
            clip were decoded.
        time_s: When it is shown, in seconds from the clip's first frame.
        pixels: RGB, shape (h, w, 3), uint8, upright; at most `ClipLimits.max_side_px` a side.
    """

    index: int
    time_s: float
    pixels: RGBImage


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInfo:
    """What the file says of itself; only the size is known to be true.

    Attributes:
        container: Such as "mov,mp4,m4a,3gp,3g2,mj2" or "gif".
        codec: Such as "h264".
        size_wh: Width and height of a frame as it is stored, pixels; shown, it may be turned or stretched.
        fps: Mean frames a second, or None.
        duration_s: Seconds, or None.
        num_frames: As declared, or None.
        bits_per_pixel: Of H.264 spent on a pixel of a frame, or None; other codecs need more or fewer for the same.
    """

    container: str
    codec: str
    size_wh: tuple[int, int]
    fps: float | None
    duration_s: float | None
    num_frames: int | None
    bits_per_pixel: float | None = None

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `dataclasses.asdict` gave, by way of JSON."""
        return cls(**{**values, "size_wh": tuple(values["size_wh"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A sign of life between frames that are wanted.

    Attributes:
        time_s: The clip was decoded up to here.
    """

    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipEnd:
    """How the decoding ended.

    Attributes:
        num_decoded: Frames decoded, wanted or not.
        num_expected: Frames that the file declares, where all of them were to be decoded; else None.
        is_damaged: Whether something could not be decoded.
        is_cut_short: Whether a limit of time or frames ended it before the clip did.
        is_in_moments: Whether only moments spread over a long clip were decoded.
        last_time_s: Time of the last decoded frame.
        decode_s: Seconds that the decoder worked.
    """

    num_decoded: int
    num_expected: int | None
    is_damaged: bool
    is_cut_short: bool
    is_in_moments: bool
    last_time_s: float
    decode_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Which frames are wanted. Exactly one of the first three is given.

    Attributes:
        per_second: So many a second of the clip's time.
        every: Every so manieth frame.
        per_clip: So many, evenly spaced, no frame twice; fewer where the clip has fewer.
        max_frames: No more than this. By `per_second`, a longer clip is sampled in moments spread over its
            length, each dense enough to follow a face.
    """

    per_second: float | None = None
    every: int | None = None
    per_clip: int | None = None
    max_frames: int = ALL_FRAMES

    def __post_init__(self) -> None:
        given = [value for value in (self.per_second, self.every, self.per_clip) if value is not None]
        if len(given) != 1 or given[0] <= 0 or self.max_frames < 1:
            raise ValueError(
                "Give exactly one of per_second, every and per_clip, greater than 0, and max_frames of at least 1. "
                f"Received: {asdict(self)}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLimits:
    """What a clip may cost.

    Attributes:
        max_frame_pixels: A file with larger frames is refused.
        max_side_px: Larger frames are shrunk to this side before they leave the decoder.
        max_wait_s: Seconds to wait for the decoder in all; what was read until then is judged.
        max_silence_s: Seconds without a sign of life after which the decoder is ended.
        max_memory_bytes: Of the decoding process, where the system can enforce it.
    """

    max_frame_pixels: int = 36_000_000  # 8K and a little
    max_side_px: int = 3840
    max_wait_s: float = 180.0
    max_silence_s: float = 20.0
    max_memory_bytes: int = 3 * 2**30  # address space; what is touched stays far below


def is_clip(data: bytes) -> bool:
    """Whether bytes are those of a clip or an animation, by their first bytes and never by their name."""
    if data[4:8] in _MP4_ATOMS:
        return data[8:12] not in _STILL_BRANDS
    if data[:4] == b"\x1aE\xdf\xa3" or (data[:4] == b"RIFF" and data[8:12] == b"AVI "):
        return True
    if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X":
        return len(data) > 20 and bool(data[20] & _ANIMATED_WEBP_FLAG)
    return data[:6] in (b"GIF87a", b"GIF89a") and _has_second_frame(data)


def is_animation(data: bytes) -> bool:
    """Whether a clip is a GIF or a WebP, which Pillow decodes."""
    return data[:3] == b"GIF" or data[8:12] == b"WEBP"


def unreadable(what: str) -> UnreadableClipError:
    """The refusal of a clip, with what is expected."""
    return UnreadableClipError(
        f"{what} Expected a clip ({CLIP_FORMATS}) with pictures in it. Download or copy it again, or open it in "
        "another program and save it as MP4."
    )


def _has_second_frame(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of size, which is looked at here
            with Image.open(io.BytesIO(data), formats=("GIF",)) as image:
                if image.width * image.height > MAX_PIXELS:
                    return False  # refused as a picture, before anything is decoded
                image.seek(1)
    except Exception:  # noqa: BLE001 - a damaged second frame raises nearly anything; the first is a picture
        return False
    return True
