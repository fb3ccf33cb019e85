"""Clips through the decoder's own process: what comes out, and what happens to files that are no good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from deepfake.errors import FileAccessError, UnreadableClipError
from deepfake.media import decoder
from deepfake.media.clips import ClipEnd, ClipInfo, ClipLimits, Frame, Sampling, is_clip
from deepfake.media.decoder import open_clip
from deepfake.media.images import RGBImage
from tests.clips import encode_animation, encode_clip, encode_sound
from tests.conftest import REPO

EACH = Sampling(every=1)


def gray_frames(levels: list[int], size_hw: tuple[int, int] = (48, 64)) -> list[RGBImage]:
    return [np.full((*size_hw, 3), level, np.uint8) for level in levels]


def read(data: bytes, sampling: Sampling = EACH, **limits: float) -> tuple[ClipInfo, list[Frame], ClipEnd]:
    with open_clip(data, sampling, ClipLimits(**limits)) as clip:  # type: ignore[arg-type]
        frames = list(clip.frames())
    assert clip.end is not None
    return clip.info, frames, clip.end


def levels_of(frames: list[Frame]) -> list[int]:
    return [round(float(frame.pixels.mean())) for frame in frames]


@pytest.fixture(scope="module")
def ramp() -> bytes:
    """Fifty frames at 25 a second, each two levels brighter than the one before, from 40."""
    return encode_clip(gray_frames([40 + 2 * index for index in range(50)]))


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "libx264"),
        ("mov", "libx264"),
        ("avi", "mpeg4"),
        ("mp4", "mpeg4"),
        ("matroska", "libx264"),
        ("webm", "libvpx-vp9"),
    ],
)
def test_every_frame_comes_in_its_order_with_its_time(container: str, codec: str) -> None:
    levels = [60, 90, 120, 150, 180]
    info, frames, end = read(encode_clip(gray_frames(levels), container=container, codec=codec))
    assert levels_of(frames) == pytest.approx(levels, abs=3)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16], abs=0.002)
    assert info.size_wh == (64, 48)
    assert end.num_decoded == 5
    assert not end.is_damaged


@pytest.mark.parametrize("file_format", ["GIF", "WEBP"])
def test_animations_are_clips(file_format: str) -> None:
    data = encode_animation(gray_frames([60, 120, 180]), file_format=file_format, frame_ms=500)
    _, frames, end = read(data)
    assert levels_of(frames) == pytest.approx([60, 120, 180], abs=3)
    assert [frame.time_s for frame in frames] == [0, 0.5, 1]
    assert end.num_decoded == 3


def test_frames_are_rgb_and_not_bgr() -> None:
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 200
    _, frames, _ = read(encode_clip([red, red]))
    assert frames[0].pixels[24, 32] == pytest.approx([200, 0, 0], abs=8)


@pytest.mark.parametrize(("turned", "place"), [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_a_clip_filmed_with_a_turned_phone_is_upright(turned: int, place: tuple[int, int]) -> None:
    # the top left corner of the stored frame is bright; turned clockwise it comes to lie top right, and so on
    stored = np.zeros((48, 64, 3), np.uint8)
    stored[:16, :16] = 220
    _, frames, _ = read(encode_clip([stored, stored], turned=turned))
    expected = (64, 48) if turned in (90, 270) else (48, 64)
    assert frames[0].pixels.shape[:2] == expected
    rows, columns = slice(0, 8), slice(0, 8)
    if place[0] == -1:
        rows = slice(-8, None)
    if place[1] == -1:
        columns = slice(-8, None)
    assert frames[0].pixels[rows, columns].mean() > 180
    assert frames[0].pixels.mean() < 60


def test_frames_a_second_follow_the_times_of_a_variable_frame_rate() -> None:
    # ten frames in the first second, then one a second: two a second are wanted
    times = [index / 10 for index in range(10)] + [1.0, 2.0, 3.0]
    data = encode_clip(gray_frames([50 + 10 * index for index in range(13)]), container="matroska", times_s=times)
    _, frames, _ = read(data, Sampling(per_second=2))
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.5, 1, 2, 3], abs=0.01)


def test_every_nth_frame(ramp: bytes) -> None:
    _, frames, end = read(ramp, Sampling(every=20))
    assert [frame.index for frame in frames] == [0, 20, 40]
    assert levels_of(frames) == pytest.approx([40, 80, 120], abs=3)
    assert end.num_decoded == 50


@pytest.mark.parametrize(("wanted", "indices"), [(3, [0, 24, 49]), (1, [0]), (80, list(range(50)))])
def test_a_number_of_frames_a_clip_is_spread_evenly_and_none_comes_twice(
    ramp: bytes, wanted: int, indices: list[int]
) -> None:
    _, frames, _ = read(ramp, Sampling(per_clip=wanted))
    assert [frame.index for frame in frames] == indices


def test_a_long_clip_is_sampled_in_moments_over_its_whole_length() -> None:
    data = encode_clip(gray_frames([40 + index // 3 for index in range(400)]), fps=10)  # 40 seconds
    _, frames, end = read(data, Sampling(per_second=3, max_frames=24))
    assert end.is_in_moments
    assert end.num_expected is None
    assert len(frames) == 24
    assert frames[-1].time_s > 20
    assert np.all(np.diff([frame.time_s for frame in frames]) > 0)


def test_a_long_clip_with_a_single_keyframe_is_gone_through_in_order_and_still_to_its_end() -> None:
    # such a file cannot be entered in its middle
    data = encode_clip(gray_frames([40 + index // 3 for index in range(400)]), fps=10, keyframe_every=1000)
    _, frames, end = read(data, Sampling(per_second=3, max_frames=24))
    times = [frame.time_s for frame in frames]
    assert end.is_in_moments and not end.is_cut_short
    assert (len(frames), end.num_decoded) == (24, 400)
    assert times == sorted(set(times))
    assert [sum(start <= time < start + 3 for time in times) for start in (0, 40 / 3, 80 / 3)] == [8, 8, 8]


def test_few_frames_over_a_long_time_are_all_of_them() -> None:
    data = encode_clip(gray_frames([60, 90, 120]), container="matroska", times_s=[0, 400, 800])
    _, frames, end = read(data, Sampling(per_second=3, max_frames=24))
    assert len(frames) == 3
    assert not end.is_in_moments and not end.is_damaged


def test_a_variable_frame_rate_is_no_damage() -> None:
    times = [0.0, 0.04, 0.08, 2.0, 5.0, 5.04]
    data = encode_clip(gray_frames([60] * 6), container="matroska", times_s=times)
    _, _, end = read(data)
    assert (end.num_decoded, end.is_damaged) == (6, False)


def test_a_clip_that_is_refused_leaves_no_thread() -> None:
    before = set(threading.enumerate())  # not their number: a thread of an earlier test may end meanwhile
    for _ in range(3):
        with pytest.raises(UnreadableClipError):
            read(b"nothing of the kind")
    time.sleep(0.5)
    assert set(threading.enumerate()) <= before


def test_a_clip_of_one_frame_has_one_frame() -> None:
    _, frames, end = read(encode_clip(gray_frames([99])), Sampling(per_second=3))
    assert levels_of(frames) == pytest.approx([99], abs=3)
    assert end.num_decoded == 1


def test_large_frames_are_shrunk_and_too_large_ones_refused() -> None:
    data = encode_clip(gray_frames([90, 90], (96, 128)))
    _, frames, _ = read(data, max_side_px=64)
    assert frames[0].pixels.shape == (48, 64, 3)
    with pytest.raises(UnreadableClipError, match="128 x 96"):
        read(data, max_frame_pixels=1000)


def test_a_cut_off_clip_gives_the_frames_before_the_cut(ramp: bytes) -> None:
    levels = [40 + 3 * index for index in range(60)]
    noise = np.random.default_rng(0)
    frames_in = [np.clip(f + noise.integers(-20, 20, f.shape), 0, 255).astype(np.uint8) for f in gray_frames(levels)]
    data = encode_clip(frames_in, container="matroska")
    _, frames, end = read(data[: len(data) // 2])
    assert 10 < len(frames) < 50
    assert end.is_damaged


def test_a_bit_flipped_clip_gives_a_verdict_or_a_sentence(ramp: bytes) -> None:
    rng = np.random.default_rng(1)
    for _ in range(6):
        data = bytearray(ramp)
        for place in rng.integers(0, len(data), 40):
            data[place] ^= 1 << int(rng.integers(8))
        try:
            _, frames, _ = read(bytes(data))
        except UnreadableClipError as error:
            assert "Expected a clip" in str(error)
        else:
            assert frames


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "damaged, cut off"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(200), "damaged, cut off"),
        (b"#EXTM3U\n#EXTINF:10,\n/etc/hostname\n", "damaged, cut off"),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", "damaged, cut off"),
        (b"GIF89a" + bytes(50), "damaged or cut off"),
    ],
    ids=["empty", "no index", "a playlist", "a list of files", "half a GIF"],
)
def test_what_is_no_clip_is_refused_in_one_sentence_that_helps(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableClipError, match=said) as caught:
        read(data)
    assert "Expected a clip" in str(caught.value)
    assert "Errno" not in str(caught.value)  # as it once said to people


def test_a_file_with_sound_alone_is_refused_by_its_name() -> None:
    with pytest.raises(UnreadableClipError, match="only sound"):
        read(encode_sound())


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="cannot be opened"), open_clip(tmp_path / "none.mp4", EACH):
        pass


def test_a_path_is_read_without_loading_it(tmp_path: Path, ramp: bytes) -> None:
    path = tmp_path / "clip.bin"
    path.write_bytes(ramp)
    with open_clip(path, EACH) as clip:
        assert sum(1 for _ in clip.frames()) == 50


def children() -> set[str]:
    """Decoders that run as children of this process."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return {line.split()[0] for line in listed.stdout.splitlines() if "decoder_process" in line}


linux_only = pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks the system for its processes by ps and /proc")


@linux_only
def test_leaving_the_block_early_leaves_no_process_and_no_file(ramp: bytes) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(ZeroDivisionError), open_clip(ramp, EACH) as clip:
        next(clip.frames())
        assert children()
        raise ZeroDivisionError
    assert not children()
    assert set(Path("/proc/self/fd").iterdir()) == before


def test_a_decoder_that_hangs_is_ended_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "_DECODER", ("-c", "import time; time.sleep(60)"), raising=True)
    started = time.monotonic()
    with pytest.raises(UnreadableClipError, match="no sign of life for 1 seconds"):
        read(b"anything", max_silence_s=1)
    assert time.monotonic() - started < 20


def test_a_decoder_that_crashes_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "_DECODER", ("-c", "import os; os.abort()"), raising=True)
    with pytest.raises(UnreadableClipError, match="broke off"):
        read(b"anything")


@linux_only
def test_too_much_memory_is_refused_and_not_taken(ramp: bytes) -> None:
    with pytest.raises(UnreadableClipError):
        read(ramp, max_memory_bytes=60_000_000)  # not even the libraries fit


@linux_only
def test_a_decoder_that_is_killed_at_work_is_an_error_and_the_next_clip_is_judged(ramp: bytes) -> None:
    """What had been decoded until then was judged as if it were all, and the clip was called damaged."""
    with pytest.raises(UnreadableClipError, match="ended by the system"), open_clip(ramp, EACH) as clip:
        frames = clip.frames()
        next(frames)
        os.kill(clip._process.pid, signal.SIGKILL)
        list(frames)
    _, frames_of_next, end = read(ramp)
    assert len(frames_of_next) == 50 and not end.is_damaged


def test_a_killed_caller_leaves_no_decoder_behind(tmp_path: Path, ramp: bytes) -> None:
    path = tmp_path / "ramp.mp4"
    path.write_bytes(ramp)
    code = (
        "import sys, time; from pathlib import Path\n"
        "from deepfake.media.decoder import open_clip; from deepfake.media.clips import Sampling\n"
        f"with open_clip(Path({str(path)!r}), Sampling(every=1)) as clip:\n"
        "    print(clip._process.pid, flush=True); time.sleep(60)\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], cwd=REPO, stdout=subprocess.PIPE, text=True)
    assert caller.stdout is not None
    decoder_pid = int(caller.stdout.readline())
    caller.kill()
    caller.wait()
    caller.stdout.close()
    for _ in range(300):  # at once on an idle machine, seconds on a busy one
        try:
            os.kill(decoder_pid, 0)
        except ProcessLookupError:
            return
        stat = Path(f"/proc/{decoder_pid}/stat")
        if stat.exists() and stat.read_text().split()[2] == "Z":
            return  # ended; only its new parent has not taken notice
        time.sleep(0.1)
    pytest.fail("the decoder outlived its caller")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x00\x00\x00\x20ftypisom" + bytes(20), True),
        (b"\x00\x00\x00\x20ftypheic" + bytes(20), False),
        (b"\x1aE\xdf\xa3" + bytes(20), True),
        (b"RIFF\x00\x00\x00\x00AVI " + bytes(20), True),
        (b"RIFF\x00\x00\x00\x00WAVE" + bytes(20), False),
        (b"\xff\xd8\xff\xe0" + bytes(20), False),
        (b"", False),
    ],
    ids=["mp4", "heic", "matroska", "avi", "wave", "jpeg", "empty"],
)
def test_a_clip_is_known_by_its_first_bytes(data: bytes, expected: bool) -> None:
    assert is_clip(data) is expected


def test_a_still_gif_or_webp_is_a_picture_and_a_moving_one_a_clip() -> None:
    for file_format in ("GIF", "WEBP"):
        assert not is_clip(encode_animation(gray_frames([60]), file_format=file_format))
        assert is_clip(encode_animation(gray_frames([60, 180]), file_format=file_format))


@pytest.mark.parametrize("wrong", [{}, {"every": 2, "per_clip": 3}, {"every": 0}, {"per_second": -1.0}])
def test_a_sampling_that_says_nothing_or_two_things_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Sampling(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("width", "height"), [(14562, 10306), (65535, 65535)])
def test_an_animation_that_declares_too_many_pixels_is_neither_decoded_nor_complained_of(
    width: int, height: int, recwarn: pytest.WarningsRecorder
) -> None:
    data = bytearray(encode_animation(gray_frames([60, 180]), file_format="GIF"))
    data[6:10] = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    assert not is_clip(bytes(data))  # so it is refused as a picture, by its header
    assert [str(one.message) for one in recwarn] == []
