from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from deepfake.media.clips import Sampling
from deepfake.media.compression import bits_per_pixel, jpeg_quality
from deepfake.media.decoder import open_clip
from deepfake.media.images import RGBImage, decode_image
from tests.clips import encode_clip
from tests.pictures import encode

QUALITIES = [*range(1, 101, 7), 100]


@pytest.mark.parametrize("quality", QUALITIES)
def test_the_quality_of_a_jpeg_is_read_off_its_table(astronaut_pixels: RGBImage, quality: int) -> None:
    small = Image.fromarray(astronaut_pixels[:32, :32])
    assert decode_image(encode(small, "JPEG", quality=quality)).jpeg_quality == quality


def test_opencv_and_progressive_files_are_read_alike(astronaut_pixels: RGBImage) -> None:
    small = astronaut_pixels[:32, :32]
    _, by_opencv = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 43])
    assert decode_image(by_opencv.tobytes()).jpeg_quality == 43
    gray = Image.fromarray(small).convert("L")
    assert decode_image(encode(gray, "JPEG", quality=43, progressive=True)).jpeg_quality == 43


def test_a_table_of_an_editors_own_gets_the_nearest_quality() -> None:
    assert jpeg_quality({0: [1] * 64}) == 100
    assert jpeg_quality({0: [255] * 64}) == 1
    with Image.open(io.BytesIO(encode(Image.new("L", (8, 8)), "JPEG", quality=50))) as image:
        coarser = [divisor + 1 for divisor in image.quantization[0]]
    assert jpeg_quality({0: coarser}) == 49


def test_a_picture_of_another_kind_has_none(astronaut_bytes: bytes) -> None:
    assert decode_image(astronaut_bytes).jpeg_quality is None
    assert jpeg_quality({}) is None


def test_bits_are_counted_by_pixel_and_frame() -> None:
    assert bits_per_pixel(bits_per_second=1000, size_wh=(10, 5), fps=10.0) == 2.0


@pytest.mark.parametrize(
    ("bits_per_second", "size_wh", "fps"),
    [(None, (10, 5), 10.0), (1000, (0, 5), 10.0), (1000, (10, 5), None), (-1000, (10, 5), 10.0)],
)
def test_a_clip_that_does_not_say_enough_has_none(
    bits_per_second: int | None, size_wh: tuple[int, int], fps: float | None
) -> None:
    assert bits_per_pixel(bits_per_second=bits_per_second, size_wh=size_wh, fps=fps) is None


def test_a_clip_says_what_it_spends() -> None:
    noise = np.random.default_rng(0)
    frames = [noise.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(25)]
    data = encode_clip(frames)
    with open_clip(data, Sampling(every=1)) as clip:
        spent = clip.info.bits_per_pixel
    assert spent == pytest.approx(8 * len(data) / (48 * 64 * 25), rel=0.2)  # the file is little more than its frames
