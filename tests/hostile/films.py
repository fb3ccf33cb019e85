"""Clips that no player likes: a maker a kind, each drawn from a seed."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image

from deepfake.media.images import RGBImage
from tests.clips import encode_animation, encode_clip, encode_sound, moving
from tests.hostile.damage import DAMAGES
from tests.hostile.pictures import Maker, face

_KINDS = (
    ("mp4", "libx264"),
    ("mov", "libx264"),
    ("mp4", "mpeg4"),
    ("matroska", "libx264"),
    ("webm", "libvpx-vp9"),
    ("avi", "mpeg4"),
)


def _frames(rng: np.random.Generator, num_frames: int) -> list[RGBImage]:
    head = np.asarray(face(rng).resize((96, 96)), dtype=np.uint8)
    return moving(head, num_frames=num_frames, size_hw=(112, 144))


def whole_clip(rng: np.random.Generator) -> bytes:
    container, codec = _KINDS[int(rng.integers(len(_KINDS)))]
    return encode_clip(_frames(rng, int(rng.integers(1, 8))), container=container, codec=codec)


def damaged_clip(rng: np.random.Generator) -> bytes:
    return DAMAGES[int(rng.integers(len(DAMAGES)))](whole_clip(rng), rng)


def damaged_animation(rng: np.random.Generator) -> bytes:
    frames = [frame[:96, :96] for frame in _frames(rng, 4)]
    data = encode_animation(frames, file_format="GIF" if rng.integers(2) else "WEBP")
    return DAMAGES[int(rng.integers(len(DAMAGES)))](data, rng)


def turned_clip(rng: np.random.Generator) -> bytes:
    return encode_clip(_frames(rng, 2), turned=90 * int(rng.integers(4)))


def odd_times(rng: np.random.Generator) -> bytes:
    """Frames hours apart, or all at once."""
    times = np.cumsum(rng.choice([0.001, 0.04, 5.0, 9000.0], 6)).tolist()
    return encode_clip(_frames(rng, 6), container="matroska", times_s=times)


def thousand_frames(rng: np.random.Generator) -> bytes:
    pictures = [Image.new("P", (8, 8), index % 250) for index in range(1000)]
    return _gif(pictures, int(rng.integers(0, 200)))


def _gif(pictures: list[Image.Image], frame_ms: int) -> bytes:
    from tests.pictures import encode

    for picture in pictures:
        picture.putpalette([value for value in range(256) for _ in range(3)])
    return encode(pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=frame_ms, loop=0)


def huge_frames(rng: np.random.Generator) -> bytes:
    """The track header and the codec's own description say another size than the frames have."""
    data = bytearray(whole_clip(rng))
    size = struct.pack(">HH", *rng.integers(8000, 65535, 2).tolist())
    for mark in (b"avc1", b"mp4v"):
        place = data.find(mark)
        if place > 0:
            data[place + 28 : place + 32] = size
    return bytes(data)


def no_clip(rng: np.random.Generator) -> bytes:
    choices = (
        encode_sound(),
        b"\x00\x00\x00\x18ftypmp42" + rng.bytes(300),
        b"\x1aE\xdf\xa3" + rng.bytes(300),
        b"RIFF\xff\xff\xff\xffAVI LIST" + rng.bytes(300),
        b"\x00\x00\x00\x08moov",
        b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x00\x00\x00\x18ftypmp42\n#EXTM3U\n#EXTINF:10,\n/etc/passwd\n",
    )
    return choices[int(rng.integers(len(choices)))]


FILMS: tuple[Maker, ...] = (
    whole_clip,
    damaged_clip,
    damaged_animation,
    turned_clip,
    odd_times,
    thousand_frames,
    huge_frames,
    no_clip,
)
