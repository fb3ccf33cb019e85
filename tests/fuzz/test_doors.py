"""Any bytes at the doors for pictures and clips: an answer or one of our own refusals, and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepfake.errors import ImageTooLargeError, UnreadableClipError, UnreadableImageError
from deepfake.media.clips import Sampling, is_clip
from deepfake.media.decoder import open_clip
from deepfake.media.images import decode_image
from tests.fuzz.settings import few, fuzzed
from tests.hostile.damage import DAMAGES
from tests.hostile.doors import unclear
from tests.hostile.films import FILMS
from tests.hostile.pictures import PICTURES

_CHEAP = [maker for maker in PICTURES if maker.__name__ not in ("nearly_too_large", "bomb_in_png_chunk")]
seeds = st.integers(0, 2**32 - 1)
edits = st.lists(st.tuples(st.integers(0, 2**20), st.binary(max_size=8)), max_size=6)


def edited(data: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    """Bytes written over others, each at its place."""
    made = bytearray(data)
    for place, new in changes:
        start = place % (len(made) + 1)
        made[start : start + len(new)] = new
    return bytes(made)


@st.composite
def pictures(draw: st.DrawFn) -> bytes:
    if draw(st.booleans()):
        return draw(st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF"])) + draw(st.binary())
    data = draw(st.sampled_from(_CHEAP))(np.random.default_rng(draw(seeds)))
    return edited(data, draw(edits))


@st.composite
def clips(draw: st.DrawFn) -> bytes:
    rng = np.random.default_rng(draw(seeds))
    data = draw(st.sampled_from(FILMS))(rng) or b"\0"
    damage = draw(st.sampled_from(DAMAGES))
    return edited(damage(data, rng), draw(edits))


@fuzzed
@given(pictures())
def test_any_bytes_are_a_picture_or_refused_in_a_sentence(data: bytes) -> None:
    try:
        picture = decode_image(data)
    except (UnreadableImageError, ImageTooLargeError) as error:
        assert unclear(str(error)) == ""
    else:
        assert picture.pixels.dtype == np.uint8 and picture.pixels.shape[2] == 3 and picture.pixels.size


@fuzzed
@given(st.binary(max_size=300) | pictures())
def test_any_bytes_are_a_clip_or_not(data: bytes) -> None:
    assert is_clip(data) in (True, False)


@few
@given(clips())
def test_any_clip_is_decoded_or_refused_in_a_sentence(data: bytes) -> None:
    try:
        with open_clip(data, Sampling(per_second=3, max_frames=8)) as clip:
            frames = list(clip.frames())
    except UnreadableClipError as error:
        assert unclear(str(error)) == ""
    else:
        assert 0 < len(frames) <= 8
        assert all(frame.pixels.ndim == 3 and frame.time_s >= 0 for frame in frames)
