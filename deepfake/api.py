"""The door for Python: a model, a picture or a clip, and what is said of it.

    >>> from deepfake import check_image, load_model
    >>> model = load_model()
    >>> analysis = check_image("portrait.png", model)
    >>> analysis.verdict.verdict in ("fake", "real", "uncertain", "no_face")
    True

It is the story of `deepfake/analysis.py` and has its numbers; what is refused is refused with the errors of
`deepfake/errors.py`. `import deepfake` alone loads none of this.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from deepfake.analysis import (
    FRAMES_PER_SECOND,
    MAX_FRAMES,
    Analysis,
    ClipAnalysis,
    OnClipProgress,
    analyze_clip,
    analyze_image,
)
from deepfake.classifier.classifier import Classifier, load_classifier
from deepfake.classifier.library import load_model_named
from deepfake.errors import UnreadableImageError
from deepfake.files import read_whole
from deepfake.media.images import RGBImage

File = str | Path | bytes  # where it lies, or what is in it


def load_model(name: str | Path | None = None) -> Classifier:
    """A model, to be loaded once and used for many files; it may be shared between threads.

    Args:
        name: As `python -m deepfake models` lists it, or the folder of a model as a `Path`; the default one if None.

    Raises:
        ModelNotFoundError: No such model; the message lists those there are.
        WeightsMismatchError: The weights are not those that the model's card speaks of.
        ModelError: They cannot be read.
    """
    return load_classifier(name) if isinstance(name, Path) else load_model_named(name)


def check_image(picture: File | RGBImage, model: Classifier, *, faces: str = "all") -> Analysis:
    """Judge every face of a picture.

    Args:
        picture: A path, the bytes of a file (JPEG, PNG, WebP or GIF), or upright RGB pixels of shape (h, w, 3), uint8.
        model: From `load_model`.
        faces: "all", or "central" for the one face that a data-set file stands for.

    Raises:
        FileAccessError: The path cannot be read.
        UnreadableImageError: It is no picture that can be opened here.
        ImageTooLargeError: More pixels than the stated limit.
    """
    data = _pixels_as_file(picture) if isinstance(picture, np.ndarray) else _bytes_of(picture)
    return analyze_image(data, model, faces=faces)


def check_clip(
    clip: File,
    model: Classifier,
    *,
    frames_per_second: float = FRAMES_PER_SECOND,
    max_frames: int = MAX_FRAMES,
    on_progress: OnClipProgress | None = None,
) -> ClipAnalysis:
    """Judge every person of a clip.

    Args:
        clip: A path, or the bytes of a file (MP4, MOV, AVI, WebM, MKV, animated GIF or WebP).
        model: From `load_model`.
        frames_per_second: So many frames are judged of each second.
        max_frames: At most so many; a clip that would need more is judged in moments spread over its length.
        on_progress: Called with what is known so far; what it raises ends the work.

    Raises:
        FileAccessError: The path cannot be read.
        UnreadableClipError: No frame can be decoded, or a limit is passed.
    """
    return analyze_clip(
        _bytes_of(clip), model, frames_per_second=frames_per_second, max_frames=max_frames, on_progress=on_progress
    )


def _bytes_of(file: File) -> bytes:
    return file if isinstance(file, bytes) else read_whole(file)


def _pixels_as_file(pixels: RGBImage) -> bytes:
    """A PNG, which keeps every value, so that pixels are judged as a file of them is."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise UnreadableImageError(
            f"The array has shape {pixels.shape} and dtype {pixels.dtype}. Expected RGB pixels of shape (height, "
            "width, 3), uint8, 0..255. From OpenCV, turn the channels round; from 0..1, multiply by 255."
        )
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=1)
    return file.getvalue()
