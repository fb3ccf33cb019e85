"""One clip on the page: the player, the verdict, each person, the timeline, a moment of it, and the numbers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app import why
from deepfake.app.clip_job import ClipInspection
from deepfake.app.clip_people import show_people
from deepfake.app.markup import verdict_card
from deepfake.app.moments import explained_part, show_moments
from deepfake.app.person_average import show_average
from deepfake.app.place import PendingExplanation, Place
from deepfake.app.players import filmstrip, is_showable_animation, playable_as, spread, why_not_played
from deepfake.app.provenance_part import show_provenance
from deepfake.app.stress_part import show_clip_stress
from deepfake.app.wording import literal
from deepfake.phrases import count_of
from deepfake.reports.clip_words import clock
from deepfake.reports.wording import (
    CLIP_CONFIDENCE_BASIS,
    DIFFUSION,
    confidence_of,
    confidence_words,
    explaining_sentences,
    headline,
)
from deepfake.verdicts import REAL

if TYPE_CHECKING:
    from deepfake.analysis import ClipAnalysis


def show_clip(place: Place, inspection: ClipInspection) -> list[PendingExplanation]:
    """Fill the card of a clip.

    Returns:
        The explanation still to be made.
    """
    analysis = inspection.analysis
    left, right = st.columns([5, 6])
    with left:
        _show_player(place, inspection)
        for note in analysis.notes:
            st.info(note, icon=":material/info:")
    with right:
        _show_verdict(place, analysis)
        show_people(place, analysis.people)
        pending = show_provenance(place)
    explaining: list[PendingExplanation] = []
    if any(person.is_judged for person in analysis.people):
        explaining = [*show_moments(place, inspection), *show_average(place, analysis.people)]
    pending += [*show_clip_stress(place, inspection), *explaining]  # the quicker one first
    _show_numbers(place, analysis)
    return pending


def _show_player(place: Place, inspection: ClipInspection) -> None:
    data, info = place.upload.data, inspection.analysis.info
    name = "The clip that was judged"
    kind = playable_as(data, info)
    if kind is not None:
        st.video(data, format=kind, alt=name)
    elif is_showable_animation(data, info):
        st.image(data, alt=name, width="content")
    else:
        positions = spread(len(inspection.frames))
        times = [clock(inspection.analysis.frame_times_s[position], tenths=True) for position in positions]
        st.html(filmstrip([inspection.frames[position].picture for position in positions], times))
        st.caption(why_not_played(info))


def _show_verdict(place: Place, analysis: ClipAnalysis) -> None:
    verdict, num_people = analysis.verdict, len(analysis.people)
    sentences = explaining_sentences(verdict, num_people)
    clips = place.card.clips
    is_judged = clips is not None and clips.is_ever_firm and any(person.is_judged for person in analysis.people)
    st.html(
        verdict_card(
            verdict.verdict,
            headline(verdict, num_people),
            confidence=confidence_words(verdict, num_faces=num_people, noun="person") if is_judged else "",
            hint=CLIP_CONFIDENCE_BASIS if confidence_of(verdict) is not None else "",
            sentences=[*sentences, DIFFUSION] if verdict.verdict == REAL else sentences,
            judged_by=place.card.title if num_people else "",
        )
    )


def _show_numbers(place: Place, analysis: ClipAnalysis) -> None:
    with st.expander("Numbers for experts", type="compact", key=f"numbers-{place.key}", on_change="rerun") as box:
        if not box.open:
            return
        if analysis.people:
            _show_table(analysis)
        info, end, stages = analysis.info, analysis.end, analysis.stages
        facts = [
            f"Model `{analysis.model}`",
            f"{info.size_wh[0]} x {info.size_wh[1]} px",
            f"codec {literal(info.codec)} in {literal(info.container)}",
            f"{info.fps:.2f} frames a second" if info.fps else "frames a second unknown",
            f"{analysis.duration_s:.2f} s long" if analysis.duration_s is not None else "length unknown",
            f"{count_of(end.num_decoded, 'frame')} decoded" if end else "",
            f"{count_of(len(analysis.frame_times_s), 'frame')} judged",
            f"decode {stages.decode_s:.2f} s, detect {stages.detect_s:.2f} s, judge {stages.judge_s:.2f} s, in all "
            f"{analysis.seconds:.2f} s (decoding runs beside the others)",
        ]
        st.markdown(" · ".join(fact for fact in facts if fact))
        rules, clips = place.card.rules, place.card.clips
        pooled = (
            f"People: pooled by `{clips.pooling}`, uncertain between {clips.band_low:.3f} and {clips.band_high:.3f}, "
            f"threshold {clips.threshold:.3f}, at least {count_of(clips.min_frames, 'frame')}"
            if clips
            else "People: the card has no rules for clips"
        )
        st.markdown(
            f"{pooled} · single frames: uncertain between {rules.band_low:.3f} and {rules.band_high:.3f}, threshold "
            f"{rules.threshold:.3f}"
        )
        parts: dict[Hashable, str] = {
            explained_part(place, one.frame, person.number): (
                f"person {person.number} at {clock(one.time_s, tenths=True)}"
            )
            for person in analysis.people
            for one in person.sightings
        }
        why.show_numbers(place, parts)


def _show_table(analysis: ClipAnalysis) -> None:
    rows = [
        {
            "Person": person.number,
            "P(fake)": f"{person.probability:.4f}",
            "Raw score": f"{person.score:.4f}",
            "First (s)": round(person.first_s, 2),
            "Last (s)": round(person.last_s, 2),
            "Frames": len(person.sightings),
            "Frames used": person.num_counted,
            "Largest side (px)": max(one.quality.side_px for one in person.sightings),
            "Judged": "yes" if person.is_judged else "no",
        }
        for person in analysis.people
    ]
    st.dataframe({name: [row[name] for row in rows] for name in rows[0]}, hide_index=True, alt="Numbers of each person")
