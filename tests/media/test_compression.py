from __future__ import annotations

import io

import av
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


NOISE = [np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(25)]


def spent_by(data: bytes) -> float | None:
    with open_clip(data, Sampling(every=1)) as clip:
        return clip.info.bits_per_pixel


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi"])
def test_a_clip_says_what_it_spends(container: str) -> None:
    data = encode_clip(NOISE, container=container)
    assert spent_by(data) == pytest.approx(8 * len(data) / (48 * 64 * 25), rel=0.2)  # it is little more than its frames


def test_sound_is_no_picture() -> None:
    assert spent_by(with_sound(encode_clip(NOISE, container="matroska"), "matroska")) is None
    silent = spent_by(encode_clip(NOISE))
    assert spent_by(with_sound(encode_clip(NOISE), "mp4")) == pytest.approx(silent, rel=0.05)


def test_codecs_that_need_fewer_bits_for_the_same_are_not_measured_by_h264() -> None:
    assert spent_by(encode_clip(NOISE, container="webm", codec="libvpx-vp9")) is None


def with_sound(data: bytes, container: str) -> bytes:
    """The same pictures with a second of noise to hear."""
    made = io.BytesIO()
    with av.open(io.BytesIO(data)) as silent, av.open(made, "w", format=container) as output:
        pictures = output.add_stream_from_template(silent.streams.video[0])
        sound = output.add_stream("aac", rate=16000, layout="mono")
        for packet in silent.demux(silent.streams.video[0]):
            if packet.size:
                packet.stream = pictures
                output.mux(packet)
        noise = np.random.default_rng(0).normal(0, 0.3, (1, 16000)).astype(np.float32)
        heard = av.AudioFrame.from_ndarray(noise, format="fltp", layout="mono")
        heard.sample_rate = 16000
        for packet in (*sound.encode(heard), *sound.encode(None)):
            output.mux(packet)
    return made.getvalue()
