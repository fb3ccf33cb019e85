"""How strongly a picture was compressed, as far as its file says.

Only the last saving is in the file: a picture that was saved badly, and then well, passes for a good one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

# Divisors of the brightness at quality 50: ITU-T T.81, annex K, table K.1.
_LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
_BEST = 100


def _sum_at(quality: int) -> int:
    """Sum of the divisors that libjpeg makes for a quality (`jpeg_quality_scaling` in its jcparam.c)."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return int(np.clip((_LUMINANCE * scale + 50) // 100, 1, 255).sum())


_SUMS = np.array([_sum_at(quality) for quality in range(1, _BEST + 1)])


def jpeg_quality(quantization: Mapping[int, Sequence[int]]) -> int | None:
    """The libjpeg quality that divides as strongly as a JPEG's own table does.

    Cameras and editors have tables of their own; of theirs this is the nearest quality, by the sum of the table.

    Args:
        quantization: Tables by number, as Pillow gives them; the first is that of the brightness.

    Returns:
        1..100, or None where there is no table.
    """
    if not quantization:
        return None
    own = sum(quantization[min(quantization)])
    return int(np.abs(_SUMS - own).argmin()) + 1


def bits_per_pixel(*, bits_per_second: int | None, size_wh: tuple[int, int], fps: float | None) -> float | None:
    """What a clip spends on a pixel of a frame; None where the file does not say enough."""
    width, height = size_wh
    if not (bits_per_second and fps and width and height):
        return None
    spent = bits_per_second / (width * height * fps)
    return spent if spent > 0 else None  # a damaged header may say anything
