"""Picture files that no camera makes, and some that cameras do make: a maker a kind, each drawn from a seed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image, PngImagePlugin
from skimage import data as skimage_data

from tests.hostile.damage import DAMAGES
from tests.hostile.names import MARKUP
from tests.pictures import encode, png_header

Maker = Callable[[np.random.Generator], bytes]
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_ORIENTATION, _SOFTWARE, _DESCRIPTION, _ARTIST = 0x0112, 0x0131, 0x010E, 0x013B
_USER_COMMENT, _EXIF_FOLDER = 0x9286, 0x8769
_MEGABYTE = 2**20


def face(rng: np.random.Generator) -> Image.Image:
    """The astronaut's head, small, each time a little otherwise."""
    left, top = (int(value) for value in rng.integers(-15, 15, 2))
    side = int(rng.integers(72, 150))
    head = Image.fromarray(skimage_data.astronaut()).crop((110 + left, 20 + top, 330 + left, 240 + top))
    return head.resize((side, side), Image.Resampling.BILINEAR)


def _one_of(rng: np.random.Generator, *choices: str) -> str:
    return choices[int(rng.integers(len(choices)))]


def _saved(image: Image.Image, rng: np.random.Generator) -> bytes:
    return encode(image, _one_of(rng, *FORMATS))


def whole(rng: np.random.Generator) -> bytes:
    return _saved(face(rng), rng)


def damaged(rng: np.random.Generator) -> bytes:
    base = (whole, progressive, animated, palette, with_alpha, sixteen_bits)[int(rng.integers(6))]
    return DAMAGES[int(rng.integers(len(DAMAGES)))](base(rng), rng)


def damaged_twice(rng: np.random.Generator) -> bytes:
    once = damaged(rng) or b"\0"
    return DAMAGES[int(rng.integers(len(DAMAGES)))](once, rng) if len(once) > 16 else once


def progressive(rng: np.random.Generator) -> bytes:
    return encode(face(rng), "JPEG", progressive=True, quality=int(rng.integers(1, 100)))


def animated(rng: np.random.Generator) -> bytes:
    """APNG and animated WebP and GIF; the last two are clips."""
    frames = [face(rng).resize((80, 80)) for _ in range(3)]
    return encode(frames[0], _one_of(rng, "GIF", "WEBP", "PNG"), save_all=True, append_images=frames[1:])


def palette(rng: np.random.Generator) -> bytes:
    return encode(face(rng).quantize(int(rng.integers(2, 256))), "PNG", transparency=int(rng.integers(2)))


def with_alpha(rng: np.random.Generator) -> bytes:
    image = face(rng)
    image.putalpha(Image.fromarray(rng.integers(0, 256, image.size[::-1], dtype=np.uint8)))
    return encode(image.convert(_one_of(rng, "RGBA", "LA")), _one_of(rng, "PNG", "WEBP"))


def sixteen_bits(rng: np.random.Generator) -> bytes:
    deep = np.asarray(face(rng).convert("L"), dtype=np.uint16) * 257
    return encode(Image.fromarray(deep), "PNG")


def gray_and_bits(rng: np.random.Generator) -> bytes:
    return encode(face(rng).convert(_one_of(rng, "L", "1")), "PNG")


def cmyk(rng: np.random.Generator) -> bytes:
    return encode(face(rng).convert("CMYK"), "JPEG")


def one_pixel_wide(rng: np.random.Generator) -> bytes:
    length = int(rng.integers(1, 12_000))
    return _saved(Image.new("RGB", (1, length) if rng.integers(2) else (length, 1), (200, 120, 90)), rng)


def turned(rng: np.random.Generator) -> bytes:
    """All eight ways, and some that do not exist."""
    exif = Image.Exif()
    exif[_ORIENTATION] = int(rng.integers(0, 12))
    return encode(face(rng), _one_of(rng, "JPEG", "PNG", "WEBP"), exif=exif)


def markup_in_exif(rng: np.random.Generator) -> bytes:
    exif = Image.Exif()
    for tag in (_SOFTWARE, _DESCRIPTION, _ARTIST):
        exif[tag] = _one_of(rng, *MARKUP)
    exif.get_ifd(_EXIF_FOLDER)[_USER_COMMENT] = b"ASCII\0\0\0" + _one_of(rng, *MARKUP).encode()
    return encode(face(rng), _one_of(rng, "JPEG", "PNG", "WEBP"), exif=exif)


def damaged_exif(rng: np.random.Generator) -> bytes:
    data = markup_in_exif(rng)
    start = max(data.find(b"Exif\0\0"), data.find(b"eXIf"), data.find(b"EXIF")) + 6
    damage = DAMAGES[int(rng.integers(len(DAMAGES)))]
    return data[:start] + damage(data[start : start + 90], rng) + data[start + 90 :]


def markup_in_png_texts(rng: np.random.Generator) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", _one_of(rng, *MARKUP))
    texts.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{_one_of(rng, *MARKUP)}</x:xmpmeta>", zip=bool(rng.integers(2)))
    return encode(face(rng), "PNG", pnginfo=texts)


def polyglot(rng: np.random.Generator) -> bytes:
    """Two kinds of file in one."""
    picture, markup = whole(rng), _one_of(rng, *MARKUP).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("../../evil.txt", markup)
    others = (
        archive.getvalue(),
        b"<html><body>" + markup,
        b"%PDF-1.7\n",
        whole(rng),
        b"#!/bin/sh\nexit\n",
        b"GIF89a/*",
    )
    other = others[int(rng.integers(len(others)))]
    return picture + other if rng.integers(2) else other + picture


def other_format(rng: np.random.Generator) -> bytes:
    kind = _one_of(rng, "TIFF", "BMP", "PPM", "ICO", "TGA", "PDF", "JPEG2000", "EPS", "DDS", "SGI")
    return encode(face(rng), kind)


def no_picture(rng: np.random.Generator) -> bytes:
    starts = (b"", b"\0", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\xffWEBP", b"GIF89a", b"II*\0")
    more = (b"", bytes(int(rng.integers(0, 5000))), rng.bytes(int(rng.integers(0, 5000))), MARKUP[0].encode())
    return starts[int(rng.integers(len(starts)))] + more[int(rng.integers(len(more)))]


# --- files that declare, or unpack to, far more than they are


def _side(rng: np.random.Generator) -> int:
    return int(2 ** rng.uniform(12, 31)) - 1


def bomb_png(rng: np.random.Generator) -> bytes:
    return png_header(_side(rng), _side(rng))


def bomb_jpeg(rng: np.random.Generator) -> bytes:
    data = bytearray(encode(face(rng), "JPEG"))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", *rng.integers(8000, 65535, 2).tolist())
    return bytes(data)


def bomb_gif(rng: np.random.Generator) -> bytes:
    data = bytearray(encode(face(rng), "GIF"))
    size = struct.pack("<HH", *rng.integers(8000, 65535, 2).tolist())
    data[6:10] = size
    if rng.integers(2):
        place = data.index(b"\x2c") + 5
        data[place : place + 4] = size
    return bytes(data)


def bomb_webp(rng: np.random.Generator) -> bytes:
    """VP8X says how large the canvas is, in 24 bits a side."""
    width, height = rng.integers(8000, 2**24, 2).tolist()
    body = struct.pack("<I", int(rng.integers(256))) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 4 + 8 + len(body)) + b"WEBPVP8X" + struct.pack("<I", len(body)) + body


def bomb_tiff(rng: np.random.Generator) -> bytes:
    data = bytearray(encode(face(rng), "TIFF"))
    place = data.rindex(struct.pack("<HH", 0x0100, 4)) + 8
    data[place : place + 4] = struct.pack("<I", 2**31 - 1)
    return bytes(data)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb_in_png_chunk(rng: np.random.Generator) -> bytes:
    """A text or a color profile that unpacks to 64 MB."""
    packed = zlib.compress(bytes(64 * _MEGABYTE), 9)
    chunk = _chunk(b"zTXt", b"a\0\0" + packed) if rng.integers(2) else _chunk(b"iCCP", b"a\0\0" + packed)
    data = encode(face(rng), "PNG")
    return data[:33] + chunk + data[33:]


def many_chunks(rng: np.random.Generator) -> bytes:
    data = encode(face(rng), "PNG")
    return data[:33] + _chunk(b"tEXt", b"k\0" + MARKUP[0].encode()) * 3000 + data[33:]


def nearly_too_large(rng: np.random.Generator) -> bytes:
    """A real picture of up to 80 million pixels, transparent, in a few hundred kilobytes."""
    width = int(rng.integers(2000, 9000))
    height = min(9000, 79_000_000 // width)
    size = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(bytes(1 + 4 * width)) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


PICTURES: tuple[Maker, ...] = (
    whole,
    damaged,
    damaged_twice,
    progressive,
    animated,
    palette,
    with_alpha,
    sixteen_bits,
    gray_and_bits,
    cmyk,
    one_pixel_wide,
    turned,
    markup_in_exif,
    damaged_exif,
    markup_in_png_texts,
    polyglot,
    other_format,
    no_picture,
    bomb_png,
    bomb_jpeg,
    bomb_gif,
    bomb_webp,
    bomb_tiff,
    bomb_in_png_chunk,
    many_chunks,
    nearly_too_large,
)
