"""python -m deepfake explain: which areas of a face the probability rests on, as a picture."""

from __future__ import annotations

import argparse
import io
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
from deepfake.media.images import RGBImage

_DONE, _NO_FACE, _UNSTABLE = 0, 1, 1
_NUM_LEADING = 5


def add_parser(commands: Any) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("explain", help="show which areas of a face a verdict rests on")
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--out", type=Path, required=True, metavar="OVERLAY.png")
    parser.add_argument("--face", type=int, default=1, help="number of the face, largest first (default: %(default)s)")
    parser.add_argument("--model", metavar="NAME", help="see `models`; the default one otherwise")
    parser.add_argument("--samples", type=int, default=400, help="perturbations a repeat (default: %(default)s)")
    parser.add_argument("--segments", type=int, default=40, help="areas, about (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the crop beside its overlay; 1 where there is no such face or no stable map."""
    from deepfake.explain.lime import LimeSettings, explain_face  # scikit-image and lime take a second to load
    from deepfake.reports.overlay import draw_overlay

    classifier = load_model_quietly(options.model)
    analysis = analyze_image(read_whole(options.image), classifier)
    if not 1 <= options.face <= len(analysis.faces):
        complain(_no_such_face(options.face, analysis))
        return _NO_FACE
    face = analysis.faces[options.face - 1]
    settings = LimeSettings(num_segments=options.segments, num_samples=options.samples, seed=options.seed)
    explanation = explain_face(
        face.crop, classifier.probabilities, side_px=classifier.card.crop.side_px, settings=settings
    )
    said = HEADLINES[face.verdict.verdict]
    say(f"Face {options.face}: {said}, probability of fake {face.probability:.2f} ({analysis.model}).")
    say(f"How alike two repeats are: {explanation.agreement:.2f} of 1; fidelity (R2) {explanation.fidelity:.2f}.")
    if explanation.is_flat:
        say("No area of this face has any influence on the probability.")
    elif not explanation.is_stable:
        complain("The repeats do not agree, so no map is drawn: it would mean nothing. Try more --samples.")
        return _UNSTABLE
    leading = explanation.leading(_NUM_LEADING)
    overlay = draw_overlay(explanation.crop, explanation.segments, explanation.agreed_weights, leading)
    _write_png(options.out, _beside(explanation.crop, overlay))
    say(f"Wrote {options.out}: left the face, right the areas (orange: towards manipulated, blue: away from it).")
    say("Marked areas are what the model relied on, not proof of tampering.")
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
