"""RISE for one face: how probable fake is on average where a segment is seen, against where it is hidden.

Petsiuk, Das and Saenko, "RISE: Randomized input sampling for explanation of black-box models", BMVC 2018, on the
map's segments in place of a shifted grid, and with the map's baseline in place of black.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from deepfake.explain.base import Draw
from deepfake.explain.perturbed import PerturbedFace

_SHARE_ON = 0.5  # as in the paper


class RiseExplainer:
    """Hides random halves of the segments and averages.

    The paper's importance of a segment is E[p | seen], its equation 3. Its distance from E[p | hidden] ranks segments
    alike and is 0 where a segment does not matter.
    """

    is_random: ClassVar[bool] = True

    def __init__(self, face: PerturbedFace, *, seed: int) -> None:
        self._face = face
        self._rng = np.random.default_rng(seed)

    def weigh(self, num_samples: int) -> Draw:
        """Mean probability with each segment on, less that with it off; 0 for one that was never either."""
        seen = self._rng.random((num_samples, self._face.num_segments)) < _SHARE_ON
        probabilities = self._face.judge(seen)
        num_on, sum_on = seen.sum(axis=0), probabilities @ seen
        num_off, sum_off = num_samples - num_on, probabilities.sum() - sum_on
        means = sum_on / np.maximum(num_on, 1) - sum_off / np.maximum(num_off, 1)
        return Draw(weights=np.where((num_on > 0) & (num_off > 0), means, 0.0), fidelity=None, num_samples=num_samples)
