"""How verdicts on the same faces move with the crop's margin: python benchmarks/margins.py DATA_DIR.

DATA_DIR holds `lfw/` (its test half is used) and `ffpp/` (the middle frame of each clip). A model learned with one
margin; this shows what another one would do to it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named
from deepfake.data.layouts import read_dataset
from deepfake.data.splits import assign_splits
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.detectors import make_detector
from deepfake.media.faces import Box, central_face
from deepfake.media.images import RGBImage, decode_image

MARGINS = (-0.05, 0.0, 0.1, 0.3)


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--model")
    options = parser.parse_args()
    classifier = load_model_named(options.model)
    groups = {
        "lfw (real, test half)": list(_lfw(options.data_dir / "lfw")),
        "FaceForensics++ real (middle frames)": list(_middle_frames(options.data_dir / "ffpp/original_sequences")),
        "FaceForensics++ fake (middle frames)": list(_middle_frames(options.data_dir / "ffpp/manipulated_sequences")),
    }
    card = classifier.card
    print(f"Model {card.name}, trained with margin {card.crop.margin}; band {card.rules.band_low:.3f} to "
          f"{card.rules.band_high:.3f}.\n")  # fmt: skip
    print("| faces | n | margin | mean probability | real | uncertain | fake | verdict differs from margin 0 |")
    print("|---|---|---|---|---|---|---|---|")
    for name, pictures in groups.items():
        faces = _with_faces(classifier, pictures)
        verdicts = {margin: _verdicts(classifier, faces, margin) for margin in MARGINS}
        for margin, (probabilities, said) in verdicts.items():
            shares = " | ".join(f"{(said == one).mean():.2f}" for one in ("real", "uncertain", "fake"))
            differs = (said != verdicts[0.0][1]).mean()
            print(f"| {name} | {len(faces)} | {margin} | {probabilities.mean():.3f} | {shares} | {differs:.2f} |")


def _lfw(folder: Path) -> Iterator[RGBImage]:
    dataset = read_dataset(folder)
    plan = assign_splits([None] * len(dataset.samples), [one.source for one in dataset.samples], all_real=True, seed=0)
    for sample, split in zip(dataset.samples, plan.splits, strict=True):
        if split == "test":
            yield decode_image((dataset.root / sample.path).read_bytes()).pixels


def _middle_frames(folder: Path) -> Iterator[RGBImage]:
    for path in sorted(folder.rglob("*.mp4")):
        clip = cv2.VideoCapture(str(path))
        clip.set(cv2.CAP_PROP_POS_FRAMES, clip.get(cv2.CAP_PROP_FRAME_COUNT) // 2)
        was_read, frame = clip.read()
        clip.release()
        if was_read:
            yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _with_faces(classifier: Classifier, pictures: list[RGBImage]) -> list[tuple[RGBImage, Box]]:
    detector = make_detector(classifier.card.crop.detector)
    found = [(pixels, central_face(detector.find(pixels), pixels.shape[:2])) for pixels in pictures]
    return [(pixels, face.box) for pixels, face in found if face is not None]


def _verdicts(
    classifier: Classifier, faces: list[tuple[RGBImage, Box]], margin: float
) -> tuple[np.ndarray, np.ndarray]:
    side, rules = classifier.card.crop.side_px, classifier.card.rules
    inputs = np.stack([resize_square(crop_face(pixels, box, margin=margin), side) for pixels, box in faces])
    probabilities = classifier.probabilities(inputs)
    said = np.where(
        probabilities >= rules.band_high, "fake", np.where(probabilities <= rules.band_low, "real", "uncertain")
    )
    return probabilities, said


if __name__ == "__main__":
    main()
