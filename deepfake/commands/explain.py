"""python -m deepfake explain: which areas of a face the probability rests on, as a picture."""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from deepfake.analysis import Analysis, analyze_image
from deepfake.commands.check import HEADLINES
from deepfake.commands.console import complain, say
from deepfake.commands.loading import load_model_quietly
from deepfake.files import read_whole, write_whole
from deepfake.media.crops import points_in_crop
from deepfake.media.faces import Point
from deepfake.media.images import RGBImage

if TYPE_CHECKING:
    from deepfake.explain.base import Explanation
    from deepfake.explain.checks import DeletionCheck

_DONE, _NO_FACE, _UNSTABLE = 0, 1, 1


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("explain", help="show which areas of a face a verdict rests on")
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--out", type=Path, required=True, metavar="OVERLAY.png")
    parser.add_argument("--face", type=int, default=1, help="number of the face, largest first (default: %(default)s)")
    parser.add_argument("--model", metavar="NAME", help="see `models`; the default one otherwise")
    parser.add_argument("--method", default="lime", help="lime, occlusion or rise (default: %(default)s)")
    parser.add_argument(
        "--samples",
        type=int,
        default=400,
        help="perturbations at the least, and up to four times as many where the map does not settle "
        "(default: %(default)s)",
    )
    parser.add_argument("--segments", type=int, default=40, help="areas, about (default: %(default)s)")
    parser.add_argument("--segmentation", default="slic", help="slic, quickshift or face-parts (default: %(default)s)")
    parser.add_argument(
        "--baseline",
        default="segment-mean",
        help="what hides an area: segment-mean, blur or gray (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the crop beside its overlay; 1 where there is no such face or no stable map."""
    from deepfake.explain.base import ExplanationSettings  # scikit-image and lime take a second to load
    from deepfake.explain.checks import check_by_hiding
    from deepfake.explain.explaining import explain, perturb_face
    from deepfake.reports.overlay import draw_overlay

    settings = ExplanationSettings(
        method=options.method,
        segmentation=options.segmentation,
        num_segments=options.segments,
        baseline=options.baseline,
        num_samples=options.samples,
        max_samples=4 * options.samples,
        seed=options.seed,
    )
    classifier = load_model_quietly(options.model)
    card = classifier.card
    analysis = analyze_image(read_whole(options.image), classifier)
    if not 1 <= options.face <= len(analysis.faces):
        complain(_no_such_face(options.face, analysis))
        return _NO_FACE
    judged = analysis.faces[options.face - 1]
    landmarks = points_in_crop(judged.face.landmarks, judged.face.box, margin=card.crop.margin)
    face = perturb_face(
        judged.crop, classifier.probabilities, side_px=card.crop.side_px, settings=settings, landmarks=landmarks
    )
    explanation = explain(face, settings)
    said = HEADLINES[judged.verdict.verdict]
    say(f"Face {options.face}: {said}, probability of fake {judged.probability:.2f} ({analysis.model}).")
    say(_firmness(explanation))
    if explanation.is_flat:
        say("No area of this face has any influence on the probability.")
    elif not explanation.is_stable:
        complain("The repeats do not agree, so no map is drawn: it would mean nothing. Try more --samples.")
        return _UNSTABLE
    leading = explanation.leading()
    for line in _areas(explanation, leading, landmarks):
        say(line)
    say(_check(check_by_hiding(face, explanation, threshold=card.rules.threshold)))
    overlay = draw_overlay(explanation.crop, explanation.segments, explanation.agreed_weights, leading)
    _write_png(options.out, _beside(explanation.crop, overlay))
    say(f"Wrote {options.out}: left the face, right the areas (orange: towards manipulated, blue: away from it).")
    say("Marked areas are what the model relied on, not proof of tampering.")
    return _DONE


def _firmness(explanation: Explanation) -> str:
    if explanation.num_repeats == 1:
        return f"This method leaves nothing to chance; it judged {explanation.num_samples} variants of the face."
    agreement = explanation.agreement
    assert agreement is not None  # explained to the end
    fidelity = "" if explanation.fidelity is None else f"; fidelity (R2) {explanation.fidelity:.2f}"
    return (
        f"How alike two halves of the {explanation.num_samples} samples are: {agreement.rank_correlation:.2f} of 1, "
        f"their leading areas {agreement.top_overlap:.2f} of 1{fidelity}."
    )


def _areas(explanation: Explanation, leading: Sequence[int], landmarks: Sequence[Point]) -> list[str]:
    """One line an area, strongest first; with its place where the face finder saw eyes, nose and mouth."""
    from deepfake.explain.parts import find_parts, name_places

    places = name_places(explanation.segments, find_parts(len(explanation.crop), landmarks)) if landmarks else None
    return [
        f"{number}. {places[segment] if places else 'area'}: {explanation.weights[segment]:+.3f}"
        for number, segment in enumerate(leading, start=1)
    ]


def _check(check: DeletionCheck | None) -> str:
    if check is None:
        return (
            "None of the leading areas speaks for the side that the probability is on, so none was hidden as a check."
        )
    count, tries = len(check.hidden), check.random_probabilities
    areas = "the area" if count == 1 else f"the {count} areas"
    as_many = "another area" if count == 1 else f"{count} others"
    return (
        f"Hiding {areas} that most speak for this side takes {check.probability:.2f} to "
        f"{check.probability_hidden:.2f}; hiding {as_many} at random, to {tries.mean():.2f} "
        f"(mean of {len(tries)} tries)."
    )


def _no_such_face(number: int, analysis: Analysis) -> str:
    if not analysis.faces:
        return " ".join(analysis.verdict.reasons)
    return (
        f"There is no face {number}: {len(analysis.faces)} found. Expected --face between 1 and {len(analysis.faces)}."
    )


def _beside(crop: RGBImage, overlay: RGBImage) -> RGBImage:
    height, width = overlay.shape[:2]
    return np.hstack([np.asarray(cv2.resize(crop, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8), overlay])


def _write_png(path: Path, pixels: RGBImage) -> None:
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, format="PNG")
    write_whole(path, encoded.getvalue())
