"""What makes a face hard to judge: few pixels, darkness, blur, and a file that was compressed strongly."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np
import numpy.typing as npt

from deepfake.media.faces import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceQuality:
    """How much there is to see.

    Attributes:
        side_px: Longer side of the face's box in the file.
        brightness: Mean of the crop, 0..255.
        sharpness: Variance of the Laplacian of the gray crop at the model's input size (Pech-Pacheco et al.,
            "Diatom autofocusing in brightfield microscopy", 2000), so that files of any size compare.
        jpeg_quality: With which its picture was last saved, 1..100; None where it is no JPEG.
        bits_per_pixel: What its clip spends on a pixel of a frame; None where it is no clip or does not say.
    """

    side_px: int
    brightness: float
    sharpness: float
    jpeg_quality: int | None = None
    bits_per_pixel: float | None = None

    def to_dict(self) -> dict[str, float]:
        """As written to JSON; what does not apply is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def measure_quality(
    crop: npt.NDArray[np.float32],
    box: Box,
    *,
    jpeg_quality: int | None = None,
    bits_per_pixel: float | None = None,
) -> FaceQuality:
    """Measure a face.

    Args:
        crop: The model's input, shape (side, side, 3), float32, RGB 0..255.
        box: The face's box in its picture.
        jpeg_quality, bits_per_pixel: Of its file, see `FaceQuality`.
    """
    gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    return FaceQuality(
        side_px=box.side,
        brightness=float(gray.mean()),
        sharpness=float(cv2.Laplacian(gray, cv2.CV_32F).var()),
        jpeg_quality=jpeg_quality,
        bits_per_pixel=bits_per_pixel,
    )
