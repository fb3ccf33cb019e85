"""The time in which a clip is judged: how far it is, first results, and a way to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.clip_job import Cancelled, ClipInspection, ClipJob
from deepfake.app.markup import people_row, verdict_card
from deepfake.app.models import get_classifier, model_identity
from deepfake.app.person_pictures import thumbnail_of
from deepfake.app.results import CLIPS, Refusal, Upload
from deepfake.app.turns import line_of, waiting_words
from deepfake.phrases import count_of
from deepfake.reports.clip_words import people_title, progress_words
from deepfake.reports.wording import headline
from deepfake.verdicts import NO_FACE

if TYPE_CHECKING:
    from deepfake.analysis import ClipAnalysis
    from deepfake.classifier.card import Card

ClipOutcome = ClipInspection | Refusal | Cancelled
_Key = tuple[str, str, float]
_JOB = "clip_job"
_POLL_S = 0.15
_PREVIEW_PX = 250  # kept free from the start, so that nothing below jumps
_MAX_SHOWN = 6


def judge_clip(upload: Upload, card: Card, frames_per_second: float, place: Any, *, title: str) -> ClipOutcome:
    """Judge a clip, or recall what was said of it.

    The work goes on through reruns of the page; a click elsewhere does not start it again.

    Args:
        upload: The clip.
        card: Of the model.
        frames_per_second: To be judged of each second.
        place: Where to show how far it is.
        title: Which of the files this is, in Markdown.

    Raises:
        ModelError: The model cannot be used.
    """
    key = (upload.sha256, model_identity(card), frames_per_second)
    known = _known()
    if key not in known:
        known[key] = _watch(key, upload, card, place, title)
    return known[key]


def judge_again(upload: Upload, card: Card, frames_per_second: float) -> None:
    """Forget that the judging of a clip was cancelled."""
    _known().pop((upload.sha256, model_identity(card), frames_per_second), None)


def end_abandoned_job(wanted: set[str]) -> None:
    """End the judging of a clip that was taken off the page.

    Args:
        wanted: The sha256 of the files that are there.
    """
    running: tuple[_Key, ClipJob] | None = st.session_state.get(_JOB)
    if running is not None and running[0][0] not in wanted:
        _end_job()


def _known() -> dict[_Key, ClipOutcome]:
    known: dict[_Key, ClipOutcome] = st.session_state.setdefault(CLIPS, {})
    return known


def _end_job() -> None:
    running: tuple[_Key, ClipJob] | None = st.session_state.pop(_JOB, None)
    if running is not None:
        running[1].cancel()


def _job_for(key: _Key, upload: Upload, classifier: Any) -> ClipJob:
    """The running job, or a new one; a job for another clip, model or speed is ended first."""
    running: tuple[_Key, ClipJob] | None = st.session_state.get(_JOB)
    if running is not None and running[0] == key:
        return running[1]
    _end_job()
    job = ClipJob(upload.data, classifier, key[2], line=line_of("clip"))
    st.session_state[_JOB] = key, job
    return job


def _watch(key: _Key, upload: Upload, card: Card, place: Any, title: str) -> ClipOutcome:
    with place.container(border=True, key=f"progress-{key[0][:12]}"):
        st.markdown(title)
        bar = st.progress(0.0, text="Opening the clip. The first one takes some seconds longer, while the model loads.")
        st.button("Cancel", icon=":material/cancel:", key=f"cancel-{key[0][:12]}", on_click=_cancel, args=(key,))
        with st.container(height=_PREVIEW_PX, border=False):
            preview_place = st.empty()
    preview_place.caption("First results appear here after a few frames.")
    classifier = get_classifier(card)
    while True:
        job = _job_for(key, upload, classifier)
        _show_until_it_ends(job, bar, preview_place)
        st.session_state.pop(_JOB, None)
        if not job.was_abandoned:  # else this page was kept from looking in, by other files or a busy machine
            return job.outcome()


def _show_until_it_ends(job: ClipJob, bar: Any, preview_place: Any) -> None:
    shown: ClipAnalysis | None = None
    while not job.wait(_POLL_S):
        if job.num_before:
            bar.progress(0.0, text=waiting_words("clip", job.num_before))
        elif job.num_frames:
            bar.progress(job.share_done, text=_words_of(job))
        preview = job.preview
        if preview is not None and preview is not shown:
            preview_place.html(preview_html(preview))
            shown = preview


def _cancel(key: _Key) -> None:
    _end_job()
    _known()[key] = Cancelled()


def _words_of(job: ClipJob) -> str:
    return progress_words(
        time_s=job.time_s, duration_s=job.duration_s, num_frames=job.num_frames, num_faces=job.num_faces
    )


def preview_html(analysis: ClipAnalysis) -> str:
    """The verdict so far, marked as such, and the people so far."""
    kind = analysis.verdict.verdict
    said = "no face yet" if kind == NO_FACE else headline(analysis.verdict, len(analysis.people))
    card = verdict_card(
        kind,
        f"So far: {said}",
        sentences=[
            f"Preliminary, after {count_of(len(analysis.frame_times_s), 'frame')} "
            f"({people_title(analysis.people)}). It may still change."
        ],
    )
    judged = [person for person in analysis.people if person.is_judged][:_MAX_SHOWN]
    return card + people_row([(person.number, thumbnail_of(person)) for person in judged])
