"""A report in words: from its values to what stands on a page. Every form for people draws what is told here."""

from __future__ import annotations

from collections.abc import Sequence

from deepfake.reports.document import Block, Bullets, Document, Heading, Paragraph, Table, visible
from deepfake.reports.report import CLIP, FileReport, ModelReport, Report
from deepfake.reports.telling_files import KINDS, anchor_of, tell_file, title_of
from deepfake.reports.wording import HEADLINES, MEANINGS, NOTHING_FIRM, PERCENTAGE, short_confidence

_MEANING = (*(f"“{HEADLINES[verdict]}”: {meaning}" for verdict, meaning in MEANINGS.items()), PERCENTAGE)
_NEXT = (
    "Find the source: who published it first, when, and where? Is there a longer or sharper version?",
    "Search the picture: a reverse image search often finds the original, or an earlier copy with another caption.",
    "Ask the person shown, or someone who was there.",
    "Do not decide on this report alone. It is a reason to look closer, never a reason to publish or to accuse.",
)
_VOICE = "Only the pictures of a clip are judged. A voice that was copied leaves no trace here."


def tell(report: Report) -> Document:
    """Everything that stands in a report for people."""
    blocks: list[Block] = [
        Paragraph(
            text="This report says whether a computer program found signs that a face was manipulated, how sure it is, "
            "and which areas of the face led it there. The program can be wrong. Nothing in this report is proof."
        )
    ]
    if len(report.files) > 1:
        blocks += [Heading(text="All files", level=2), _table_of(report.files)]
    for number, file in enumerate(report.files, start=1):
        blocks += tell_file(file, number, report.model, is_alone=len(report.files) == 1)
    blocks += _limits(report)
    blocks += [Heading(text="What to do next", level=2), Bullets(items=_NEXT, is_numbered=True)]
    blocks += _made(report)
    first = visible(report.files[0].name)
    title = f"Report on {first}" if len(report.files) == 1 else f"Report on {len(report.files)} files"
    return Document(title=title, made_at=report.made_at, program=report.program, blocks=tuple(blocks))


def _table_of(files: Sequence[FileReport]) -> Table:
    return Table(
        caption="The verdict on each file; details are below",
        header=("File", "Kind", "Verdict", "Confidence", "Faces or people"),
        rows=tuple(
            (
                visible(file.name),
                KINDS[file.kind],
                title_of(file),
                short_confidence(file.verdict) if file.verdict else NOTHING_FIRM,
                str(file.num_faces) if file.verdict else NOTHING_FIRM,
            )
            for file in files
        ),
        anchors=tuple(anchor_of(number) for number in range(1, len(files) + 1)),
    )


def _limits(report: Report) -> list[Block]:
    has_clip = any(file.kind == CLIP for file in report.files)
    return [
        Heading(text="What the answers mean, and what they do not", level=2),
        Bullets(items=_MEANING),
        Heading(text="What this model cannot do", level=2),
        Bullets(items=tuple(visible(limit) for limit in report.model.limits) + ((_VOICE,) if has_clip else ())),
    ]


def _made(report: Report) -> list[Block]:
    versions = ", ".join(f"{name} {version}" for name, version in report.libraries.items())
    trained = ", ".join(f"{name} {version}" for name, version in report.model.versions.items())
    has_clip = any(file.kind == CLIP for file in report.files)
    rows = [
        ("Made at", f"{report.made_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Program", report.program),
        ("Libraries", versions),
        *_model_rows(report.model),
        ("The model was trained with", trained),
        *([("Frames of a clip judged", f"{report.frames_per_second:g} of each second")] if has_clip else []),
    ]
    return [
        Heading(text="How this report was made", level=2),
        Paragraph(
            text="The same files, model and settings give the same report again, but for the time. The sha256 of a "
            "file tells whether it is the very file that was judged."
        ),
        Table(caption="Program, model and settings", header=("What", "Value"), rows=tuple(rows)),
    ]


def _model_rows(model: ModelReport) -> list[tuple[str, str]]:
    rules, people = model.rules, model.rules_of_people
    rows = [
        ("Model", f"{visible(model.title)} ({visible(model.name)})"),
        ("sha256 of its weights", model.weights_sha256),
        ("It looks at", f"{model.input_side_px} x {model.input_side_px} pixels of a face"),
        (
            "Faces: inconclusive between",
            f"{rules.band_low:.3f} and {rules.band_high:.3f}; its answer turns at {rules.threshold:.3f}",
        ),
    ]
    if model.pooling is not None:
        rows.append(
            (
                "People in clips: inconclusive between",
                f"{people.band_low:.3f} and {people.band_high:.3f}; its answer turns at {people.threshold:.3f}; a "
                f"person's frames are pooled by “{model.pooling}”",
            )
        )
    return [*rows, ("Terms", visible(model.licence))]
