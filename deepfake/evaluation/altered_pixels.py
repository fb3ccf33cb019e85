"""Do explanations point to what was altered? On FaceForensics++ the answer is known.

The segments that lead towards fake are laid over the altered pixels, against the segments of the face at large, and
against those that lead when the untouched original is explained: a model that looks at the middle of every face would
find the altered pixels by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from deepfake.classifier.classifier import Classifier
from deepfake.evaluation.altered_faces import AlteredFace, Mask
from deepfake.evaluation.metrics import mean_estimate
from deepfake.explain.base import METHODS, Explanation, ExplanationSettings
from deepfake.explain.explaining import explain
from deepfake.media.crops import resize_square

OnProgress = Callable[[int, int], None]


def measure_altered_pixels(
    faces: Sequence[AlteredFace],
    classifier: Classifier,
    settings: ExplanationSettings,
    *,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Explain each face by each method and see how much of its leading segments was altered.

    Args:
        faces: From `find_altered_faces`.
        classifier: Weights and card.
        settings: How thoroughly; the method does not matter, all are measured.
        on_progress: Called with (faces done, faces in all).

    Returns:
        By method the mean share of altered pixels in the segments that lead towards fake (`leading`), in all segments
        of the same faces, which is what as many random ones have (`chance`), and in the segments that lead towards fake
        when the original is explained (`original`); and by how much the first is above the others.
    """
    found: dict[str, list[_Shares]] = {method: [] for method in METHODS}
    for done, one in enumerate(faces, start=1):
        for method in METHODS:
            found[method].append(_shares(one, classifier, replace(settings, method=method)))
        if on_progress is not None:
            on_progress(done, len(faces))
    sources = [one.face.source for one in faces]
    return {
        "num_faces": len(faces),
        "num_clips": len({one.face.path for one in faces}),
        "num_sources": len(set(sources)),
        "settings": {name: value for name, value in settings.to_dict().items() if name != "method"},
        "methods": {method: _means(shares, sources) for method, shares in found.items()},
    }


def altered_share(explanation: Explanation, altered: Mask) -> float | None:
    """Mean share of altered pixels in the segments that lead towards fake, 0..1; None where none leads there.

    Args:
        explanation: Of the face.
        altered: Shape (s, s) of the crop, at its own size or as it was shrunk for explaining.
    """
    leading = [segment for segment in explanation.leading() if explanation.weights[segment] > 0]
    return float(_altered_by_segment(explanation, altered)[leading].mean()) if leading else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    """Of altered pixels, for one face and one method; None where no segment leads towards fake."""

    leading: float | None
    chance: float
    original: float | None


def _shares(one: AlteredFace, classifier: Classifier, settings: ExplanationSettings) -> _Shares:
    explanation = explain(one.face.perturbed(classifier, settings), settings)
    of_original = explain(one.original.perturbed(classifier, settings), settings)
    return _Shares(
        leading=altered_share(explanation, one.altered),
        chance=float(_altered_by_segment(explanation, one.altered).mean()),
        original=altered_share(of_original, one.altered),
    )


def _altered_by_segment(explanation: Explanation, altered: Mask) -> npt.NDArray[np.float64]:
    fitted = resize_square(altered.astype(np.float32), len(explanation.crop))
    sizes = np.bincount(explanation.segments.ravel())
    return np.bincount(explanation.segments.ravel(), weights=fitted.ravel()) / sizes


def _means(shares: Sequence[_Shares], sources: Sequence[str]) -> dict[str, Any]:
    columns: dict[str, list[float | None]] = {
        "leading": [one.leading for one in shares],
        "chance": [None if one.leading is None else one.chance for one in shares],
        "original": [one.original for one in shares],
        "above_chance": [_less(one.leading, one.chance) for one in shares],
        "above_original": [_less(one.leading, one.original) for one in shares],
    }
    return {
        name: mean_estimate(
            [value for value in values if value is not None],
            [source for source, value in zip(sources, values, strict=True) if value is not None],
        )
        for name, values in columns.items()
    }


def _less(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second
