"""What the sources of the recipes report of themselves, to stand beside what was measured here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedResult:
    """A figure that somebody else reports.

    Attributes:
        recipe: Ours that follows theirs.
        figures: As reported.
        data: What it was measured on, there.
        difference: What differs from how it is measured here.
    """

    recipe: str
    figures: str
    data: str
    difference: str


PUBLISHED = (
    PublishedResult(
        recipe="cnn64",
        figures="accuracy 53 %",
        data="a first 64 x 64 CNN on faces",
        difference="there one data set; here several, each with the same say",
    ),
    PublishedResult(
        recipe="cnn128-regularized",
        figures="accuracy 71 %",
        data="held-out test files",
        difference="there split by file and only fakes augmented; here by source, both classes alike",
    ),
    PublishedResult(
        recipe="efficientnetb0",
        figures="accuracy 96.8 %, precision 99 %, F1 96 %, AUC 96 %; 15 to 20 frames a second on a mid-tier GPU",
        data="FaceForensics++ frames, in-data-set",
        difference="there thousands of clips, split by frame or file; here a share of them, by pair of people",
    ),
    PublishedResult(
        recipe="xception",
        figures="AUC 0.96 on FaceForensics++, 0.74 on Celeb-DF v2, 0.71 on DFDC",
        data="trained on FaceForensics++ alone",
        difference="there the whole of each set",
    ),
)
