from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deepfake.errors import ImageTooLargeError, UnreadableImageError
from deepfake.media.images import MAX_PIXELS, decode_image
from tests.conftest import REPO
from tests.pictures import encode, png_header

# A picture whose four corners tell every turn and mirroring apart: red, green / blue, white.
CORNERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
EXIF_ORIENTATION = 0x0112


def corners(width: int = 40, height: int = 60) -> np.ndarray:
    return CORNERS.repeat(height // 2, axis=0).repeat(width // 2, axis=1)


def lossless(image: Image.Image, **options: Any) -> np.ndarray:
    return decode_image(encode(image, "PNG", **options)).pixels


# --- orientation: what EXIF says was done to the upright picture before it was stored

STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_a_picture_comes_out_upright(orientation: int, file_format: str) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](corners())))
    pixels = decode_image(encode(stored, file_format, exif=exif)).pixels
    assert pixels.shape == (60, 40, 3)
    assert np.abs(pixels[10::40, 10::20].astype(int) - CORNERS).max() < 12


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_changes_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    assert np.array_equal(lossless(Image.fromarray(corners()), exif=exif), corners())


def test_damaged_exif_costs_the_orientation_and_not_the_picture() -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 1
    data = encode(Image.fromarray(corners()), "JPEG", exif=exif)
    start = data.index(b"Exif\0\0") + 6
    damaged = data[: start + 4] + b"\xff\xff\xff\x7f" + data[start + 8 :]
    assert decode_image(damaged).pixels.shape == (60, 40, 3)


# --- kinds of pixels


def test_an_rgb_picture_keeps_its_pixels() -> None:
    assert np.array_equal(lossless(Image.fromarray(corners())), corners())


def test_the_pixels_are_writable_uint8() -> None:
    pixels = lossless(Image.fromarray(corners()))
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable


def test_a_gray_picture_becomes_rgb() -> None:
    gray = np.array([[0, 100], [200, 255]], np.uint8)
    assert np.array_equal(lossless(Image.fromarray(gray)), np.stack([gray] * 3, axis=2))


def test_a_gray_jpeg_becomes_rgb() -> None:
    pixels = decode_image(encode(Image.new("L", (16, 16), 100), "JPEG")).pixels
    assert pixels.shape == (16, 16, 3)
    assert np.abs(pixels.astype(int) - 100).max() <= 1


def test_a_transparent_gray_pixel_shows_white() -> None:
    image = Image.fromarray(np.array([[[50, 255], [50, 0]]], np.uint8), "LA")
    assert lossless(image).tolist() == [[[50, 50, 50], [255, 255, 255]]]


def test_a_transparent_color_pixel_shows_white_and_a_half_transparent_one_is_mixed_with_it() -> None:
    image = Image.fromarray(np.array([[[200, 100, 0, 255], [200, 100, 0, 0], [200, 100, 0, 128]]], np.uint8), "RGBA")
    pixels = lossless(image)
    assert pixels[0, :2].tolist() == [[200, 100, 0], [255, 255, 255]]
    # 128/255 of the color and the rest white: 227, 177, 127
    assert np.abs(pixels[0, 2].astype(int) - [227, 177, 127]).max() <= 1


def palette_picture() -> Image.Image:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    return image


def test_a_palette_becomes_its_colors() -> None:
    assert lossless(palette_picture()).tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]


def test_a_transparent_palette_entry_shows_white() -> None:
    assert lossless(palette_picture(), transparency=1).tolist() == [[[255, 0, 0], [255, 255, 255], [0, 0, 255]]]


def test_a_palette_with_half_transparent_entries_is_mixed_with_white() -> None:
    pixels = lossless(palette_picture(), transparency=bytes([255, 128, 0]))
    assert np.abs(pixels.astype(int) - [[[255, 0, 0], [127, 255, 127], [255, 255, 255]]]).max() <= 1


def test_16_bits_a_pixel_become_8() -> None:
    deep = np.array([[0, 255, 256, 32768, 65535]], np.uint16)
    assert lossless(Image.fromarray(deep))[0, :, 0].tolist() == [0, 0, 1, 128, 255]


def test_a_16_bit_picture_is_neither_black_nor_white() -> None:
    deep = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    assert abs(lossless(Image.fromarray(deep)).mean() - 127.5) < 2


def test_1_bit_a_pixel_becomes_black_and_white() -> None:
    bits = Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1")
    assert lossless(bits).tolist() == [[[0, 0, 0], [255, 255, 255]]]


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 0, 255), (255, 255, 255), (20, 20, 20)])
def test_a_cmyk_jpeg_keeps_its_colors(color: tuple[int, int, int]) -> None:
    data = encode(Image.new("RGB", (16, 16), color).convert("CMYK"), "JPEG", quality=95)
    assert np.abs(decode_image(data).pixels.astype(int) - color).max() < 8


# --- animations


FRAMES = [Image.new("RGB", (20, 10), color) for color in ("red", "blue", "white")]


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_gives_its_first_frame_and_counts_the_others(file_format: str) -> None:
    lossless_options = {"lossless": True} if file_format == "WEBP" else {}
    picture = decode_image(encode(FRAMES[0], file_format, save_all=True, append_images=FRAMES[1:], **lossless_options))
    assert picture.num_frames == 3
    assert picture.file_format == file_format
    assert np.unique(picture.pixels.reshape(-1, 3), axis=0).tolist() == [[255, 0, 0]]


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "JPEG"])
def test_a_still_has_one_frame(file_format: str) -> None:
    picture = decode_image(encode(FRAMES[0], file_format))
    assert (picture.num_frames, picture.file_format) == (1, file_format)


def test_a_phones_jpeg_with_a_preview_behind_it_is_a_still() -> None:
    picture = decode_image(encode(FRAMES[0], "MPO", save_all=True, append_images=[FRAMES[1].resize((4, 2))]))
    assert picture.num_frames == 1
    assert picture.pixels.shape == (10, 20, 3)


# --- sizes


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 300), (300, 1)])
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_one_pixel_wide_is_a_picture(width: int, height: int, file_format: str) -> None:
    assert decode_image(encode(Image.new("RGB", (width, height)), file_format)).pixels.shape == (height, width, 3)


@pytest.mark.parametrize(("width", "height"), [(10_000, 8_001), (14_000, 12_000), (60_000, 60_000), (2**31 - 1, 9)])
def test_a_huge_declared_size_is_refused_from_the_header(width: int, height: int) -> None:
    started = time.perf_counter()
    with pytest.raises(ImageTooLargeError, match="80 million"):
        decode_image(png_header(width, height))
    assert time.perf_counter() - started < 1.0


def test_the_largest_size_is_allowed_and_one_more_row_is_not() -> None:
    assert MAX_PIXELS == 10_000 * 8_000
    with pytest.raises(UnreadableImageError):  # past the size check: its pixels are missing
        decode_image(png_header(10_000, 8_000))
    with pytest.raises(ImageTooLargeError):
        decode_image(png_header(10_000, 8_001))


def test_a_large_transparent_picture_is_in_memory_twice_and_not_seven_times() -> None:
    """A PNG of 200 kB that is let in took 2.2 GB, and several at once would have ended the app."""
    resource = pytest.importorskip("resource", reason="memory is measured as Unix does")
    code = (
        "import io, resource, sys; from PIL import Image; from deepfake.media.images import decode_image\n"
        "buffer = io.BytesIO(); Image.new('RGBA', (8000, 5000)).save(buffer, 'PNG', compress_level=1)\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 450_000_000,) * 2)\n"
        "print(decode_image(buffer.getvalue()).pixels.shape)"
    )
    if not Path("/proc/self/statm").exists():
        pytest.skip(f"{resource.__name__} alone does not tell how much is in use; /proc does")
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(5000, 8000, 3)", done.stderr


def test_a_50_megapixel_phone_picture_passes() -> None:
    data = encode(Image.new("L", (8160, 6144), 128), "JPEG")
    assert decode_image(data).pixels.shape == (6144, 8160, 3)


# --- what is no picture


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(UnreadableImageError, match="empty"):
        decode_image(b"")


@pytest.mark.parametrize(
    "data",
    [b"I am text named face.jpg\n", b"%PDF-1.7\n", b"<svg/>", b"\0" * 1000, b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"],
    ids=["text", "pdf", "svg", "zeros", "jpeg start", "png start"],
)
def test_bytes_that_are_no_picture_are_refused_with_what_was_expected(data: bytes) -> None:
    with pytest.raises(UnreadableImageError, match="Expected a JPEG, PNG, WebP or GIF"):
        decode_image(data)


@pytest.mark.parametrize("file_format", ["TIFF", "BMP", "PPM", "ICO", "TGA", "PDF", "JPEG2000"])
def test_only_the_named_formats_are_opened_whatever_the_extension_says(file_format: str) -> None:
    with pytest.raises(UnreadableImageError):
        decode_image(encode(FRAMES[0], file_format))


def animation(file_format: str) -> bytes:
    return encode(FRAMES[0], file_format, save_all=True, append_images=FRAMES[1:])


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8))


SAMPLES = {
    "jpeg": lambda: encode(noise(), "JPEG"),
    "progressive jpeg": lambda: encode(noise(), "JPEG", progressive=True),
    "png": lambda: encode(noise(), "PNG"),
    "palette png": lambda: encode(noise().quantize(16), "PNG", transparency=3),
    "webp": lambda: encode(noise(), "WEBP"),
    "gif": lambda: encode(noise(), "GIF"),
    "animated gif": lambda: animation("GIF"),
    "animated webp": lambda: animation("WEBP"),
    "apng": lambda: animation("PNG"),
}


@pytest.mark.parametrize("kind", ["jpeg", "progressive jpeg", "png", "webp", "gif"])
def test_a_picture_cut_off_anywhere_in_its_pixels_is_refused(kind: str) -> None:
    data = SAMPLES[kind]()
    for length in np.linspace(1, len(data) * 0.95, 60).astype(int):
        with pytest.raises(UnreadableImageError):
            decode_image(data[:length])


def test_an_animation_cut_off_in_a_later_frame_is_read_or_refused() -> None:
    """Regression: Pillow's struct.error came through while the frames were counted."""
    data = SAMPLES["animated gif"]()
    outcomes = set()
    for length in range(len(data)):
        try:
            outcomes.add(decode_image(data[:length]).pixels.shape)
        except UnreadableImageError:
            outcomes.add(None)
    assert outcomes == {None, (10, 20, 3)}


@pytest.mark.parametrize("kind", SAMPLES)
def test_damaged_files_are_read_or_refused_and_raise_nothing_else(kind: str) -> None:
    data = SAMPLES[kind]()
    rng = np.random.default_rng(1)
    num_refused = 0
    for number in range(120):
        damaged = bytearray(data[: len(data) * number // 120] if number % 2 else data)
        for _ in range(4):
            if damaged:
                damaged[rng.integers(len(damaged))] = rng.integers(256)
        try:
            assert decode_image(bytes(damaged)).pixels.ndim == 3
        except (UnreadableImageError, ImageTooLargeError):
            num_refused += 1
    assert num_refused >= 20
