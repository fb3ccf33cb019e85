"""What stands behind a verdict, in words: explanation, stress test, and what the file says of itself."""

from __future__ import annotations

from deepfake.explain.stress import CHANGES, StressTest
from deepfake.media.provenance.statement import BROKEN, INTACT, UNREADABLE, Credentials, Provenance
from deepfake.phrases import percent, points
from deepfake.reports.document import Block, Heading, Paragraph, Pictures, Scale, Table, visible
from deepfake.reports.report import ExplanationReport

_SIGNATURES = {
    INTACT: "The signature fits the file as it is: unchanged since it was signed. Who signed was not checked here",
    BROKEN: "The signature does not fit: the file or its record was changed after it was signed",
    UNREADABLE: "There is a record, but it cannot be read",
}
STRESS_TITLE = "Does the result hold when the picture is changed a little?"
_OWN_WORD = (
    "This is what the file itself claims, not what was found out here. Anyone can write or remove such entries, so "
    "they prove nothing, and neither does it prove anything that they are missing."
)


def tell_explanation(made: ExplanationReport) -> list[Block]:
    """Crop and overlay, what the colors mean, the leading areas, and how firm all of it is."""
    blocks: list[Block] = [Pictures(pictures=(made.crop, made.overlay) if made.overlay else (made.crop,))]
    if made.overlay is not None:
        reach = points(made.strongest)
        note = "Hatched: repeats do not agree which way it pushes." if made.num_disputed else ""
        blocks.append(Scale(low=f"{reach} towards “no sign found”", high=f"{reach} towards “manipulated”", note=note))
    *said, caveat = made.account
    blocks += [Paragraph(text=sentence) for sentence in said]
    if made.areas:
        blocks.append(
            Table(
                caption="The areas that count most; numbers as on the picture, left and right as seen in it",
                header=("Area", "Where", "Moves the result"),
                rows=tuple(
                    (
                        str(area.number),
                        area.place[:1].upper() + area.place[1:],
                        f"{'towards “manipulated” (orange)' if area.weight > 0 else 'towards “no sign found” (blue)'} "
                        f"by {points(area.weight)}",
                    )
                    for area in made.areas
                ),
            )
        )
    return [*blocks, Paragraph(text=caveat, is_strong=True)]


def tell_stress(test: StressTest) -> list[Block]:
    """The probability again after each mild change."""
    rows = [("As it is", percent(test.probability), "")]
    rows += [
        (CHANGES[one.change], percent(one.probability), _difference(test.probability, one.probability))
        for one in test.trials
    ]
    return [
        Paragraph(
            text="The same face was judged again after changes that pictures suffer on their way from phone to phone. "
            f"The probability of manipulation lay between {percent(test.lowest)} and {percent(test.highest)}. Where "
            "such changes alone move it far, it says little."
        ),
        Table(
            caption="The probability of manipulation after each change",
            header=("Change", "Probability", "Difference"),
            rows=tuple(rows),
        ),
    ]


def tell_provenance(claimed: Provenance) -> list[Block]:
    """What the file says of itself, as a statement of the file."""
    heading = Heading(text="What the file says about itself", level=3)
    if claimed.is_silent:
        return [heading, Paragraph(text="Nothing: no camera, no program, no content credentials, no mark of AI."), _OWN]
    rows = [
        *([("Camera", claimed.camera)] if claimed.camera else []),
        *([("Taken", claimed.taken_at)] if claimed.taken_at else []),
        *([("Programs", "; ".join(claimed.software))] if claimed.software else []),
        *(
            ("Says that AI made it" if one.is_whole else "Says that AI took part", f"{one.code} (in {one.where})")
            for one in claimed.ai_marks
        ),
        *(_credential_rows(claimed.credentials) if claimed.credentials else []),
        *claimed.other,
    ]
    blocks: list[Block] = [heading]
    if rows:
        blocks.append(
            Table(
                caption="Entries found in the file",
                header=("Entry", "What it says"),
                rows=tuple((visible(name), visible(value)) for name, value in rows),
            )
        )
    return [*blocks, *(Paragraph(text=visible(sentence)) for sentence in claimed.unread), _OWN]


_OWN = Paragraph(text=_OWN_WORD)


def _credential_rows(record: Credentials) -> list[tuple[str, str]]:
    return [
        ("Content credentials", f"{_SIGNATURES[record.state]}."),
        *([("Signed by", record.signer)] if record.signer else []),
        *([("Signed at", record.signed_at)] if record.signed_at else []),
        *([("Record written by", record.program)] if record.program else []),
        *([("Done to it", ", ".join(record.actions))] if record.actions else []),
        *([("Made from", f"{record.num_ingredients} other files")] if record.num_ingredients else []),
        *([("What did not fit", ", ".join(record.problems))] if record.problems else []),
    ]


def _difference(before: float, after: float) -> str:
    """Between the two as they are shown, so that whoever works it out finds the same."""
    if percent(before) == percent(after):
        return "no change"
    change = round(100 * after) - round(100 * before)
    return f"{points(change / 100)} {'up' if after > before else 'down'}"
