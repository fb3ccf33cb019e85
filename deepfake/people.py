"""The people of a clip: each one's faces through time, judged together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from deepfake.classifier.card import Card, ClipRules
from deepfake.classifier.pooling import pool_scores
from deepfake.media.faces import Face, presence
from deepfake.media.images import RGBImage
from deepfake.media.quality import FaceQuality
from deepfake.verdicts import Verdict, judge, pool

_NOT_MEASURED = (
    "This model's answers on clips have not been measured, so it gives no verdict on one. "
    "They are measured by: python -m deepfake calibrate"
)
_NEVER_FIRM = (
    "On the clips that it was measured on, this model was wrong too often to say anything firm about one. Its "
    "numbers are shown, but they decide nothing."
)
_UNMEASURED_POOLING = "mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One person in one judged frame.

    Attributes:
        frame: Position among the judged frames, from 0.
        time_s: When, in seconds from the clip's first frame.
        face: Where.
        crop: What was cut out around it, shape (s, s, 3), uint8, shrunk for keeping.
        quality: How much there is to see.
        score: The model's raw output, 0..1.
        probability: P(fake) of this frame alone, calibrated, 0..1.
        obstacles: Why this frame does not count for the verdict; empty where it does.
    """

    frame: int
    time_s: float
    face: Face
    crop: RGBImage
    quality: FaceQuality
    score: float
    probability: float
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person in a clip and what is said of them.

    Attributes:
        number: From 1; those who were judged come first, each in the order of appearance.
        sightings: By time.
        score: Of the frames that count, pooled, raw, 0..1; of all frames where none counts.
        verdict: With the probability calibrated for clips.
        is_judged: Whether there was enough to see.
    """

    number: int
    sightings: tuple[Sighting, ...]
    score: float
    verdict: Verdict
    is_judged: bool

    @property
    def first_s(self) -> float:
        return self.sightings[0].time_s

    @property
    def last_s(self) -> float:
        return self.sightings[-1].time_s

    @property
    def presence(self) -> int:
        """How long and how large the person is seen, see `media.faces.presence`."""
        return presence(one.face for one in self.sightings)

    @property
    def num_counted(self) -> int:
        """Frames that the verdict rests on."""
        return sum(not sighting.obstacles for sighting in self.sightings)

    @property
    def probability(self) -> float:
        """P(fake), calibrated for clips, 0..1."""
        assert self.verdict.probability is not None  # a person who was seen always has one
        return self.verdict.probability


def judge_people(tracks: Mapping[int, Sequence[Sighting]], card: Card) -> tuple[tuple[Person, ...], Verdict]:
    """Judge each person, and the clip by its people.

    Args:
        tracks: Each person's sightings, at least one, by time.
        card: Of the model.

    Returns:
        The people, those judged first, and the verdict on the clip.
    """
    seen = sorted(tracks.values(), key=lambda sightings: sightings[0].time_s)
    seen.sort(key=lambda sightings: bool(_obstacles(sightings, card)))  # stable: by time within each kind
    num_judged = sum(not _obstacles(sightings, card) for sightings in seen)
    people = tuple(
        _judge_person(number, sightings, card, max(1, num_judged)) for number, sightings in enumerate(seen, start=1)
    )
    largest_first = sorted(people, key=lambda person: person.presence, reverse=True)
    overall = pool(
        [person.verdict for person in largest_first], [person.is_judged for person in largest_first], medium="clip"
    )
    return people, overall


def _judge_person(number: int, sightings: Sequence[Sighting], card: Card, num_people: int) -> Person:
    counted = [sighting.score for sighting in sightings if not sighting.obstacles]
    pooling = card.clips.pooling if card.clips else _UNMEASURED_POOLING
    score = pool_scores(counted or [sighting.score for sighting in sightings], pooling)
    calibration = card.clips.calibration if card.clips else card.calibration
    obstacles = _obstacles(sightings, card)
    said = obstacles or _silence(card.clips)
    return Person(
        number=number,
        sightings=tuple(sightings),
        score=score,
        verdict=judge(
            float(calibration.apply(score)), said, card.rules_of_people(), num_faces=num_people, medium="clip"
        ),
        is_judged=not obstacles,
    )


def _silence(rules: ClipRules | None) -> tuple[str, ...]:
    """Why a model says nothing firm about any clip; empty where it does."""
    if rules is None:
        return (_NOT_MEASURED,)
    return () if rules.is_ever_firm else (_NEVER_FIRM,)


def _obstacles(sightings: Sequence[Sighting], card: Card) -> tuple[str, ...]:
    """Why a person cannot be judged; empty where they can."""
    needed = card.clips.min_frames if card.clips else 1
    if card.clips and median(one.face.detection_score for one in sightings) < card.clips.min_detection_score:
        return ("The face finder is not sure that this is a face at all.",)
    if sum(not sighting.obstacles for sighting in sightings) >= needed:
        return ()
    if len(sightings) < needed:
        frames = "1 judged frame" if len(sightings) == 1 else f"{len(sightings)} judged frames"
        return (f"Seen in only {frames} of the clip, and the model needs {needed}. A longer clip may help.",)
    kinds = [one.obstacles[0].split(":")[0] for one in sightings if one.obstacles]  # before the colon no number stands
    [(commonest, _)] = Counter(kinds).most_common(1)
    return next(one.obstacles for one in sightings if one.obstacles and one.obstacles[0].startswith(commonest))
