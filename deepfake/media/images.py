"""From the bytes of a file to one upright RGB picture, whatever a camera or an editor made of it."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from deepfake.errors import ImageTooLargeError, UnreadableImageError
from deepfake.media.compression import jpeg_quality

RGBImage = npt.NDArray[np.uint8]  # (height, width, 3), 0..255

IMAGE_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_PILLOW_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_MULTI_PICTURE_STILLS = ("MPO",)  # a JPEG with a preview behind it, as many phones write it
MAX_PIXELS = 80_000_000  # a 50-megapixel phone picture passes; 240 MB once decoded
_STRIP_PIXELS = 2_000_000
_TURNED = range(2, 9)  # what EXIF says of a picture that is not stored upright
# What Pillow's readers raise on damaged files; struct.error is no ValueError.
_DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    MemoryError,
    struct.error,
    zlib.error,
)
_EXPECTED = "Expected a JPEG, PNG, WebP or GIF picture."


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: RGB, shape (height, width, 3), uint8, upright.
        file_format: What the bytes are ("JPEG", "PNG", ...), whatever the file's name says.
        num_frames: 1 for a still; more for an animation, of which `pixels` is the first frame.
        jpeg_quality: With which it was last saved, 1..100, or None where it is no JPEG.
    """

    pixels: RGBImage
    file_format: str
    num_frames: int
    jpeg_quality: int | None


def decode_image(data: bytes) -> Picture:
    """Decode a picture to upright RGB.

    EXIF orientation is applied; gray, palette, 16-bit and CMYK become 8-bit RGB; transparent pixels are
    shown on white, as most viewers do. The size is checked in the header, before any pixel is decoded.

    Args:
        data: The file's bytes.

    Raises:
        UnreadableImageError: The bytes are empty, damaged, or not in one of the named formats.
        ImageTooLargeError: More than `MAX_PIXELS` pixels.
    """
    if not data:
        raise UnreadableImageError(f"The file is empty (0 bytes). {_EXPECTED} Choose the file again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of size and of odd EXIF; both are handled here
            with Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS) as image:
                _check_size(image)
                file_format = image.format or "unknown"
                num_frames = 1 if file_format in _MULTI_PICTURE_STILLS else getattr(image, "n_frames", 1)
                quality = jpeg_quality(getattr(image, "quantization", {}))
                pixels = _to_upright_rgb(image)
    except Image.DecompressionBombError as error:
        raise _too_large("far more") from error
    except UnidentifiedImageError as error:
        raise UnreadableImageError(
            f"This is not a picture that can be opened here (its first bytes are {data[:8]!r}). {_EXPECTED} "
            "Open it in another program and save it as JPEG or PNG."
        ) from error
    except _DAMAGE as error:
        raise UnreadableImageError(
            f"The picture is damaged or cut off ({type(error).__name__}: {_one_line(error)}). {_EXPECTED} "
            "Download or copy it again, or open it in another program and save it as JPEG or PNG."
        ) from error
    return Picture(pixels=pixels, file_format=file_format, num_frames=num_frames, jpeg_quality=quality)


def recompress(pixels: RGBImage, quality: int) -> RGBImage:
    """Save as JPEG of a quality (1..100) and open again; shape (h, w, 3), uint8, in and out."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None  # what was encoded a line above
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def shrink(pixels: RGBImage, factor: int) -> RGBImage:
    """Divide width and height by a whole number, each pixel the mean of an area; a remainder at the edge is dropped."""
    height, width = (max(1, side // factor) for side in pixels.shape[:2])
    whole = pixels[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(f"{width} x {height} = {width * height / 1e6:.0f} million")
    if width == 0 or height == 0:
        raise UnreadableImageError(f"The picture is {width} x {height} pixels. {_EXPECTED} Choose another file.")


def _too_large(received: str) -> ImageTooLargeError:
    return ImageTooLargeError(
        f"The picture has {received} pixels. Expected at most {MAX_PIXELS / 1e6:.0f} million. "
        "Make it smaller, or cut out the part with the face."
    )


def _to_upright_rgb(image: Image.Image) -> RGBImage:
    """In strips, so that a large picture is in memory twice and not seven times."""
    image.load()
    upright = _apply_orientation(image)
    width, height = upright.size
    num_rows = max(1, _STRIP_PIXELS // width)
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, num_rows):
        bottom = min(height, top + num_rows)
        pixels[top:bottom] = _to_rgb(upright.crop((0, top, width, bottom)))
    return pixels


def _to_rgb(strip: Image.Image) -> RGBImage:
    """Shape (h, w, 3), or (h, w, 1) where it is gray."""
    if strip.mode.startswith("I;16"):
        return (np.asarray(strip) >> 8).astype(np.uint8)[..., None]
    if strip.mode in ("I", "F"):
        return np.clip(np.asarray(strip, dtype=np.float64) / 256, 0, 255).astype(np.uint8)[..., None]
    if strip.has_transparency_data:
        with_alpha = strip.convert("RGBA")
        white = Image.new("RGBA", with_alpha.size, (255, 255, 255, 255))
        strip = Image.alpha_composite(white, with_alpha)
    return np.asarray(strip.convert("RGB"), dtype=np.uint8)


def _apply_orientation(image: Image.Image) -> Image.Image:
    try:
        is_upright = image.getexif().get(ExifTags.Base.Orientation) not in _TURNED
        return image if is_upright else ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - damaged EXIF raises nearly anything; the pixels are still good
        return image


def _one_line(error: BaseException) -> str:
    said = str(getattr(error, "strerror", None) or error)
    return " ".join(said.split())[:120]
