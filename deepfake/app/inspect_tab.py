"""The tab "Inspect": files in, a card for each of them out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from deepfake.app.clip_job import Cancelled
from deepfake.app.clip_judging import end_abandoned_job, judge_clip
from deepfake.app.file_card import Outcome, num_faces_in, show_file_card, title_of
from deepfake.app.inputs import ask_for_files
from deepfake.app.loading import load_libraries
from deepfake.app.place import PendingExplanation
from deepfake.app.report_button import offer_report
from deepfake.app.results import Refusal, Upload, forget_all_but, inspect_upload, is_inspected
from deepfake.app.turns import waiting_words
from deepfake.app.wording import literal
from deepfake.media.clips import is_clip
from deepfake.reports.wording import NOTHING_FIRM, short_confidence

if TYPE_CHECKING:
    from deepfake.app.options import Options
    from deepfake.classifier.card import Card


def show_inspect_tab(card: Card, options: Options) -> list[PendingExplanation]:
    """Judge what is handed in and show the verdicts.

    Returns:
        Explanations that the page still owes; they are made when all verdicts stand.

    Raises:
        ModelError: The model cannot be used.
    """
    st.markdown(
        "This page looks at each face in a picture, and at each person in a video clip, and says whether it finds "
        "signs of manipulation, how sure it is, and which areas of the face led it there."
    )
    uploads = ask_for_files()
    forget_all_but(uploads)
    end_abandoned_job({upload.sha256 for upload in uploads})
    if not uploads:
        return []
    outcomes = _judge(uploads, card, options)
    if len(uploads) > 1:
        _show_table(uploads, outcomes)
        offer_report(uploads, outcomes, card, options, key="batch")
    pending = []
    for position, (upload, outcome) in enumerate(zip(uploads, outcomes, strict=True)):
        pending += show_file_card(upload, outcome, card, options, position=position, is_open=position == 0)
    return pending


def _judge(uploads: list[Upload], card: Card, options: Options) -> list[Outcome]:
    """Judge all files, saying what and how far while it takes time."""
    place = st.empty()
    outcomes: list[Outcome] = []
    for number, upload in enumerate(uploads, start=1):
        of_all = f" {number} of {len(uploads)}" if len(uploads) > 1 else ""
        if is_clip(upload.data):
            title = f"**Judging clip{of_all and f', file{of_all}'}:** {literal(upload.name)}"
            outcomes.append(judge_clip(upload, card, options.frames_per_second, place, title=title))
            continue
        if not is_inspected(upload, card):
            place.progress(
                (number - 1) / len(uploads),
                text=f"Looking at picture{of_all}: {literal(upload.name)}. "
                "The first one takes some seconds longer, while the model loads.",
            )
        share_done = (number - 1) / len(uploads)
        outcomes.append(inspect_upload(upload, card, partial(_show_waiting, place, share_done)))
    place.empty()
    return outcomes


def _show_waiting(place: Any, share_done: float, num_before: int) -> None:
    place.progress(share_done, text=waiting_words("picture", num_before))


def _show_table(uploads: list[Upload], outcomes: list[Outcome]) -> None:
    rows = [_table_row(upload, outcome) for upload, outcome in zip(uploads, outcomes, strict=True)]
    load_libraries()
    st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        hide_index=True,
        width="stretch",
        placeholder=NOTHING_FIRM,
        alt=f"Verdicts on {len(rows)} files; each is repeated in its card below.",
        key="batch",
    )


def _table_row(upload: Upload, outcome: Outcome) -> dict[str, str | int | None]:
    verdict = None if isinstance(outcome, Refusal | Cancelled) else outcome.analysis.verdict
    return {
        "File": upload.name,
        "Kind": "Clip" if is_clip(upload.data) else "Picture",
        "Verdict": title_of(outcome),
        "Confidence": NOTHING_FIRM if verdict is None else short_confidence(verdict),
        "Faces or people": None if isinstance(outcome, Refusal | Cancelled) else num_faces_in(outcome),
    }
