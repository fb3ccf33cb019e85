"""From analyses to what a report says: one function for each kind of file, and one for all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from deepfake import __version__
from deepfake.analysis import Analysis, ClipAnalysis, FaceAnalysis
from deepfake.classifier.card import Card
from deepfake.evaluation.versions import library_versions
from deepfake.media.clips import is_clip
from deepfake.media.images import RGBImage
from deepfake.people import Person, Sighting
from deepfake.reports.clip_words import clock, describe_timeline, person_words, span_words
from deepfake.reports.explained import Explained, explanation_report
from deepfake.reports.overlay import shrink_to
from deepfake.reports.pictures import PICTURE_PX, THUMBNAIL_PX, KeptFrame, as_picture, mark_faces, mark_people
from deepfake.reports.report import (
    CLIP,
    IMAGE,
    UNKNOWN,
    ClipReport,
    ExplanationReport,
    FaceReport,
    FileReport,
    ModelReport,
    PersonReport,
    Picture,
    Report,
    SightingReport,
    SuspiciousFrame,
)
from deepfake.reports.suspicion import Moment, best_sighting, most_suspicious, telling_moment
from deepfake.reports.timeline_figure import draw_clip_timeline, to_png
from deepfake.reports.wording import HEADLINES
from deepfake.verdicts import unfit_reasons

if TYPE_CHECKING:
    from deepfake.explain.stress import StressTest
    from deepfake.media.provenance.statement import Provenance

_TIMELINE_WH = (1400, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """A file as it was given.

    Attributes:
        name: A stranger's words.
        data: Its bytes; None where they cannot be read.
        sha256: Of them.
        provenance: What it says of itself; None where that was not read.
    """

    name: str
    data: bytes | None
    sha256: str | None
    provenance: Provenance | None = None

    @classmethod
    def of(cls, name: str, data: bytes | None, *, provenance: Provenance | None = None) -> GivenFile:
        """Join a name with bytes."""
        digest = None if data is None else hashlib.sha256(data).hexdigest()
        return cls(name=name, data=data, sha256=digest, provenance=provenance)


def build_report(files: Sequence[FileReport], card: Card, *, made_at: datetime, frames_per_second: float) -> Report:
    """All that was said of some files by one model.

    Args:
        files: From the functions below; at least one.
        card: Of the model.
        made_at: Now, with its zone.
        frames_per_second: So many frames of each second of a clip were judged.
    """
    return Report(
        made_at=made_at.replace(microsecond=0),
        program=f"deepfake {__version__}",
        libraries=library_versions(),
        frames_per_second=frames_per_second,
        model=_model(card),
        files=tuple(files),
    )


def refused_file(given: GivenFile, error: str) -> FileReport:
    """A file that was not judged.

    Args:
        given: The file.
        error: Why, in words for people.
    """
    kind = UNKNOWN if given.data is None else CLIP if is_clip(given.data) else IMAGE
    return _file(given, kind=kind, error=error)


def image_file(
    given: GivenFile,
    analysis: Analysis,
    card: Card,
    *,
    explained: Mapping[int, Explained] | None = None,
    stress: Mapping[int, StressTest] | None = None,
) -> FileReport:
    """A picture that was judged.

    Args:
        given: The file.
        analysis: Of it.
        card: Of the model.
        explained: Explanations made of its faces, by position in `analysis.faces`.
        stress: Stress tests made of them, likewise.
    """
    small, _ = shrink_to(analysis.pixels, PICTURE_PX)
    faces = tuple(
        FaceReport(
            number=position + 1,
            box=one.face.box,
            detection_score=one.face.detection_score,
            score=one.score,
            verdict=one.verdict,
            is_judged=not unfit_reasons(one.quality, card.rules),
            quality=one.quality,
            crop=_thumbnail(one.crop, f"Face {position + 1}"),
            explanation=_explain_face(one, position, analysis, card, explained or {}),
            stress=(stress or {}).get(position),
        )
        for position, one in enumerate(analysis.faces)
    )
    said = ", ".join(f"face {one.number}: {HEADLINES[one.verdict.verdict]}" for one in faces)
    alt = f"The picture with numbered boxes. {said}." if faces else "The picture. No face was found in it."
    return _file(
        given,
        kind=IMAGE,
        analysis=analysis,
        is_judged=any(face.is_judged for face in faces),
        size_wh=analysis.size_wh,
        picture=as_picture(
            mark_faces(small, analysis.size_wh, analysis.faces), alt=alt, caption="The picture that was judged"
        ),
        faces=faces,
    )


def clip_file(
    given: GivenFile,
    analysis: ClipAnalysis,
    card: Card,
    *,
    frames: Sequence[KeptFrame],
    explained: Mapping[Moment, Explained] | None = None,
    stress: Mapping[int, StressTest] | None = None,
) -> FileReport:
    """A clip that was judged.

    Args:
        given: The file.
        analysis: Of it.
        card: Of the model.
        frames: Every judged frame, by its position.
        explained: Explanations made of single frames.
        stress: Stress tests made of people, by their number; of several frames, the mean.
    """
    people = analysis.people
    is_judged = any(person.is_judged for person in people)
    seen = sorted(
        ((one, person) for person in people for one in person.sightings),
        key=lambda pair: (pair[0].time_s, pair[1].number),
    )
    clip = ClipReport(
        container=analysis.info.container,
        codec=analysis.info.codec,
        duration_s=analysis.duration_s,
        fps=analysis.info.fps,
        num_decoded=analysis.end.num_decoded if analysis.end else 0,
        num_judged=len(analysis.frame_times_s),
        people=tuple(_person(person, card, (stress or {}).get(person.number)) for person in people),
        sightings=tuple(
            SightingReport(
                person=person.number, time_s=one.time_s, probability=one.probability, counts=not one.obstacles
            )
            for one, person in seen
        ),
        timeline=_timeline(analysis, card) if is_judged else None,
        suspicious=tuple(_suspicious(person, one) for person, one in most_suspicious(people)),
        explanations=tuple(
            _explain_moment(people, moment, one, card)
            for moment, one in sorted((explained or {}).items(), key=lambda pair: (pair[0].frame, pair[0].person))
        ),
    )
    return _file(
        given,
        kind=CLIP,
        analysis=analysis,
        is_judged=is_judged,
        is_ever_firm=card.clips is not None and card.clips.is_ever_firm,
        size_wh=analysis.info.size_wh,
        picture=_telling_frame(analysis, frames),
        clip=clip,
    )


def _file(
    given: GivenFile,
    *,
    kind: str,
    analysis: Analysis | ClipAnalysis | None = None,
    error: str | None = None,
    is_judged: bool = False,
    is_ever_firm: bool = True,
    size_wh: tuple[int, int] | None = None,
    picture: Picture | None = None,
    faces: tuple[FaceReport, ...] = (),
    clip: ClipReport | None = None,
) -> FileReport:
    return FileReport(
        name=given.name,
        sha256=given.sha256,
        num_bytes=None if given.data is None else len(given.data),
        kind=kind,
        verdict=analysis.verdict if analysis else None,
        is_judged=is_judged,
        is_ever_firm=is_ever_firm,
        score=analysis.score if analysis else None,
        error=error,
        notes=analysis.notes if analysis else (),
        size_wh=size_wh,
        picture=picture,
        faces=faces,
        clip=clip,
        provenance=given.provenance,
    )


def _model(card: Card) -> ModelReport:
    return ModelReport(
        name=card.name,
        title=card.title,
        weights_sha256=card.weights_sha256,
        input_side_px=card.crop.side_px,
        rules=card.rules,
        rules_of_people=card.rules_of_people(),
        pooling=card.clips.pooling if card.clips else None,
        limits=card.limits,
        licence=card.licence,
        versions=card.versions,
    )


def _explain_face(
    face: FaceAnalysis, position: int, analysis: Analysis, card: Card, explained: Mapping[int, Explained]
) -> ExplanationReport | None:
    if position not in explained:
        return None
    whose = f"face {position + 1}" if len(analysis.faces) > 1 else "the face"
    return explanation_report(explained[position], face.face, face.quality, card, whose=whose)


def _explain_moment(people: Sequence[Person], moment: Moment, explained: Explained, card: Card) -> ExplanationReport:
    [one] = [
        one
        for person in people
        for one in person.sightings
        if (person.number, one.frame) == (moment.person, moment.frame)
    ]
    whose = f"person {moment.person} at {clock(one.time_s, tenths=True)}"
    return explanation_report(explained, one.face, one.quality, card, whose=whose)


def _person(person: Person, card: Card, stress: StressTest | None) -> PersonReport:
    return PersonReport(
        number=person.number,
        verdict=person.verdict,
        is_judged=person.is_judged,
        score=person.score,
        first_s=person.first_s,
        last_s=person.last_s,
        num_frames=len(person.sightings),
        num_counted=person.num_counted,
        seen=f"{span_words(person)}.",
        said=person_words(person, card) if person.is_judged else "",
        crop=_thumbnail(best_sighting(person).crop, f"Person {person.number}"),
        stress=stress,
    )


def _suspicious(person: Person, one: Sighting) -> SuspiciousFrame:
    at = clock(one.time_s, tenths=True)
    return SuspiciousFrame(
        person=person.number,
        time_s=one.time_s,
        probability=one.probability,
        crop=_thumbnail(one.crop, f"Person {person.number} at {at}"),
    )


def _timeline(analysis: ClipAnalysis, card: Card) -> Picture:
    end_s = max(analysis.duration_s or 0.0, analysis.frame_times_s[-1])
    data = to_png(draw_clip_timeline(analysis.people, card.rules, end_s=end_s), _TIMELINE_WH)
    return Picture(
        data=data,
        media_type="image/png",
        size_wh=_TIMELINE_WH,
        alt=describe_timeline(analysis.people),
        caption="The probability of manipulation in each judged frame",
    )


def _telling_frame(analysis: ClipAnalysis, frames: Sequence[KeptFrame]) -> Picture | None:
    """The most suspicious frame with its people numbered; the first where nobody was judged."""
    if not frames:
        return None
    is_judged = any(person.is_judged for person in analysis.people)
    at = telling_moment(analysis.people, analysis.verdict.probability).frame if is_judged else 0
    seen = [(person, one) for person in analysis.people for one in person.sightings if one.frame == at]
    who = ", ".join(f"person {person.number}" for person, _ in seen) or "nobody"
    when = clock(analysis.frame_times_s[at], tenths=True)
    caption = f"The clip at {when}" + (", where it looks most suspicious" if is_judged else "")
    return as_picture(
        mark_people(frames[at], seen), alt=f"The frame at {when} with numbered boxes around {who}.", caption=caption
    )


def _thumbnail(crop: RGBImage, what: str) -> Picture:
    return as_picture(shrink_to(crop, THUMBNAIL_PX)[0], alt=what, caption=what)
