"""What a hidden segment is painted with.

None is neutral: each looks like something to a model. `benchmarks/baselines.py` measures by how much.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.explain.segments import Segments
from deepfake.media.images import RGBImage

_BLUR_SHARE = 0.08  # sigma as a share of the side: about half a segment, so that nothing of the face is left
_MIDDLE_GRAY = 127.5


def blur(crop: RGBImage, segments: Segments) -> npt.NDArray[np.float32]:
    """The crop itself, blurred until no feature is left; segments do not matter."""
    sigma = max(1e-3, _BLUR_SHARE * len(crop))
    return np.asarray(cv2.GaussianBlur(crop.astype(np.float32), (0, 0), sigma), dtype=np.float32)


def segment_mean(crop: RGBImage, segments: Segments) -> npt.NDArray[np.float32]:
    """Each segment in its own mean color, as stock lime does it."""
    sizes = np.bincount(segments.ravel())
    means = [np.bincount(segments.ravel(), weights=crop[..., channel].ravel()) / sizes for channel in range(3)]
    return np.stack(means, axis=1).astype(np.float32)[segments]


def gray(crop: RGBImage, segments: Segments) -> npt.NDArray[np.float32]:
    """Middle gray, whatever the crop."""
    return np.full(crop.shape, _MIDDLE_GRAY, np.float32)


BASELINES: dict[str, Callable[[RGBImage, Segments], npt.NDArray[np.float32]]] = {
    "blur": blur,
    "segment-mean": segment_mean,
    "gray": gray,
}
"""By name: crop (s, s, 3) and segments (s, s) to the picture under hidden segments, (s, s, 3), float32, 0..255."""
