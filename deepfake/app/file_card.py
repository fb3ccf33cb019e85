"""One file on the page: the picture, the verdict, each face, why, and the numbers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app import why
from deepfake.app.clip_card import show_clip
from deepfake.app.clip_job import Cancelled, ClipInspection
from deepfake.app.clip_judging import judge_again
from deepfake.app.markup import face_line, verdict_card
from deepfake.app.place import PendingExplanation, Place
from deepfake.app.provenance_part import show_provenance
from deepfake.app.report_button import offer_report
from deepfake.app.results import Inspection, Refusal, Upload
from deepfake.app.stress_part import show_stress
from deepfake.app.wording import literal
from deepfake.phrases import count_of
from deepfake.reports.wording import (
    CONFIDENCE_BASIS,
    DIFFUSION,
    HEADLINES,
    REFUSED,
    confidence_of,
    confidence_words,
    explaining_sentences,
    headline,
)
from deepfake.verdicts import NO_FACE, REAL, unfit_reasons

if TYPE_CHECKING:
    from deepfake.analysis import Analysis
    from deepfake.app.options import Options
    from deepfake.classifier.card import Card

_FACE_LIST_PX = 430
Outcome = Inspection | ClipInspection | Refusal | Cancelled
CANCELLED = "Cancelled"


def show_file_card(
    upload: Upload, outcome: Outcome, card: Card, options: Options, *, position: int, is_open: bool
) -> list[PendingExplanation]:
    """Show one file; only what is open is filled.

    Returns:
        The explanation still to be made, if it is open and not known yet.
    """
    key = f"{position}-{upload.sha256[:12]}"
    place = Place(upload=upload, card=card, options=options, key=key)
    title = f"{literal(upload.name)} — {title_of(outcome)}"
    card_box = st.expander(title, expanded=is_open, key=f"file-{key}", on_change="rerun")
    if not card_box.open:
        return []
    with card_box:
        if isinstance(outcome, Refusal):
            st.html(verdict_card(REFUSED, REFUSED, sentences=[outcome.message]))
            return []
        if isinstance(outcome, Cancelled):
            _show_cancelled(place)
            return []
        pending = show_clip(place, outcome) if isinstance(outcome, ClipInspection) else _show_inspection(place, outcome)
        offer_report([upload], [outcome], card, options, key=key)
        return pending


def title_of(outcome: Outcome) -> str:
    """The first thing a person reads of a file."""
    if isinstance(outcome, Refusal):
        return REFUSED
    if isinstance(outcome, Cancelled):
        return CANCELLED
    return headline(outcome.analysis.verdict, num_faces_in(outcome))


def num_faces_in(outcome: Inspection | ClipInspection) -> int:
    """The faces of a picture, the people of a clip."""
    return len(outcome.analysis.people if isinstance(outcome, ClipInspection) else outcome.analysis.faces)


def _show_cancelled(place: Place) -> None:
    st.markdown("Judging was cancelled. The decoder was ended, and nothing of what it found was kept.")
    st.button(
        "Judge again",
        icon=":material/replay:",
        key=f"again-{place.key}",
        on_click=judge_again,
        args=(place.upload, place.card, place.options.frames_per_second),
    )


def _any_fit(analysis: Analysis, card: Card) -> bool:
    """Whether any face was judged; a file of small, dark or blurred faces alone leans nowhere."""
    return any(not unfit_reasons(face.quality, card.rules) for face in analysis.faces)


def _show_inspection(place: Place, inspection: Inspection) -> list[PendingExplanation]:
    analysis = inspection.analysis
    left, right = st.columns([5, 6])
    with left:
        st.image(inspection.picture, alt=_describe(inspection), width="content")
        num_faces = len(analysis.faces)
        if num_faces:
            st.caption(f"{count_of(num_faces, 'face')} found.")
        for note in analysis.notes:
            st.caption(note)
    with right:
        verdict = analysis.verdict
        sentences = explaining_sentences(verdict, num_faces)
        st.html(
            verdict_card(
                verdict.verdict,
                headline(verdict, num_faces),
                confidence=confidence_words(verdict, num_faces=num_faces) if _any_fit(analysis, place.card) else "",
                hint=CONFIDENCE_BASIS if confidence_of(verdict) is not None else "",
                sentences=[*sentences, DIFFUSION] if verdict.verdict == REAL else sentences,
                judged_by=place.card.title if num_faces else "",
            )
        )
        if num_faces > 1:
            _show_faces(place, inspection)
        pending = show_provenance(place)
    if verdict.verdict == NO_FACE:
        return pending
    explaining = why.show_why(place, inspection)
    pending += [*show_stress(place, inspection), *explaining]  # the quicker one first
    _show_numbers(place, inspection)
    return pending


def _show_faces(place: Place, inspection: Inspection) -> None:
    """Each face of several: its crop, verdict and confidence."""
    faces = inspection.analysis.faces
    with st.container(height=_FACE_LIST_PX if len(faces) > 4 else "content", border=False):
        for number, (face, thumbnail) in enumerate(zip(faces, inspection.thumbnails, strict=True), start=1):
            verdict = face.verdict
            kind = verdict.verdict
            unfit = unfit_reasons(face.quality, place.card.rules)
            below = f"Not judged. {unfit[0]}" if unfit else confidence_words(verdict)
            with st.container(border=True):
                st.html(face_line(kind, f"Face {number}", HEADLINES[kind], [below], thumbnail=thumbnail))


def _describe(inspection: Inspection) -> str:
    """The alternative text of the picture."""
    faces = inspection.analysis.faces
    said = ", ".join(f"face {n}: {HEADLINES[face.verdict.verdict]}" for n, face in enumerate(faces, start=1))
    return f"The picture with numbered boxes. {said}" if faces else "The picture. No face was found in it."


def _show_numbers(place: Place, inspection: Inspection) -> None:
    analysis = inspection.analysis
    with st.expander("Numbers for experts", type="compact", key=f"numbers-{place.key}", on_change="rerun") as box:
        if not box.open:
            return
        rows = [
            {
                "Face": number,
                "P(fake)": f"{face.probability:.4f}",
                "Raw score": f"{face.score:.4f}",
                "Box (px)": ", ".join(map(str, face.face.box.to_list())),
                "Detection score": f"{face.face.detection_score:.2f}",
                "Side (px)": face.quality.side_px,
                "Brightness": f"{face.quality.brightness:.0f}",
                "Sharpness": f"{face.quality.sharpness:.0f}",
            }
            for number, face in enumerate(analysis.faces, start=1)
        ]
        st.dataframe(
            {name: [row[name] for row in rows] for name in rows[0]}, hide_index=True, alt="Numbers of each face"
        )
        rules = place.card.rules
        st.markdown(
            f"Model `{analysis.model}` · uncertain between {rules.band_low:.3f} and {rules.band_high:.3f} · "
            f"threshold {rules.threshold:.3f} · judged in {analysis.seconds:.2f} s · boxes are "
            "x_min, y_min, x_max, y_max · the detection score and the sharpness never weigh on a probability"
        )
        parts: dict[Hashable, str] = {face: f"face {face + 1}" for face in range(len(analysis.faces))}
        why.show_numbers(place, parts)
