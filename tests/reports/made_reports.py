"""Reports whose content is known: a face, no face, several faces, a refused file, a clip."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PIL import Image

from deepfake.analysis import analyze_clip, analyze_image
from deepfake.explain.base import ExplanationSettings
from deepfake.explain.stress import CHANGES, StressTest, StressTrial
from deepfake.media.images import RGBImage
from deepfake.media.provenance.statement import AiMark, Credentials, Provenance
from deepfake.reports.building import GivenFile, build_report, clip_file, image_file, refused_file
from deepfake.reports.explained import Explained
from deepfake.reports.making import explain_face
from deepfake.reports.pictures import KeptFrame, keep_frame
from deepfake.reports.report import FileReport, Report
from deepfake.reports.suspicion import Moment
from tests.clips import encode_clip, moving, portrait
from tests.fakes import FixedDetector, face_at, make_classifier, make_clip_rules, patch_brightness
from tests.pictures import encode

LEFT_HALF = (slice(0, 64), slice(0, 32))
MARKUP = "<script>alert('x')</script> & \"quotes\" \u7167\u7247"
NASTY = f"{MARKUP} \u202egnp.exe"  # a name; texts inside files are cleaned of such letters when they are read
AT = datetime(2026, 11, 21, 14, 30, 5, tzinfo=UTC)
FACE = face_at(178, 63, 90)
CLASSIFIER = make_classifier(patch_brightness(LEFT_HALF), clips=make_clip_rules())
STRESS = StressTest(
    probability=0.5, trials=tuple(StressTrial(change=name, probability=0.25) for name in CHANGES), seed=7
)
SAYS = Provenance(
    camera=MARKUP,
    software=("GIMP",),
    ai_marks=(AiMark(where="XMP", code="trainedAlgorithmicMedia", is_whole=True),),
    credentials=Credentials(state="broken", signer="A signer", problems=("assertion.dataHash.mismatch",)),
)


def png(pixels: RGBImage) -> bytes:
    """The bytes of a PNG."""
    return encode(Image.fromarray(pixels), "PNG")


def file_with_a_face(astronaut: RGBImage, name: str = "astronaut.png", **evidence: Any) -> FileReport:
    """The astronaut, explained, by a model that sees nothing but the left half of a face."""
    data = png(astronaut)
    analysis = analyze_image(data, CLASSIFIER, detector=FixedDetector([FACE]))
    settings = ExplanationSettings(num_segments=10, num_samples=200, max_samples=400, baseline="gray")
    one = analysis.faces[0]
    explained: Mapping[int, Explained] = {0: explain_face(one.crop, one.face, CLASSIFIER, settings)}
    given = GivenFile.of(name, data, provenance=evidence.get("provenance"))
    return image_file(given, analysis, CLASSIFIER.card, explained=explained, stress={0: STRESS})


def file_without_a_face(rocket: RGBImage, name: str = "rocket.png") -> FileReport:
    """A picture in which nobody is."""
    data = png(rocket)
    analysis = analyze_image(data, CLASSIFIER, detector=FixedDetector([]))
    return image_file(GivenFile.of(name, data, provenance=Provenance()), analysis, CLASSIFIER.card)


def refused(name: str = "bad.png") -> FileReport:
    """A file of no bytes."""
    return refused_file(GivenFile.of(name, b""), "The file has 0 bytes. Expected a picture.")


def clip(astronaut: RGBImage, name: str = "clip.mp4") -> FileReport:
    """Two seconds in which one face moves, its first frame explained."""
    data = encode_clip(moving(portrait(astronaut), num_frames=20), fps=10)
    kept: list[KeptFrame] = []
    detector = FixedDetector([face_at(60, 50, 90)])
    analysis = analyze_clip(
        data, CLASSIFIER, detector=detector, on_frame=lambda _, frame: kept.append(keep_frame(frame))
    )
    settings = ExplanationSettings(num_segments=10, num_samples=200, max_samples=400)
    one = analysis.people[0].sightings[0]
    explained = {Moment(frame=0, person=1): explain_face(one.crop, one.face, CLASSIFIER, settings)}
    return clip_file(
        GivenFile.of(name, data), analysis, CLASSIFIER.card, frames=kept, explained=explained, stress={1: STRESS}
    )


def report_on(*files: FileReport) -> Report:
    """Of any files, at a fixed time."""
    return build_report(files, CLASSIFIER.card, made_at=AT, frames_per_second=3.0)


def renamed(report: Report, name: str) -> Report:
    """The same with another name for its first file."""
    return replace(report, files=(replace(report.files[0], name=name), *report.files[1:]))


def pixels_of(picture: bytes) -> np.ndarray:
    """What a picture shows."""
    with Image.open(io.BytesIO(picture)) as image:
        return np.asarray(image.convert("RGB"))
