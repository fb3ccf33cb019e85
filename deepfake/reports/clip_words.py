"""What is said of clips: times, spans, progress, and why someone was not judged. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepfake.phrases import count_of, percent
from deepfake.reports.wording import HEADLINES, confidence_words
from deepfake.verdicts import FAKE, REAL, UNCERTAIN

if TYPE_CHECKING:
    from deepfake.classifier.card import Card, JudgingRules
    from deepfake.people import Person, Sighting

_SHORT_REASONS = (
    ("The face is small", "too small"),
    ("The face is too dark", "too dark"),
    ("The face is blurred", "too blurred"),
    ("Seen in only", "seen too briefly"),
    ("The face finder is not sure", "possibly no face at all"),
)
_NOT_MEASURED = "No verdict: this model's answers on clips have not been measured."


def clock(time_s: float, *, tenths: bool = False) -> str:
    """A time as players show it.

    >>> clock(65.25), clock(65.25, tenths=True), clock(3725)
    ('1:05', '1:05.2', '1:02:05')
    """
    units = int(time_s * 10) if tenths else 10 * int(time_s)
    seconds, tenth = divmod(units, 10)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    whole = f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
    return f"{whole}.{tenth}" if tenths else whole


def progress_words(*, time_s: float, duration_s: float | None, num_frames: int, num_faces: int) -> str:
    """What was done of a clip so far, stage by stage.

    >>> progress_words(time_s=12.3, duration_s=30.0, num_frames=36, num_faces=32)
    '12 s of 30 s decoded; 36 frames searched for faces; 32 faces judged'
    """
    whole = f" of {duration_s:.0f} s" if duration_s is not None and duration_s >= time_s else ""
    return (
        f"{time_s:.0f} s{whole} decoded; {count_of(num_frames, 'frame')} searched for faces; "
        f"{count_of(num_faces, 'face')} judged"
    )


def span_words(person: Person) -> str:
    """When a person is seen, and how much of it the verdict rests on."""
    first, last = clock(person.first_s), clock(person.last_s)
    when = f"Seen at {first}" if first == last else f"Seen from {first} to {last}"
    left_out = [one.obstacles[0] for one in person.sightings if one.obstacles]
    if not left_out:
        return f"{when}, {count_of(person.num_counted, 'frame')} used"
    reasons = ", ".join(dict.fromkeys(short_reason(reason) for reason in left_out))
    return f"{when}, {person.num_counted} of {len(person.sightings)} frames used; in the others the face is {reasons}"


def person_words(person: Person, card: Card) -> str:
    """How sure a judged person's verdict is; no leaning where the model is never firm on clips."""
    if card.clips is None:
        return _NOT_MEASURED
    if not card.clips.is_ever_firm:
        return f"Signs of manipulation: {percent(person.probability)}, which decides nothing here."
    return confidence_words(person.verdict)


def short_reason(sentence: str) -> str:
    """A reason in two words, for a heading.

    >>> short_reason("The face is small: 31 pixels, and the model needs 64.")
    'too small'
    """
    return next((short for start, short in _SHORT_REASONS if sentence.startswith(start)), "not fit to be judged")


def left_out_words(people: Sequence[Person]) -> str:
    """How many people were not judged, and why, in one line."""
    reasons = dict.fromkeys(short_reason(person.verdict.reasons[0]) for person in people)
    were = "face was" if len(people) == 1 else "faces were"
    return f"{len(people)} {were} not judged: {', '.join(reasons)}"


def zone_of(probability: float, rules: JudgingRules) -> str:
    """In which zone of the timeline a single frame lies; a verdict's name."""
    if probability >= rules.band_high:
        return FAKE
    return REAL if probability <= rules.band_low else UNCERTAIN


def frame_title(sighting: Sighting) -> str:
    """What a single frame says of a person, in short."""
    return "does not count here" if sighting.obstacles else f"{percent(sighting.probability)} in this frame"


def frame_words(sighting: Sighting, rules: JudgingRules) -> str:
    """What the number of a single frame means."""
    if sighting.obstacles:
        reasons = ", ".join(short_reason(reason) for reason in sighting.obstacles)
        return f"In this frame the face is {reasons}."
    return f"{HEADLINES[zone_of(sighting.probability, rules)]}, if it were a single picture."


def describe_timeline(people: Sequence[Person]) -> str:
    """The timeline in words, for those who cannot see it."""
    said = []
    for person in people:
        values = [one.probability for one in person.sightings if not one.obstacles]
        if person.is_judged and values:
            said.append(
                f"Person {person.number}: {count_of(len(values), 'frame')} from {clock(person.first_s)} to "
                f"{clock(person.last_s)}, between {percent(min(values))} and {percent(max(values))}."
            )
    return "The probability of manipulation in single frames over time. " + " ".join(said)


def people_title(people: Sequence[Person]) -> str:
    """How many people were seen, in words that stay true where one person was numbered twice."""
    judged = sum(person.is_judged for person in people)
    return f"{count_of(judged, 'person').replace('persons', 'people')} judged"
