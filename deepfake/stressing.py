"""The stress test of a file: of a picture's faces, and of a clip's people in their most suspicious frames.

The frames of a clip are decoded again, since only small pictures of them are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from deepfake.classifier.classifier import Classifier
from deepfake.explain.stress import StressTest, stress_faces
from deepfake.media.clips import Sampling
from deepfake.media.decoder import open_clip
from deepfake.media.faces import Box
from deepfake.media.images import decode_image
from deepfake.people import Person, Sighting

NUM_FRAMES = 3  # of each person


def stress_picture(
    data: bytes, boxes: Sequence[Box], classifier: Classifier, *, seed: int = 0
) -> tuple[StressTest, ...]:
    """Judge the faces of a picture again after each change.

    Args:
        data: The file's bytes.
        boxes: Of its faces, as `analyze_image` found them.
        classifier: Weights with their card.
        seed: Of the noise.

    Returns:
        One a box.

    Raises:
        UnreadableImageError, ImageTooLargeError: See `decode_image`.
    """
    return stress_faces(decode_image(data).pixels, boxes, classifier, seed=seed)


def stress_people(
    data: bytes, people: Sequence[Person], classifier: Classifier, sampling: Sampling, *, seed: int = 0
) -> dict[int, tuple[StressTest, ...]]:
    """Judge people of a clip again, each in their most suspicious frames.

    Args:
        data: The file's bytes.
        people: As `analyze_clip` found them.
        classifier: Weights with their card.
        sampling: As the clip was sampled when they were found.
        seed: Of the noise.

    Returns:
        By the person's number: a test a frame, in the order of time. Whoever was not judged is left out, and so are
        frames that could not be decoded a second time.

    Raises:
        UnreadableClipError: The clip cannot be decoded again.
    """
    wanted: defaultdict[int, list[tuple[int, Box]]] = defaultdict(list)
    for person in people:
        for sighting in most_suspicious_frames(person) if person.is_judged else ():
            wanted[sighting.frame].append((person.number, sighting.face.box))
    tests: defaultdict[int, list[StressTest]] = defaultdict(list)
    if not wanted:
        return {}
    with open_clip(data, sampling) as clip:
        for position, frame in enumerate(clip.frames()):
            seen = wanted.get(position, [])
            made = stress_faces(frame.pixels, [box for _, box in seen], classifier, seed=seed)
            for (number, _), test in zip(seen, made, strict=True):
                tests[number].append(test)
            if position == max(wanted):
                break
    return {number: tuple(of_person) for number, of_person in tests.items()}


def most_suspicious_frames(person: Person) -> list[Sighting]:
    """The frames that count in which a person looks most manipulated, in the order of time."""
    counted = [one for one in person.sightings if not one.obstacles]
    chosen = sorted(counted, key=lambda one: -one.probability)[:NUM_FRAMES]
    return sorted(chosen, key=lambda one: one.frame)
