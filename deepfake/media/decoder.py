"""Clips decoded in a process of their own, see `processes.py`.

The clip reaches that process as an open file: in memory where the system can (Linux), else as a private
temporary file that has no name or is deleted when closed. Frames come back one at a time, so memory stays
constant, and the next frames are decoded while this process works on the last.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import numpy as np

from deepfake.errors import FileAccessError, UnreadableClipError
from deepfake.media.clips import ClipEnd, ClipInfo, ClipLimits, Frame, Sampling, unreadable
from deepfake.processes import ConfinedProcess, Message, bytes_as_file

_DECODER = ("-m", "deepfake.media.decoder_process")
ClipSource = bytes | Path


class DecodedClip:
    """A clip that is being decoded.

    Attributes:
        info: What the file says of itself.
        end: How it ended; None until `frames` is used up.
    """

    def __init__(self, process: ConfinedProcess) -> None:
        self._process = process
        self._started = time.perf_counter()
        self.end: ClipEnd | None = None
        said = process.receive()
        if said.kind != ClipInfo.__name__:
            raise self._refusal(said)
        self.info = ClipInfo.from_dict(dict(said.values))

    def frames(self) -> Iterator[Frame]:
        """The wanted frames, in their order.

        Raises:
            UnreadableClipError: Not one of them could be decoded, or the decoder was ended from outside: then the
                clip is not to blame, and a part of it is no answer.
        """
        last: Frame | None = None
        num_received = 0
        while True:
            said = self._process.receive()
            if said.kind == Frame.__name__:
                last = Frame(
                    index=said.values["index"],
                    time_s=said.values["time_s"],
                    pixels=np.frombuffer(said.payload, np.uint8).reshape(said.values["shape"]),
                )
                num_received += 1
                yield last
            elif said.kind == ClipEnd.__name__:
                self.end = ClipEnd(**said.values)
                return
            elif said.kind in ("Refused", "") and (last is None or self._process.was_killed()):
                raise self._refusal(said)
            elif said.kind in ("Refused", ""):
                self.end = self._end_after(last, num_received)
                return

    def _refusal(self, said: Message) -> UnreadableClipError:
        if said.kind == "Refused":
            return UnreadableClipError(said.values["message"])
        if self._process.reason:
            return unreadable(f"The decoder was ended: {self._process.reason}.")
        if self._process.was_killed():
            return UnreadableClipError(
                "The process that decodes this clip was ended by the system or by another program, perhaps for lack of "
                "memory. Expected it to come to its end. Close other programs and judge the clip again."
            )
        return unreadable("The decoder broke off on this clip, which is probably damaged.")

    def _end_after(self, last: Frame | None, num_received: int) -> ClipEnd:
        """What is known where the decoder did not come to an end of its own: at least what it sent was decoded."""
        assert last is not None
        is_late = self._process.reason is not None
        return ClipEnd(
            num_decoded=num_received,
            num_expected=None if is_late else self.info.num_frames,
            is_damaged=not is_late,
            is_cut_short=is_late,
            is_in_moments=False,
            last_time_s=last.time_s,
            decode_s=time.perf_counter() - self._started,
        )


@contextmanager
def open_clip(clip: ClipSource, sampling: Sampling, limits: ClipLimits | None = None) -> Iterator[DecodedClip]:
    """Start decoding; leaving the block ends the decoder on every path.

    Args:
        clip: The file's bytes, or its path.
        sampling: Which frames are wanted.
        limits: What it may cost.

    Raises:
        UnreadableClipError: Not a clip, damaged beyond use, or over a limit.
        FileAccessError: The path cannot be opened.
    """
    bounds = limits or ClipLimits()
    with _as_file(clip) as file:
        process = ConfinedProcess(
            [*_DECODER, json.dumps(asdict(sampling)), json.dumps(asdict(bounds))],
            file,
            max_payload_bytes=3 * bounds.max_side_px**2,
            max_silence_s=bounds.max_silence_s,
            max_wait_s=bounds.max_wait_s,
        )
    with process:
        yield DecodedClip(process)


@contextmanager
def _as_file(clip: ClipSource) -> Iterator[BinaryIO]:
    """The clip as an open file that another process can inherit."""
    if isinstance(clip, bytes):
        with bytes_as_file(clip) as file:
            yield file
        return
    try:
        opened: BinaryIO = clip.open("rb")
    except OSError as error:
        raise FileAccessError(
            f"{clip} cannot be opened ({error.strerror}). Expected a clip that this user may read."
        ) from error
    with opened:
        yield opened
