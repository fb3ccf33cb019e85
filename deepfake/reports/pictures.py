"""Pictures as the page and reports show them: shrunk, marked with numbered boxes, encoded. Heavy imports wait."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepfake.reports.report import Picture
from deepfake.reports.wording import COLORS

if TYPE_CHECKING:
    from deepfake.analysis import FaceAnalysis
    from deepfake.media.clips import Frame
    from deepfake.media.faces import Box
    from deepfake.media.images import RGBImage
    from deepfake.people import Person, Sighting

PICTURE_PX = 1200
THUMBNAIL_PX = 144
_FRAME_PX = 720


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFrame:
    """A judged frame of a clip, small enough to be kept.

    Attributes:
        picture: A JPEG.
        factor: Its pixels for one of the frame's; boxes are in the frame's.
    """

    picture: bytes
    factor: float


def keep_frame(frame: Frame) -> KeptFrame:
    """A frame to be shown later."""
    from deepfake.reports.overlay import shrink_to

    small, factor = shrink_to(frame.pixels, _FRAME_PX)
    return KeptFrame(picture=encode(small), factor=factor)


def encode(picture: RGBImage) -> bytes:
    """A picture as a browser takes it: a JPEG."""
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


def as_picture(pixels: RGBImage, *, alt: str, caption: str) -> Picture:
    """A picture of a report.

    Args:
        pixels: Shape (h, w, 3), uint8.
        alt: What it shows, for those who cannot see it.
        caption: What stands under it.
    """
    height, width = pixels.shape[:2]
    return Picture(data=encode(pixels), media_type="image/jpeg", size_wh=(width, height), alt=alt, caption=caption)


def mark_faces(picture: RGBImage, size_wh: tuple[int, int], faces: Sequence[FaceAnalysis]) -> RGBImage:
    """A picture with a numbered box around each face, in the color of its verdict.

    Args:
        picture: Shape (h, w, 3), uint8; may be shrunk.
        size_wh: Of the picture in which the faces were found, pixels.
        faces: Numbered from 1.
    """
    from deepfake.reports.overlay import draw_numbered_boxes

    factor = picture.shape[1] / size_wh[0]
    boxes = [scaled_box(one.face.box, factor) for one in faces]
    return draw_numbered_boxes(picture, boxes, [rgb(COLORS[one.verdict.verdict]) for one in faces])


def mark_people(kept: KeptFrame, seen: Sequence[tuple[Person, Sighting]]) -> RGBImage:
    """A frame of a clip with the number of each person seen in it."""
    from deepfake.reports.overlay import draw_numbered_boxes

    boxes = [scaled_box(one.face.box, kept.factor) for _, one in seen]
    colors = [rgb(COLORS[person.verdict.verdict]) for person, _ in seen]
    return draw_numbered_boxes(decode(kept.picture), boxes, colors, [person.number for person, _ in seen])


def scaled_box(box: Box, factor: float) -> Box:
    """A face's box in a picture that was shrunk."""
    from deepfake.media.faces import Box

    x_min, y_min, x_max, y_max = (round(value * factor) for value in box.to_list())
    return Box(x_min=x_min, y_min=y_min, x_max=max(x_min + 1, x_max), y_max=max(y_min + 1, y_max))


def rgb(color: str) -> tuple[int, int, int]:
    """A color such as "#0072B2" as numbers."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
