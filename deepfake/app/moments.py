"""A moment of a clip: picked on the timeline, the slider or the strip, shown with its boxes and explained."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app import why
from deepfake.app.clip_job import ClipInspection
from deepfake.app.explanations import Subject, recall
from deepfake.app.loading import load_libraries
from deepfake.app.markup import face_line, people_key, zone_key
from deepfake.app.person_pictures import small_jpeg
from deepfake.app.place import PendingExplanation, Place
from deepfake.app.timeline import (
    draw_timeline,
    explain_timeline,
    person_looks,
    picked,
    timeline_rows,
)
from deepfake.media.crops import points_in_crop
from deepfake.phrases import percent
from deepfake.reports.clip_words import clock, describe_timeline, frame_title, frame_words, zone_of
from deepfake.reports.pictures import KeptFrame, encode, mark_people
from deepfake.reports.suspicion import Moment, least_suspicious, most_suspicious, telling_moment
from deepfake.verdicts import UNCERTAIN

if TYPE_CHECKING:
    from deepfake.people import Person, Sighting

_STRIP_CELL_PX = 86  # three side by side on a phone
_Seen = tuple["Person", "Sighting"]


def show_moments(place: Place, inspection: ClipInspection) -> list[PendingExplanation]:
    """Show timeline, moment, the strip of telling frames, and why.

    Returns:
        The explanation still to be made.
    """
    analysis = inspection.analysis
    first = telling_moment(analysis.people, analysis.verdict.probability)
    frame_key, person_key = _keys(place)
    st.session_state.setdefault(frame_key, first.frame)
    st.session_state.setdefault(person_key, first.person)
    st.session_state.setdefault(_wanted_key(place), first)
    st.markdown("#### When")
    _show_timeline(place, inspection)
    frame = int(st.session_state[frame_key])
    seen = _seen_in(analysis.people, frame)
    left, right = st.columns([5, 6])
    with left:
        _show_frame(inspection.frames[frame], analysis.frame_times_s[frame], seen)
    with right:
        _show_seen(place, seen)
    _show_strip(place, inspection)
    return _show_why(place, analysis.people, seen, frame)


def explained_part(place: Place, frame: int, person: int) -> Hashable:
    """Names one face of one frame among the explanations of a file."""
    return place.options.frames_per_second, frame, person


def subject_of(place: Place, person: int, sighting: Sighting) -> Subject:
    """A person in one frame, to be explained.

    Args:
        place: Of the clip.
        person: Their number.
        sighting: Of them.
    """
    face = sighting.face
    return Subject(
        upload=place.upload,
        card=place.card,
        options=place.options.explanation,
        part=explained_part(place, sighting.frame, person),
        crop=sighting.crop,
        landmarks=points_in_crop(face.landmarks, face.box, margin=place.card.crop.margin),
        quality=sighting.quality,
        whose=f"person {person} at {clock(sighting.time_s, tenths=True)}",
        key=f"{place.key}-moment",
    )


def _keys(place: Place) -> tuple[str, str]:
    base = f"{place.key}-{place.options.frames_per_second:g}-{place.card.name}"
    return f"moment-{base}", f"person-{base}"


def _wanted_key(place: Place) -> str:
    return f"explain-{_keys(place)[0]}"


def _go_to(place: Place, moment: Moment) -> None:
    frame_key, person_key = _keys(place)
    st.session_state[frame_key] = moment.frame
    st.session_state[person_key] = moment.person


def _show_timeline(place: Place, inspection: ClipInspection) -> None:
    analysis, rules = inspection.analysis, place.card.rules
    frame_key, _ = _keys(place)
    times = analysis.frame_times_s
    rows = timeline_rows(analysis.people, rules)
    chart_key = f"timeline-{frame_key}"

    def on_click() -> None:
        moment = picked(st.session_state[chart_key].selection)
        if moment is not None:
            _go_to(place, moment)

    is_dark = st.context.theme.type == "dark"
    looks = person_looks(list(dict.fromkeys(row["name"] for row in rows)), is_dark=is_dark)
    st.html(people_key([(look.name, look.color, look.sign) for look in looks]))
    load_libraries()
    st.altair_chart(
        draw_timeline(
            rows,
            rules,
            end_s=max(analysis.duration_s or 0.0, times[-1]),
            now_s=times[int(st.session_state[frame_key])],
            is_dark=is_dark,
        ),
        width="stretch",
        key=chart_key,
        on_select=on_click,
        alt=describe_timeline(analysis.people),
    )
    if len(times) > 1:
        st.select_slider(
            "Moment: click a point above, or move this slider (arrow keys work too)",
            options=range(len(times)),
            format_func=lambda position: clock(times[position], tenths=True),
            key=frame_key,
        )
    any_hollow = any(row["counts"] != "counts" for row in rows)
    st.html(zone_key(rules.band_low, rules.band_high))
    st.caption(explain_timeline(any_hollow=any_hollow))


def _seen_in(people: Sequence[Person], frame: int) -> list[_Seen]:
    return [(person, one) for person in people for one in person.sightings if one.frame == frame]


def _show_frame(kept: KeptFrame, time_s: float, seen: Sequence[_Seen]) -> None:
    who = ", ".join(f"person {person.number}" for person, _ in seen) or "nobody"
    at = clock(time_s, tenths=True)
    st.image(
        encode(mark_people(kept, seen)),
        alt=f"The frame at {at} with numbered boxes around {who}.",
        caption=f"The frame at {at}",
        width="stretch",
    )


def _show_seen(place: Place, seen: Sequence[_Seen]) -> None:
    if not seen:
        st.info("No face was found in this frame.")
    for person, one in seen:
        kind = UNCERTAIN if one.obstacles else zone_of(one.probability, place.card.rules)
        below = [frame_words(one, place.card.rules)]
        with st.container(border=True):
            st.html(face_line(kind, f"Person {person.number}", frame_title(one), below, thumbnail=small_jpeg(one)))


def _show_strip(place: Place, inspection: ClipInspection) -> None:
    people = inspection.analysis.people
    most = most_suspicious(people)
    num_judged = sum(person.is_judged for person in people)
    for title, chosen in (
        ("Most suspicious frames", most),
        ("Least suspicious frames", least_suspicious(people, most)),
    ):
        if not chosen:
            continue
        st.markdown(f"**{title}**")
        with st.container(horizontal=True, gap="small"):
            for person, one in chosen:
                said = percent(one.probability)
                _show_cell(place, person, one, said, f"Person {person.number}, {said}" if num_judged > 1 else said)


def _show_cell(place: Place, person: Person, one: Sighting, said: str, caption: str) -> None:
    at = clock(one.time_s, tenths=True)
    with st.container(width=_STRIP_CELL_PX, gap="small"):
        st.image(
            small_jpeg(one),
            alt=f"Person {person.number} at {at}: {said}",
            caption=caption,
            width="stretch",
        )
        st.button(
            at,
            key=f"go-{place.key}-{person.number}-{one.frame}",
            on_click=_go_to,
            args=(place, Moment(frame=one.frame, person=person.number)),
            help=f"Show person {person.number} at {at}",
            width="stretch",
        )


def _show_why(place: Place, people: Sequence[Person], seen: Sequence[_Seen], frame: int) -> list[PendingExplanation]:
    st.markdown("#### Why")
    judged = [person for person in people if person.is_judged]
    _, person_key = _keys(place)
    if len(judged) > 1:
        st.pills(
            "Which person?",
            [person.number for person in judged],
            format_func=lambda number: f"Person {number}",
            required=True,
            key=person_key,
        )
    number = st.session_state[person_key]
    sighting = next((one for person, one in seen if person.number == number), None)
    if sighting is None:
        st.info(f"Person {number} is not seen in this frame. Pick another moment, or another person.")
        return []
    at = clock(sighting.time_s, tenths=True)
    subject = subject_of(place, number, sighting)
    moment = Moment(frame=frame, person=number)
    if recall(subject) is None and st.session_state[_wanted_key(place)] != moment:
        st.button(
            f"Show which areas of the face led to the result at {at}",
            icon=":material/search:",
            key=f"why-{place.key}",
            on_click=_want,
            args=(place, moment),
        )
        return []
    st.caption(f"Person {number} at {at}, in this frame alone.")
    return why.show_subject(subject)


def _want(place: Place, moment: Moment) -> None:
    st.session_state[_wanted_key(place)] = moment
