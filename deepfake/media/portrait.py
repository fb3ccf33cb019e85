"""The one face that may be shown to everyone: astronaut Eileen Collins, by NASA, in the public domain.

It comes with scikit-image. A model's card says what the model made of it.
"""

from __future__ import annotations

import io

from deepfake.media.faces import Box

PORTRAIT_FACE = Box(x_min=178, y_min=63, x_max=268, y_max=176)  # as YuNet finds it


def portrait_png() -> bytes:
    """The portrait as a PNG file, 512 x 512 pixels."""
    from PIL import Image
    from skimage.data import astronaut

    buffer = io.BytesIO()
    Image.fromarray(astronaut()).save(buffer, "PNG")
    return buffer.getvalue()
