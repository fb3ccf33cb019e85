"""LIME for one face: which areas push the probability towards fake, and which away from it.

Ribeiro, Singh and Guestrin, "Why should I trust you? Explaining the predictions of any classifier", KDD 2016.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from lime.lime_image import LimeImageExplainer

from deepfake.explain.base import Draw
from deepfake.explain.perturbed import PerturbedFace


class LimeExplainer(LimeImageExplainer):  # type: ignore[misc]
    """lime's image explainer with the neighborhood made and judged by a `PerturbedFace`.

    Same segments, baseline, seed and samples give the stock library's coefficients.
    """

    is_random: ClassVar[bool] = True

    def __init__(self, face: PerturbedFace, *, seed: int) -> None:
        super().__init__(feature_selection="none", random_state=seed)  # all are kept, without a fit to choose them
        self._face = face

    def weigh(self, num_samples: int) -> Draw:
        """Fit lime's linear surrogate to random perturbations; its coefficients are the weights."""
        explained = self.explain_instance(
            self._face.crop,
            classifier_fn=None,  # the face knows whom to ask
            labels=(0,),  # the one column: P(fake)
            top_labels=None,
            hide_color=0,  # nor is lime's own painting used
            num_samples=num_samples,
            segmentation_fn=lambda _: self._face.segments,
        )
        weights = np.zeros(self._face.num_segments)
        for segment, weight in explained.local_exp[0]:
            weights[segment] = weight
        return Draw(weights=weights, fidelity=float(explained.score), num_samples=num_samples)

    def data_labels(
        self,
        image: Any,
        fudged_image: Any,
        segments: Any,
        classifier_fn: Any,
        num_samples: int,
        batch_size: int = 10,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Draw perturbations as lime does and have the face judge them; all but `num_samples` is known to the face.

        Returns:
            Perturbations, shape (num_samples, n), the first with every segment on, and P(fake), shape (num_samples, 1).
        """
        num_segments = self._face.num_segments
        samples = self.random_state.randint(0, 2, num_samples * num_segments).reshape((num_samples, num_segments))
        samples[0, :] = 1
        return samples, self._face.judge(samples)[:, None]
