"""One file of a report in words: the verdict first, then why, how firm that is, what the file says, and the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from deepfake.phrases import count_of, percent
from deepfake.reports.clip_words import clock
from deepfake.reports.document import Block, Heading, Paragraph, Pictures, Table, VerdictBox, visible
from deepfake.reports.report import (
    CLIP,
    IMAGE,
    UNKNOWN,
    ClipReport,
    ExplanationReport,
    FaceReport,
    FileReport,
    ModelReport,
)
from deepfake.reports.telling_evidence import STRESS_TITLE, tell_explanation, tell_provenance, tell_stress
from deepfake.reports.wording import (
    CLIP_CONFIDENCE_BASIS,
    CONFIDENCE_BASIS,
    DIFFUSION,
    HEADLINES,
    NOTHING_FIRM,
    REFUSED,
    confidence_of,
    confidence_words,
    explaining_sentences,
    headline,
)
from deepfake.verdicts import NO_FACE, REAL

KINDS = {IMAGE: "Picture", CLIP: "Clip", UNKNOWN: NOTHING_FIRM}


def anchor_of(number: int) -> str:
    """Where links to a file lead.

    Args:
        number: Of the file, from 1.
    """
    return f"file-{number}"


def title_of(file: FileReport) -> str:
    """The first thing a person reads of a file."""
    return REFUSED if file.verdict is None else headline(file.verdict, file.num_faces)


def tell_file(file: FileReport, number: int, model: ModelReport, *, is_alone: bool) -> list[Block]:
    """All that is said of one file.

    Args:
        file: Which.
        number: In the report, from 1.
        model: That judged it.
        is_alone: Whether the report is on this file alone, and has its name in the title.
    """
    blocks: list[Block] = [
        Heading(text="The answer" if is_alone else visible(file.name), level=2, anchor=anchor_of(number)),
        _verdict_box(file, model),
    ]
    if file.picture is not None:
        blocks.append(Pictures(pictures=(file.picture,)))
    blocks += [Paragraph(text=note) for note in file.notes]
    blocks += _tell_clip(file.clip) if file.clip else _tell_faces(file.faces)
    if file.provenance is not None:
        blocks += tell_provenance(file.provenance)
    return [*blocks, Heading(text="Numbers for experts", level=3), *_numbers(file)]


def _verdict_box(file: FileReport, model: ModelReport) -> VerdictBox:
    verdict = file.verdict
    if verdict is None:
        return VerdictBox(kind=REFUSED, title=REFUSED, confidence="", sentences=(visible(file.error or ""),))
    noun = "person" if file.kind == CLIP else "face"
    says_how_sure = file.is_judged and file.is_ever_firm
    sentences = explaining_sentences(verdict, file.num_faces)
    if verdict.verdict == REAL:
        sentences.append(DIFFUSION)
    if confidence_of(verdict) is not None:
        sentences.append(CLIP_CONFIDENCE_BASIS if file.kind == CLIP else CONFIDENCE_BASIS)
    if verdict.verdict != NO_FACE:
        sentences.append(f"Judged by: {visible(model.title)}.")
    return VerdictBox(
        kind=verdict.verdict,
        title=title_of(file),
        confidence=confidence_words(verdict, num_faces=file.num_faces, noun=noun) if says_how_sure else "",
        sentences=tuple(sentences),
    )


def _tell_faces(faces: Sequence[FaceReport]) -> list[Block]:
    blocks: list[Block] = []
    if len(faces) > 1:
        blocks += [
            Heading(text="Each face", level=3),
            Pictures(pictures=tuple(face.crop for face in faces), are_small=True),
            Table(
                caption="The verdict on each face; the numbers are those on the picture",
                header=("Face", "Verdict", "How sure"),
                rows=tuple((f"Face {face.number}", HEADLINES[face.verdict.verdict], _how_sure(face)) for face in faces),
            ),
        ]
    for face in faces:
        name = f"Face {face.number}" if len(faces) > 1 else ""
        if face.explanation is not None:
            blocks += [Heading(text=f"Why{name and ': '}{name.lower()}", level=3), *tell_explanation(face.explanation)]
        if face.stress is not None:
            blocks += [Heading(text=f"{STRESS_TITLE} {name}".strip(), level=3), *tell_stress(face.stress)]
    if faces and all(face.explanation is None for face in faces):
        blocks += [Heading(text="Why", level=3), _NOT_EXPLAINED]
    return blocks


_NOT_EXPLAINED = Paragraph(text="Which areas led to this result was not looked into for this report.")


def _how_sure(face: FaceReport) -> str:
    return confidence_words(face.verdict) if face.is_judged else f"Not judged. {face.verdict.reasons[0]}"


def _tell_clip(clip: ClipReport) -> list[Block]:
    blocks: list[Block] = []
    if clip.people:
        blocks += [
            Heading(text="People", level=3),
            Pictures(pictures=tuple(person.crop for person in clip.people), are_small=True),
            Table(
                caption="The verdict on each person",
                header=("Person", "Verdict", "How sure", "Seen"),
                rows=tuple(
                    (
                        f"Person {person.number}",
                        HEADLINES[person.verdict.verdict] if person.is_judged else "Not judged",
                        person.said or " ".join(person.verdict.reasons),
                        person.seen,
                    )
                    for person in clip.people
                ),
            ),
        ]
    if clip.timeline is not None:
        blocks += [
            Heading(text="When", level=3),
            Pictures(pictures=(clip.timeline,)),
            Paragraph(
                text="Each point is one frame of one person; the higher, the more signs of manipulation the model "
                "found in it. The zones say what the frame would be called if it were a single picture; hollow points "
                "do not count, because the face is too small, dark or blurred there. Single frames stray: the verdict "
                "rests on all frames of a person together."
            ),
        ]
    if clip.suspicious:
        blocks += [
            Heading(text="Most suspicious frames", level=3),
            Pictures(pictures=tuple(one.crop for one in clip.suspicious), are_small=True),
            Table(
                caption="The probability of manipulation in single frames",
                header=("Frame", "Person", "Probability"),
                rows=tuple(
                    (clock(one.time_s, tenths=True), f"Person {one.person}", percent(one.probability))
                    for one in clip.suspicious
                ),
            ),
        ]
    for explanation in clip.explanations:
        blocks += [Heading(text=f"Why: {explanation.whose}", level=3), *tell_explanation(explanation)]
    for person in clip.people:
        if person.stress is not None:
            blocks += [
                Heading(text=f"{STRESS_TITLE} Person {person.number}, in their most suspicious frames", level=3),
                *tell_stress(person.stress),
            ]
    if clip.suspicious and not clip.explanations:
        blocks += [Heading(text="Why", level=3), _NOT_EXPLAINED]
    return blocks


def _numbers(file: FileReport) -> list[Block]:
    facts = [("sha256", file.sha256 or "not known: the file could not be read")]
    if file.num_bytes is not None:
        facts.append(("Size", count_of(file.num_bytes, "byte")))
    if file.size_wh is not None:
        facts.append(("Pixels", f"{file.size_wh[0]:,} x {file.size_wh[1]:,}"))
    if file.clip is not None:
        facts += _clip_facts(file.clip)
    blocks: list[Block] = [Table(caption="The file", header=("What", "Value"), rows=tuple(facts))]
    if file.faces:
        blocks.append(_face_numbers(file.faces))
    if file.clip and file.clip.people:
        blocks.append(_person_numbers(file.clip))
    of_faces = tuple(face.explanation for face in file.faces if face.explanation)
    explanations = file.clip.explanations if file.clip else of_faces
    return [*blocks, *map(_explanation_numbers, explanations)]


def _explanation_numbers(one: ExplanationReport) -> Table:
    settings = one.settings
    rows = [
        ("Method", settings.method),
        ("Areas", f"{one.num_segments}, cut by {settings.segmentation}"),
        ("A hidden area is painted as", settings.baseline),
        ("Variants judged", f"{one.num_samples:,} in {count_of(one.num_repeats, 'repeat')}, seed {settings.seed}"),
        ("Fidelity (weighted R²)", _decimals(one.fidelity)),
        ("Agreement: rank correlation", _decimals(one.rank_correlation)),
        ("Agreement: shared leading areas", _decimals(one.top_overlap)),
        ("Strongest weight", f"{one.strongest:.4f}"),
    ]
    if one.check is not None:
        tries = one.check.random_probabilities
        rows += [
            ("Leading areas hidden", f"{one.check.probability:.4f} becomes {one.check.probability_hidden:.4f}"),
            (
                "Random areas hidden",
                f"{min(tries):.4f} to {max(tries):.4f}, mean {sum(tries) / len(tries):.4f} of {len(tries)} tries",
            ),
        ]
    return Table(caption=f"The explanation of {one.whose}", header=("What", "Value"), rows=tuple(rows))


def _face_numbers(faces: Sequence[FaceReport]) -> Table:
    return Table(
        caption="Numbers of each face. Boxes are x_min, y_min, x_max, y_max; the detection score, brightness and "
        "sharpness never weigh on a probability",
        header=("Face", "P(fake)", "Raw score", "Box (px)", "Found", "Side (px)", "Bright", "Sharp"),
        rows=tuple(
            (
                str(face.number),
                f"{face.verdict.probability:.4f}",
                f"{face.score:.4f}",
                ", ".join(map(str, face.box.to_list())),
                f"{face.detection_score:.2f}",
                str(face.quality.side_px),
                f"{face.quality.brightness:.0f}",
                f"{face.quality.sharpness:.0f}",
            )
            for face in faces
        ),
    )


def _clip_facts(clip: ClipReport) -> list[tuple[str, str]]:
    length = "not known" if clip.duration_s is None else f"{clip.duration_s:.2f} s"
    fps = "not known" if clip.fps is None else f"{clip.fps:.2f} a second"
    return [
        ("Codec", f"{visible(clip.codec)} in {visible(clip.container)}"),
        ("Length", length),
        ("Frames", f"{fps}; {clip.num_decoded:,} decoded, {clip.num_judged:,} judged"),
    ]


def _person_numbers(clip: ClipReport) -> Table:
    return Table(
        caption="Numbers of each person",
        header=("Person", "P(fake)", "Raw score", "First (s)", "Last (s)", "Frames", "Used"),
        rows=tuple(
            (
                str(person.number),
                f"{person.verdict.probability:.4f}",
                f"{person.score:.4f}",
                f"{person.first_s:.2f}",
                f"{person.last_s:.2f}",
                str(person.num_frames),
                str(person.num_counted),
            )
            for person in clip.people
        ),
    )


def _decimals(value: float | None) -> str:
    return NOTHING_FIRM if value is None else f"{value:.2f}"
