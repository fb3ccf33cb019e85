"""A face cut into superpixels: areas of similar color, whose influence is weighed one by one.

Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods", PAMI 2012.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from skimage.segmentation import slic

from deepfake.media.images import RGBImage

Segments = npt.NDArray[np.int64]  # (h, w), 0..n-1 with no gaps
_COMPACTNESS = 12.0


def segment_face(crop: RGBImage, num_segments: int) -> Segments:
    """Cut a crop into about `num_segments` areas.

    Args:
        crop: Shape (h, w, 3), uint8.
        num_segments: Wanted; SLIC gives about as many.

    Returns:
        Label map, shape (h, w), 0..n-1 with no gaps: lime assumes that, while `slic` starts at 1 and may
        leave labels out.
    """
    labels = slic(crop, n_segments=num_segments, compactness=_COMPACTNESS, sigma=1, start_label=0)
    return without_gaps(labels)


def without_gaps(labels: npt.NDArray[np.integer]) -> Segments:
    """Renumber a label map to 0..n-1."""
    _, inverse = np.unique(labels, return_inverse=True)
    return np.asarray(inverse.reshape(labels.shape), dtype=np.int64)
