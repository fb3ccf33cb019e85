"""A face with some of its segments hidden, as the model sees it, for as many choices of segments as are wanted.

Resizing is linear, so the model input of any perturbation is the resized baseline plus the sum of the resized
differences of the segments that are on: all inputs are one matrix product, instead of a copy and a resize each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.ndimage import find_objects

from deepfake.explain.segments import Segments
from deepfake.media.crops import Crops, resize_matrix, resize_square
from deepfake.media.images import RGBImage

Values = npt.NDArray[np.float64]  # (n,)
Probabilities = Callable[[Crops], Values]  # (n, side, side, 3) -> P(fake) (n,)
Perturbations = npt.NDArray[np.bool_]  # (n, segments), True where a segment is on
MAX_BLOCK = 128
_MAX_BLOCK_BYTES = 2**26


class PerturbedFace:
    """Judges a face with segments hidden. What was judged once is remembered: repeats and checks share it.

    Attributes:
        crop: The face, shape (s, s, 3), uint8.
        segments: Label map, shape (s, s), 0..n-1.
        num_segments: n.
    """

    def __init__(
        self,
        crop: RGBImage,
        segments: Segments,
        baseline: npt.NDArray[np.float32],
        probabilities: Probabilities,
        *,
        side_px: int,
    ) -> None:
        """Prepare the pieces that model inputs are put together from.

        Args:
            crop: Shape (s, s, 3), uint8.
            segments: Label map, shape (s, s), 0..n-1 with no gaps.
            baseline: What a hidden segment is painted with, shape (s, s, 3), float32, 0..255.
            probabilities: Model inputs, float32, 0..255 -> P(fake).
            side_px: The model's input size.
        """
        self.crop = crop
        self.segments = segments
        self.num_segments = int(segments.max()) + 1
        self._probabilities = probabilities
        self._side_px = side_px
        self._pieces = _resized_pieces(crop, segments, baseline, side_px)
        self._known: dict[bytes, float] = {}
        self._block = max(1, min(MAX_BLOCK, _MAX_BLOCK_BYTES // self._pieces[0].nbytes))

    @property
    def probability(self) -> float:
        """P(fake) of the face as it is."""
        return float(self.judge(np.ones((1, self.num_segments), bool))[0])

    @property
    def num_judged(self) -> int:
        """Forward passes so far."""
        return len(self._known)

    def judge(self, perturbations: npt.NDArray[np.bool_ | np.integer]) -> Values:
        """P(fake) of the face with segments hidden.

        Args:
            perturbations: Shape (m, n), true where a segment is on.

        Returns:
            Shape (m,), 0..1. Memory is bounded by judging in blocks.
        """
        rows = np.asarray(perturbations, dtype=bool)
        keys = [row.tobytes() for row in np.packbits(rows, axis=1)]
        first_at = {key: at for at, key in reversed(list(enumerate(keys))) if key not in self._known}
        unknown = sorted(first_at.values())
        for start in range(0, len(unknown), self._block):
            block = unknown[start : start + self._block]
            judged = self._probabilities(self.inputs(rows[block]))
            self._known.update(zip((keys[at] for at in block), judged.tolist(), strict=True))
        return np.array([self._known[key] for key in keys], dtype=np.float64)

    def inputs(self, perturbations: Perturbations) -> Crops:
        """Model inputs with segments hidden, all at once.

        Args:
            perturbations: Shape (m, n), True where a segment is on.

        Returns:
            Shape (m, side, side, 3), float32.
        """
        with_baseline = np.pad(perturbations, ((0, 0), (0, 1)), constant_values=True)
        product = with_baseline.astype(np.float32) @ self._pieces
        return product.reshape(len(perturbations), self._side_px, self._side_px, 3)


def _resized_pieces(
    crop: RGBImage, segments: Segments, baseline: npt.NDArray[np.float32], side_px: int
) -> npt.NDArray[np.float32]:
    """What each segment adds to a model input when it is on; last, the baseline. Shape (n + 1, side * side * 3).

    Only the rectangle around a segment is resized: `resize_square` is a product of matrices.
    """
    differences = crop.astype(np.float32) - baseline
    matrix = resize_matrix(len(crop), side_px)
    pieces = []
    for segment, (rows, columns) in enumerate(find_objects(segments + 1)):
        piece = np.where((segments[rows, columns] == segment)[..., None], differences[rows, columns], np.float32(0))
        across = matrix[:, columns] @ piece  # (rows, side, 3)
        pieces.append(np.tensordot(matrix[:, rows], across, axes=1))
    return np.stack([*pieces, resize_square(baseline, side_px)]).reshape(len(pieces) + 1, -1)
