"""What a report says, as values. `building.py` makes it from analyses; every form draws from it alone.

The same files, model and settings give the same report, but for `made_at`: nothing in it depends on how long anything
took.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepfake.classifier.card import JudgingRules
    from deepfake.explain.base import ExplanationSettings
    from deepfake.explain.stress import StressTest
    from deepfake.media.faces import Box
    from deepfake.media.provenance.statement import Provenance
    from deepfake.media.quality import FaceQuality
    from deepfake.verdicts import Verdict

FORMAT_VERSION = 1  # of the JSON form, see docs/report.schema.json
IMAGE, CLIP, UNKNOWN = "image", "clip", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture, encoded.

    Attributes:
        data: Its bytes.
        media_type: "image/jpeg" or "image/png".
        size_wh: Width and height, pixels.
        alt: What it shows, for those who cannot see it.
        caption: What stands under it.
    """

    data: bytes
    media_type: str
    size_wh: tuple[int, int]
    alt: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaReport:
    """A leading area of an explanation.

    Attributes:
        number: On the overlay, 1 for the strongest.
        place: Where it lies, to follow "the area".
        weight: What it adds to the probability; positive is towards fake.
    """

    number: int
    place: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HidingReport:
    """The check of an explanation: its leading areas hidden, and as many others at random.

    Attributes:
        towards_fake: The side that the probability is on; areas that push there were hidden.
        hidden: Their numbers, as in `AreaReport`.
        probability: P(fake) of the face as it is, 0..1.
        probability_hidden: With them hidden.
        random_probabilities: With as many others hidden, one a try.
        beats_random: Whether no try moved the probability as far.
    """

    towards_fake: bool
    hidden: tuple[int, ...]
    probability: float
    probability_hidden: float
    random_probabilities: tuple[float, ...]
    beats_random: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationReport:
    """What the probability of one face rests on.

    Attributes:
        whose: "the face", "face 2", "person 1 at 0:01.3".
        settings: How it was made, its seed included.
        probability: P(fake) of the face explained, 0..1.
        num_segments: Areas the face was cut into.
        num_samples: Variants of the face judged.
        num_repeats: Repeats with seeds of their own.
        is_flat: Whether no area has any influence.
        is_stable: Whether repeats agree enough for a map to mean something.
        fidelity: Weighted R2 of the linear surrogate; None for methods without one.
        rank_correlation: Of halves of the repeats, -1..1; None where there was one alone.
        top_overlap: Share of the leading areas that the halves have in common, 0..1; None as above.
        num_disputed: Areas on whose sign repeats do not agree; hatched on the overlay.
        strongest: Largest weight either way; full color on the overlay.
        areas: The leading ones, strongest first; none where the map is flat or not stable.
        check: What hiding them did; None where there was nothing to hide.
        account: All of it in sentences for people.
        crop: The face that was judged.
        overlay: The same with its areas marked; None where a map would mean nothing.
    """

    whose: str
    settings: ExplanationSettings
    probability: float
    num_segments: int
    num_samples: int
    num_repeats: int
    is_flat: bool
    is_stable: bool
    fidelity: float | None
    rank_correlation: float | None
    top_overlap: float | None
    num_disputed: int
    strongest: float
    areas: tuple[AreaReport, ...]
    check: HidingReport | None
    account: tuple[str, ...]
    crop: Picture
    overlay: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceReport:
    """One face of a picture.

    Attributes:
        number: On the picture, 1 for the largest.
        box: In pixels of the file's upright picture.
        detection_score: How sure the face finder is.
        score: The model's raw output, 0..1.
        verdict: With probability and reasons.
        is_judged: Whether there was enough to see.
        quality: How much there is to see.
        crop: The face, small.
        explanation: What its probability rests on; None where that was not asked.
        stress: How its probability stands up to mild changes; None where that was not asked.
    """

    number: int
    box: Box
    detection_score: float
    score: float
    verdict: Verdict
    is_judged: bool
    quality: FaceQuality
    crop: Picture
    explanation: ExplanationReport | None
    stress: StressTest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReport:
    """One person of a clip.

    Attributes:
        number: In the clip, from 1.
        verdict: With probability and reasons.
        is_judged: Whether there was enough to see.
        score: Pooled, raw, 0..1.
        first_s, last_s: When first and last seen.
        num_frames: Judged frames the person is seen in.
        num_counted: Of these, those that the verdict rests on.
        seen: When and how much, in words.
        said: How sure the verdict is, in words; empty where nobody was judged.
        crop: The frame that shows the person best.
        stress: How the probability of their most suspicious frames, on average, stands up to mild changes; None where
            that was not asked.
    """

    number: int
    verdict: Verdict
    is_judged: bool
    score: float
    first_s: float
    last_s: float
    num_frames: int
    num_counted: int
    seen: str
    said: str
    crop: Picture
    stress: StressTest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingReport:
    """One person in one judged frame.

    Attributes:
        person: Number.
        time_s: When.
        probability: P(fake) of this frame alone, 0..1.
        counts: Whether the person's verdict rests on it.
    """

    person: int
    time_s: float
    probability: float
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspiciousFrame:
    """One of the most suspicious frames.

    Attributes:
        person: Number.
        time_s: When.
        probability: P(fake) of this frame alone, 0..1.
        crop: The face in it.
    """

    person: int
    time_s: float
    probability: float
    crop: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """What a clip has beyond a picture.

    Attributes:
        container, codec: As the file says.
        duration_s: As declared, or as decoded; None where neither is known.
        fps: Frames a second as declared, or None.
        num_decoded: Frames decoded.
        num_judged: Frames judged.
        people: Those who were judged first.
        sightings: Every judged frame of everyone, by time.
        timeline: The same as a figure; None where nobody was judged.
        suspicious: The most suspicious frames, the first the most.
        explanations: Of single frames.
    """

    container: str
    codec: str
    duration_s: float | None
    fps: float | None
    num_decoded: int
    num_judged: int
    people: tuple[PersonReport, ...]
    sightings: tuple[SightingReport, ...]
    timeline: Picture | None
    suspicious: tuple[SuspiciousFrame, ...]
    explanations: tuple[ExplanationReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """One file.

    Attributes:
        name: As it was given: a stranger's words.
        sha256: Of its bytes; None where they cannot be read.
        num_bytes: Its size, or None.
        kind: `IMAGE`, `CLIP`, or `UNKNOWN` where the file cannot be read.
        verdict: Of the whole file; None where it was refused.
        is_judged: Whether any face or person in it was.
        is_ever_firm: Whether the model is ever firm about this kind of file; where not, its lean means nothing.
        score: Raw score behind the file's probability, or None.
        error: Why it was refused; None where it was not.
        notes: What a person should know of the file, in sentences.
        size_wh: Width and height of picture or frames, pixels, or None.
        picture: The file with numbered boxes; of a clip its telling frame. None where there is nothing to show.
        faces: Of a picture, largest first.
        clip: Of a clip.
        provenance: What the file says of itself; None where that was not read.
    """

    name: str
    sha256: str | None
    num_bytes: int | None
    kind: str
    verdict: Verdict | None
    is_judged: bool
    is_ever_firm: bool
    score: float | None
    error: str | None
    notes: tuple[str, ...]
    size_wh: tuple[int, int] | None
    picture: Picture | None
    faces: tuple[FaceReport, ...]
    clip: ClipReport | None
    provenance: Provenance | None

    @property
    def num_faces(self) -> int:
        """Faces of a picture, people of a clip."""
        return len(self.clip.people if self.clip else self.faces)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """The model that judged.

    Attributes:
        name, title: As on its card.
        weights_sha256: Of its weights.
        input_side_px: Side of what it looks at.
        rules: Where its verdicts on faces turn.
        rules_of_people: The same for people in clips.
        pooling: How a person's frames become one score; None where that was never measured.
        limits: What it cannot do, in sentences.
        licence: Of weights and data.
        versions: Libraries it was trained with, by name.
    """

    name: str
    title: str
    weights_sha256: str
    input_side_px: int
    rules: JudgingRules
    rules_of_people: JudgingRules
    pooling: str | None
    limits: tuple[str, ...]
    licence: str
    versions: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was said of one or more files.

    Attributes:
        made_at: When, in UTC, whole seconds.
        program: Name and version of this program.
        libraries: Versions at work, by name.
        frames_per_second: So many frames of each second of a clip were judged.
        model: That judged.
        files: In the order in which they were given; at least one.
        format_version: Of the JSON form.
    """

    made_at: datetime
    program: str
    libraries: dict[str, str]
    frames_per_second: float
    model: ModelReport
    files: tuple[FileReport, ...]
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        if not self.files:
            raise ValueError("A report is on at least one file. Received none.")
        if self.made_at.tzinfo is None:
            raise ValueError(f"The time of a report needs its zone. Received: {self.made_at!r}. Use UTC.")
