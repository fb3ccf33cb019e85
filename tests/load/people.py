"""What each of many people hands in: a face that only this person has, so that no answer can be another's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from deepfake.analysis import ClipAnalysis, analyze
from deepfake.classifier.classifier import Classifier
from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait
from tests.pictures import encode

_NUM_FRAMES = 50  # two seconds: six are judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who comes to the page.

    Attributes:
        name: Of the file.
        data: The file.
        kind: Its media type.
        probabilities: Of its faces or people, as the page has to show them.
    """

    name: str
    data: bytes
    kind: str
    probabilities: list[str]

    @property
    def is_clip(self) -> bool:
        return self.kind.startswith("video")


def make_people(pixels: RGBImage, classifier: Classifier, num_people: int) -> list[Person]:
    """So many people, every second with a clip, each judged alone beforehand."""
    return [_person(pixels, classifier, number) for number in range(num_people)]


def _person(pixels: RGBImage, classifier: Classifier, number: int) -> Person:
    own = tinted(pixels, number)
    if number % 2:
        name, kind = f"clip-of-{number:02d}.mp4", "video/mp4"
        data = encode_clip(moving(portrait(own), num_frames=_NUM_FRAMES, step_px=1))
    else:
        name, kind, data = f"picture-of-{number:02d}.png", "image/png", encode(Image.fromarray(own), "PNG")
    made = analyze(data, classifier)
    judged = made.people if isinstance(made, ClipAnalysis) else made.faces
    return Person(name=name, data=data, kind=kind, probabilities=[f"{one.probability:.4f}" for one in judged])


def tinted(pixels: RGBImage, number: int) -> RGBImage:
    """The picture in a tint that no other number has, every third one mirrored."""
    rng = np.random.default_rng(number)
    gains = rng.uniform(0.55, 1.0, 3)
    own = np.clip(pixels * gains, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(own[:, ::-1]) if number % 3 == 2 else own
