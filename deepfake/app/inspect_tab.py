"""The tab "Inspect": files in, a card for each of them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.file_card import PendingExplanation, show_file_card
from deepfake.app.inputs import ask_for_pictures
from deepfake.app.results import Inspection, Refusal, Upload, forget_all_but, inspect_upload, is_inspected
from deepfake.app.wording import NOTHING_FIRM, REFUSED, headline, literal, short_confidence

if TYPE_CHECKING:
    from deepfake.app.options import ExplanationOptions
    from deepfake.classifier.card import Card


def show_inspect_tab(card: Card, options: ExplanationOptions) -> list[PendingExplanation]:
    """Judge what is handed in and show the verdicts.

    Returns:
        Explanations that the page still owes; they are made when all verdicts stand.

    Raises:
        ModelError: The model cannot be used.
    """
    st.markdown(
        "This page looks at each face in a picture and says whether it finds signs of manipulation, how sure it is, "
        "and which areas of the face led it there."
    )
    uploads = ask_for_pictures()
    forget_all_but(uploads)
    if not uploads:
        return []
    inspections = _judge(uploads, card)
    if len(uploads) > 1:
        _show_table(uploads, inspections)
    pending = []
    for position, (upload, inspection) in enumerate(zip(uploads, inspections, strict=True)):
        pending += show_file_card(upload, inspection, card, options, position=position, is_open=position == 0)
    return pending


def _judge(uploads: list[Upload], card: Card) -> list[Inspection | Refusal]:
    """Judge all files, saying what and how far while it takes time."""
    place = st.empty()
    inspections = []
    for number, upload in enumerate(uploads, start=1):
        if not is_inspected(upload, card):
            place.progress(
                (number - 1) / len(uploads),
                text=f"Looking at picture {number} of {len(uploads)}: {literal(upload.name)}. "
                "The first one takes some seconds longer, while the model loads.",
            )
        inspections.append(inspect_upload(upload, card))
    place.empty()
    return inspections


def _show_table(uploads: list[Upload], inspections: list[Inspection | Refusal]) -> None:
    rows = [_table_row(upload, inspection) for upload, inspection in zip(uploads, inspections, strict=True)]
    st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        hide_index=True,
        width="stretch",
        placeholder=NOTHING_FIRM,
        alt=f"Verdicts on {len(rows)} pictures; each is repeated in its card below.",
        key="batch",
    )


def _table_row(upload: Upload, inspection: Inspection | Refusal) -> dict[str, str | int | None]:
    if isinstance(inspection, Refusal):
        return {"File": upload.name, "Verdict": REFUSED, "Confidence": NOTHING_FIRM, "Faces": None}
    analysis = inspection.analysis
    return {
        "File": upload.name,
        "Verdict": headline(analysis.verdict, len(analysis.faces)),
        "Confidence": short_confidence(analysis.verdict),
        "Faces": len(analysis.faces),
    }
