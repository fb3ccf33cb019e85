"""python -m deepfake explain: which areas of a face the probability rests on, as a picture."""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from deepfake.analysis import Analysis, analyze_image
from deepfake.commands.check import HEADLINES
from deepfake.commands.console import complain, say
from deepfake.commands.loading import load_model_quietly
from deepfake.files import read_whole, write_whole
from deepfake.media.crops import points_in_crop
from deepfake.media.images import RGBImage

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
    from deepfake.explain.parts import is_in_profile
    from deepfake.explain.places import describe_places
    from deepfake.explain.wording import give_account, leading_areas, what_could_mislead
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
    areas = leading_areas(explanation, describe_places(explanation.segments, landmarks))
    is_drawn = explanation.is_flat or explanation.is_stable
    check = check_by_hiding(face, explanation, threshold=card.rules.threshold) if is_drawn else None
    account = give_account(explanation, check, areas, card.rules)
    cautions = what_could_mislead(
        judged.quality, card.rules, model_side_px=card.crop.side_px, in_profile=is_in_profile(landmarks)
    )
    if explanation.fidelity is not None and not explanation.is_flat:
        say(f"Fidelity (R2) {explanation.fidelity:.2f}.")
    for sentence in replace(account, cautions=(*account.cautions, *cautions)).sentences():
        say(sentence.replace("\N{NO-BREAK SPACE}", " "))  # which terminals cannot be trusted with
    if not is_drawn:
        complain("No map is written. Try more --samples.")
        return _UNSTABLE
    for area in areas:
        say(f"{area.number}. {area.place}: {area.weight:+.3f}")
    overlay = draw_overlay(
        explanation.crop,
        explanation.segments,
        explanation.agreed_weights,
        [area.segment for area in areas],
        disputed=explanation.disputed,
    )
    _write_png(options.out, _beside(explanation.crop, overlay))
    say(f"Wrote {options.out}: left the face, right the areas (orange: towards manipulated, blue: away from it).")
    return _DONE


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
