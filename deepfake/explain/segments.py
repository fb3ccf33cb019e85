"""A face cut into segments: areas whose influence is weighed one by one.

| name       | segments                                                                                          |
|------------|---------------------------------------------------------------------------------------------------|
| slic       | compact areas of similar color and size (Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods", PAMI 2012) |
| quickshift | areas of similar color, of any size and shape (Vedaldi and Soatto, "Quick shift and kernel methods for mode seeking", ECCV 2008) |
| face-parts | eyes, nose, mouth, cheeks and so on, from the detector's five points (`parts.py`)                  |
"""  # noqa: E501 - a table's row is one line

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt
from skimage.segmentation import quickshift, slic

from deepfake.explain.parts import find_parts
from deepfake.media.faces import Point
from deepfake.media.images import RGBImage

Segments = npt.NDArray[np.int64]  # (h, w), 0..n-1 with no gaps
_COMPACTNESS = 12.0
_QUICKSHIFT_SIDE_PX = 128  # its time grows with the fourth power of the side; labels are enlarged from here
_QUICKSHIFT_RATIO = 0.2  # as in lime: place counts more than color
_KERNELS_A_SEGMENT = 7.0


def segment_face(crop: RGBImage, num_segments: int, *, kind: str = "slic", landmarks: Sequence[Point] = ()) -> Segments:
    """Cut a crop into about `num_segments` areas.

    Args:
        crop: Shape (s, s, 3), uint8.
        num_segments: Wanted; about as many come, and face parts are as many as there are.
        kind: One of `SEGMENTATIONS`.
        landmarks: Five points as `points_in_crop` gives them; for face parts alone.

    Returns:
        Label map, shape (s, s), 0..n-1 with no gaps: lime assumes that, while `slic` starts at 1 and may
        leave labels out.

    Raises:
        ExplanationSettingsError: Face parts are wanted and there are no landmarks.
    """
    return without_gaps(SEGMENTATIONS[kind](crop, num_segments, landmarks))


def without_gaps(labels: npt.NDArray[np.integer]) -> Segments:
    """Renumber a label map to 0..n-1."""
    _, inverse = np.unique(labels, return_inverse=True)
    return np.asarray(inverse.reshape(labels.shape), dtype=np.int64)


def _by_slic(crop: RGBImage, num_segments: int, _: Sequence[Point]) -> npt.NDArray[np.integer]:
    labels = slic(crop, n_segments=num_segments, compactness=_COMPACTNESS, sigma=1, start_label=0)
    return np.asarray(labels, dtype=np.int64)


def _by_quickshift(crop: RGBImage, num_segments: int, _: Sequence[Point]) -> npt.NDArray[np.integer]:
    """Quick shift links each pixel to a denser neighbor; the longest links are cut until enough trees stand."""
    side = min(len(crop), _QUICKSHIFT_SIDE_PX)
    small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    kernel_px = max(1.0, side / np.sqrt(num_segments) / _KERNELS_A_SEGMENT)
    _, parents, lengths = quickshift(
        small, kernel_size=kernel_px, max_dist=np.inf, ratio=_QUICKSHIFT_RATIO, return_tree=True
    )
    roots = np.asarray(parents).ravel().astype(np.int64)
    pixels = np.arange(roots.size)
    lengths = np.where(roots == pixels, np.inf, np.asarray(lengths).ravel())
    longest = np.argsort(-lengths, kind="stable")[:num_segments]
    roots[longest] = longest
    while not np.array_equal(roots, roots[roots]):
        roots = roots[roots]
    places = np.arange(len(crop)) * side // len(crop)
    return roots.reshape(side, side)[places[:, None], places]


def _by_face_parts(crop: RGBImage, _: int, landmarks: Sequence[Point]) -> npt.NDArray[np.integer]:
    return find_parts(len(crop), landmarks)


SEGMENTATIONS: dict[str, Callable[[RGBImage, int, Sequence[Point]], npt.NDArray[np.integer]]] = {
    "slic": _by_slic,
    "quickshift": _by_quickshift,
    "face-parts": _by_face_parts,
}
"""By name; labels may have gaps."""
