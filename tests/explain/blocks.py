"""A face of sixteen blocks, and scorers that look at blocks: small enough to work out the right map by hand.

The face is 8 x 8 pixels, as is the model's input, all of one gray; a block is 2 x 2 pixels and one segment; a hidden
block is black.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepfake.explain.perturbed import PerturbedFace, Probabilities
from deepfake.media.crops import Crops

SIDE, NUM_BLOCKS, GRAY = 8, 16, 102
A, B = 5, 10  # two blocks in the middle
Seen = np.ndarray  # (n,): 1 where a block is seen, 0 where it is hidden


def block_face(probabilities: Probabilities) -> PerturbedFace:
    segments = np.kron(np.arange(NUM_BLOCKS).reshape(4, 4), np.ones((2, 2), np.int64))
    crop = np.full((SIDE, SIDE, 3), GRAY, np.uint8)
    return PerturbedFace(crop, segments, np.zeros(crop.shape, np.float32), probabilities, side_px=SIDE)


def looking_at_a_and_b(rule: Callable[[Seen, Seen], np.ndarray]) -> Probabilities:
    """A scorer that knows nothing but whether blocks A and B are seen."""

    def is_seen(crops: Crops, block: int) -> Seen:
        row, column = 2 * (block // 4), 2 * (block % 4)
        return np.round(crops[:, row : row + 2, column : column + 2].mean(axis=(1, 2, 3)) / GRAY)

    return lambda crops: np.asarray(rule(is_seen(crops, A), is_seen(crops, B)), dtype=np.float64)


ONE_PATCH = looking_at_a_and_b(lambda a, b: 0.1 + 0.8 * a)
OPPOSITE_PATCHES = looking_at_a_and_b(lambda a, b: 0.5 + 0.3 * a - 0.2 * b)
JUMP_WHERE_BOTH = looking_at_a_and_b(lambda a, b: np.where((a == 1) & (b == 1), 0.9, 0.1))
JUMP_WHERE_EITHER = looking_at_a_and_b(lambda a, b: np.where((a == 1) | (b == 1), 0.9, 0.1))
CONSTANT = looking_at_a_and_b(lambda a, b: 0.7 + 0 * a)


def others(weights: np.ndarray) -> np.ndarray:
    """The weights of the blocks that no scorer looks at."""
    return np.delete(weights, [A, B])
