"""Examples to try without a file of one's own: made on the spot, each labelled for what it is.

What the model makes of them is its own affair: they take the same way as uploads, and nothing is promised.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.results import Upload

if TYPE_CHECKING:
    from deepfake.media.images import RGBImage

_MARGIN = 0.15  # around the face, as fakes for training are made
_SEED = 6  # the whole face comes from the changed copy
_FPS = 12
_SECONDS = 4
_CLIP_HW = (480, 480)
_DRIFT_PX = 24  # the picture moves, as a hand that holds a camera does


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Something to try.

    Attributes:
        title: On its button.
        file_name: Under which it is judged.
        label: What it truly is.
        make: Gives its bytes.
    """

    title: str
    file_name: str
    label: str
    make: Callable[[], bytes]


def real_picture() -> bytes:
    """The portrait as it is, a PNG."""
    from skimage.data import astronaut

    return _png(astronaut())


def blended_picture() -> bytes:
    """The portrait with its face self-blended, a PNG."""
    return _png(_blended())


def clip_of_both() -> bytes:
    """The portrait for two seconds, then the self-blended one for as long, moving a little; an MP4."""
    from skimage.data import astronaut

    from deepfake.media.writing import write_clip

    return write_clip(_frames(astronaut(), _blended()), fps=_FPS)


EXAMPLES = {
    "real": Example(
        title="A real photograph",
        file_name="example: real photograph.png",
        label="**A real photograph:** astronaut Eileen Collins, taken by NASA (public domain; it comes with "
        "scikit-image).",
        make=real_picture,
    ),
    "blended": Example(
        title="The same face, manipulated",
        file_name="example: manipulated here.png",
        label="**The same photograph, manipulated here and now:** her face was laid over itself in other colors and a "
        "little displaced, which leaves the kind of seam that a face swap leaves. The model may well miss it.",
        make=blended_picture,
    ),
    "clip": Example(
        title="A short clip of both",
        file_name="example: clip.mp4",
        label="**A clip of four seconds, made here and now:** the real photograph first, from 0:02 on the manipulated "
        "one. The model may well miss the change.",
        make=clip_of_both,
    ),
}


def choose_examples() -> list[Upload]:
    """Offer the examples; give those that were chosen, as if they had been handed in."""
    chosen = st.pills(
        "No file at hand? Try an example",
        list(EXAMPLES),
        selection_mode="multi",
        format_func=lambda name: EXAMPLES[name].title,
        key="examples",
    )
    for name in chosen:
        st.caption(EXAMPLES[name].label)
    return [Upload.of(EXAMPLES[name].file_name, _bytes_of(name)) for name in chosen]


@st.cache_data(show_spinner="Making the example …", max_entries=len(EXAMPLES))
def _bytes_of(name: str) -> bytes:
    return EXAMPLES[name].make()


def _blended() -> RGBImage:
    """The portrait, its face from a changed copy of itself."""
    import numpy as np
    from skimage.data import astronaut

    from deepfake.media.crops import crop_face, square_of
    from deepfake.media.detectors import DetectorSettings, make_detector
    from deepfake.training.blend import self_blend

    picture = np.array(astronaut())
    [face] = make_detector(DetectorSettings()).find(picture)
    left, top, side = square_of(face.box, _MARGIN)
    crop = crop_face(picture, face.box, margin=_MARGIN)
    picture[top : top + side, left : left + side] = self_blend(crop, np.random.default_rng(_SEED))
    return picture


def _frames(first: RGBImage, second: RGBImage) -> Iterator[RGBImage]:
    """Windows that drift over one picture and then over the other."""
    height, width = _CLIP_HW
    total = _FPS * _SECONDS
    for number in range(total):
        shift = round(_DRIFT_PX * number / total)
        picture = first if number < total // 2 else second
        yield picture[shift : shift + height, shift : shift + width]


def _png(pixels: RGBImage) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
