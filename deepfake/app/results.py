"""What was found out so far: kept in the session, computed once, forgotten when the page closes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.models import get_classifier, model_identity
from deepfake.app.wording import COLORS
from deepfake.errors import InputError

if TYPE_CHECKING:
    from deepfake.analysis import Analysis
    from deepfake.classifier.card import Card
    from deepfake.classifier.classifier import Classifier
    from deepfake.media.faces import Box
    from deepfake.media.images import RGBImage

_SCREEN_PX = 1200
_THUMBNAIL_PX = 144
_INSPECTIONS, CLIPS, EXPLANATIONS, UNFINISHED = "inspections", "clips", "explanations", "unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file a person gave.

    Attributes:
        name: As given; never to be rendered.
        data: Its bytes.
        sha256: Of the bytes.
    """

    name: str
    data: bytes
    sha256: str

    @classmethod
    def of(cls, name: str, data: bytes) -> Upload:
        """Join a name with bytes."""
        return cls(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A file that was judged, ready for the screen.

    Attributes:
        analysis: Its `pixels` shrunk to the screen.
        picture: Encoded, with numbered boxes.
        thumbnails: Encoded crops, one a face.
    """

    analysis: Analysis
    picture: bytes
    thumbnails: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that could not be read.

    Attributes:
        message: Why, and what helps.
    """

    message: str


def inspect_upload(upload: Upload, card: Card) -> Inspection | Refusal:
    """Judge a picture, or recall what was said of it.

    Raises:
        ModelError: The model cannot be used.
    """
    known: dict[tuple[str, str], Inspection | Refusal] = st.session_state.setdefault(_INSPECTIONS, {})
    key = (upload.sha256, model_identity(card))
    if key not in known:
        known[key] = _inspect(upload.data, get_classifier(card))
    return known[key]


def is_inspected(upload: Upload, card: Card) -> bool:
    """Whether `inspect_upload` would answer at once."""
    return (upload.sha256, model_identity(card)) in st.session_state.get(_INSPECTIONS, {})


def forget_all_but(uploads: Collection[Upload]) -> None:
    """Drop what was found in files that are no longer on the page."""
    present = {upload.sha256 for upload in uploads}
    for name in (_INSPECTIONS, CLIPS, EXPLANATIONS, UNFINISHED):
        kept = {key: value for key, value in st.session_state.get(name, {}).items() if key[0] in present}
        st.session_state[name] = kept


def encode(picture: RGBImage) -> bytes:
    """A picture as a browser takes it."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def decode(picture: bytes) -> RGBImage:
    """What `encode` gave, as pixels again."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _inspect(data: bytes, classifier: Classifier) -> Inspection | Refusal:
    from deepfake import analysis as story

    try:
        analysis = story.analyze_image(data, classifier)
    except InputError as error:
        return Refusal(message=str(error))
    from deepfake.reports.overlay import shrink_to

    small, _ = shrink_to(analysis.pixels, _SCREEN_PX)
    return Inspection(
        analysis=replace(analysis, pixels=small),
        picture=encode(_with_boxes(small, analysis)),
        thumbnails=tuple(encode(shrink_to(face.crop, _THUMBNAIL_PX)[0]) for face in analysis.faces),
    )


def _with_boxes(small: RGBImage, analysis: Analysis) -> RGBImage:
    from deepfake.reports.overlay import draw_numbered_boxes

    factor = small.shape[1] / analysis.pixels.shape[1]
    boxes = [scaled_box(one.face.box, factor) for one in analysis.faces]
    return draw_numbered_boxes(small, boxes, [rgb(COLORS[one.verdict.verdict]) for one in analysis.faces])


def scaled_box(box: Box, factor: float) -> Box:
    """A face's box in a picture that was shrunk."""
    from deepfake.media.faces import Box

    x_min, y_min, x_max, y_max = (round(value * factor) for value in box.to_list())
    return Box(x_min=x_min, y_min=y_min, x_max=max(x_min + 1, x_max), y_max=max(y_min + 1, y_max))


def rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
