"""Occlusion for one face: what hiding each segment alone takes away from the probability.

Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, with the map's segments in place
of a sliding square.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from deepfake.explain.base import Draw
from deepfake.explain.perturbed import PerturbedFace


class OcclusionExplainer:
    """Hides one segment at a time. Nothing is left to chance; what several segments show each is missed."""

    is_random: ClassVar[bool] = False

    def __init__(self, face: PerturbedFace, *, seed: int) -> None:
        self._face = face

    def weigh(self, num_samples: int) -> Draw:
        """Judge the face with each segment hidden; `num_samples` does not matter."""
        hidden = self._face.judge(~np.eye(self._face.num_segments, dtype=bool))
        return Draw(weights=self._face.probability - hidden, fidelity=None, num_samples=self._face.num_segments + 1)
