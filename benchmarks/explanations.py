"""What an explanation costs: python benchmarks/explanations.py [--model NAME].

Times, in one run and in turns, a whole explanation of scikit-image's astronaut, from the crop to the map; the bare
forward passes of as many crops; and the stock library called the usual way (`model.predict`, its default batches of
ten, a resize for each), with the same segments and as many samples. Prints the ratios; the best of the rounds counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import keras
import numpy as np
from lime.lime_image import LimeImageExplainer
from skimage import data

from deepfake.classifier.classifier import WEIGHTS_FILE, Classifier
from deepfake.classifier.library import find_model, load_model_named
from deepfake.explain.base import ExplanationSettings
from deepfake.explain.explaining import explain, perturb_face, refine
from deepfake.explain.perturbed import PerturbedFace
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.detectors import make_detector
from deepfake.media.images import RGBImage

_CROP_SIDES_PX = (128, 256, 512)


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--model")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = find_model(options.model)
    classifier = load_model_named(options.model)
    model = keras.saving.load_model(folder / WEIGHTS_FILE, compile=False)
    settings = ExplanationSettings()
    side = classifier.card.crop.side_px
    print(f"{classifier.card.name}, {os.cpu_count()} cores, best of {options.rounds}\n")
    print("| crop, px | variants judged | forward passes, s | explanation / forward passes | first map / explanation "
          "| stock lime / explanation |\n|---|---|---|---|---|---|")  # fmt: skip
    for crop_px in _CROP_SIDES_PX:
        crop = astronaut_crop(classifier, crop_px)
        face = face_of(crop, classifier, settings)
        explain(face, settings)
        inputs = face.inputs(np.random.default_rng(0).random((face.num_judged, face.num_segments)) < 0.5)
        seconds = in_turns(
            {
                "explanation": lambda crop=crop: explain(face_of(crop, classifier, settings), settings),
                "first map": lambda crop=crop: next(refine(face_of(crop, classifier, settings), settings)),
                "forward": lambda inputs=inputs: classifier.probabilities(inputs),
                "stock": lambda face=face: stock_lime(model, face, side),
            },
            options.rounds,
        )
        whole = seconds["explanation"]
        print(f"| {crop_px} | {face.num_judged} | {seconds['forward']:.2f} | {whole / seconds['forward']:.2f} "
              f"| {seconds['first map'] / whole:.2f} | {seconds['stock'] / whole:.1f} |", flush=True)  # fmt: skip


def astronaut_crop(classifier: Classifier, side_px: int) -> RGBImage:
    """The astronaut's face, enlarged or shrunk, as if the file had that resolution."""
    card, pixels = classifier.card, np.asarray(data.astronaut(), dtype=np.uint8)
    box = make_detector(card.crop.detector).find(pixels)[0].box
    crop = crop_face(pixels, box, margin=card.crop.margin)
    return np.asarray(cv2.resize(crop, (side_px, side_px), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def face_of(crop: RGBImage, classifier: Classifier, settings: ExplanationSettings) -> PerturbedFace:
    return perturb_face(crop, classifier.probabilities, side_px=classifier.card.crop.side_px, settings=settings)


def stock_lime(model: keras.Model, face: PerturbedFace, side_px: int) -> None:
    """lime as its documentation shows it, from the segments on."""

    def predict(images: np.ndarray) -> np.ndarray:
        scores = model.predict(np.stack([resize_square(image, side_px) for image in images]), verbose=0)
        return np.hstack([1 - scores, scores])

    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):  # its progress bar
        LimeImageExplainer(random_state=0).explain_instance(
            face.crop, predict, num_samples=face.num_judged, segmentation_fn=lambda _: face.segments
        )


def in_turns(work: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of each piece of work, all done once in each round."""
    best = dict.fromkeys(work, np.inf)
    for _ in range(rounds):
        for name, run in work.items():
            started = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


if __name__ == "__main__":
    main()
