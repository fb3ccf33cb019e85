"""What can happen to a file's bytes, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Damage = Callable[[bytes, np.random.Generator], bytes]
_HEADER = 64


def cut_anywhere(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(0, len(data)))]


def cut_in_header(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(0, min(_HEADER, len(data))))]


def cut_at_end(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: -int(rng.integers(1, 16))]


def without_start(data: bytes, rng: np.random.Generator) -> bytes:
    return data[int(rng.integers(1, _HEADER)) :]


def flip_bits(data: bytes, rng: np.random.Generator) -> bytes:
    damaged = bytearray(data)
    for place in rng.integers(0, len(data), int(rng.integers(1, 40))):
        damaged[place] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def flip_bits_of_header(data: bytes, rng: np.random.Generator) -> bytes:
    end = min(4 * _HEADER, len(data))
    return flip_bits(data[:end], rng) + data[end:]


def zero_run(data: bytes, rng: np.random.Generator) -> bytes:
    start = int(rng.integers(0, len(data)))
    length = int(rng.integers(1, max(2, len(data) - start)))
    return data[:start] + bytes(length) + data[start + length :]


def inserted(data: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(0, len(data)))
    return data[:place] + rng.bytes(int(rng.integers(1, 200))) + data[place:]


def repeated(data: bytes, rng: np.random.Generator) -> bytes:
    start, end = sorted(rng.integers(0, len(data), 2).tolist())
    return data[:end] + data[start:end] * int(rng.integers(1, 6)) + data[end:]


def left_out(data: bytes, rng: np.random.Generator) -> bytes:
    start, end = sorted(rng.integers(0, len(data), 2).tolist())
    return data[:start] + data[end:]


def extreme_numbers(data: bytes, rng: np.random.Generator) -> bytes:
    """Four bytes of the header become the largest, the smallest or a negative number."""
    place = int(rng.integers(0, min(6 * _HEADER, len(data))))
    number = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00", b"\x80\x00\x00\x00")[int(rng.integers(4))]
    return data[:place] + number + data[place + 4 :]


DAMAGES: tuple[Damage, ...] = (
    cut_anywhere,
    cut_in_header,
    cut_at_end,
    without_start,
    flip_bits,
    flip_bits_of_header,
    zero_run,
    inserted,
    repeated,
    left_out,
    extreme_numbers,
)
