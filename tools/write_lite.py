"""Write model.tflite beside models that were published without it: python tools/write_lite.py models/NAME ...

The file is kept only if its scores are those of model.keras, on crops of noise and on crops of one color.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from deepfake.classifier.card import read_card, write_card
from deepfake.classifier.classifier import CARD_FILE, compile_scorer, load_network
from deepfake.classifier.lite import LITE_FILE, LiteScorer, write_lite

_SAME = 1e-4


def main() -> None:
    """Write and verify the file, then name it on the card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL_DIR")
    for folder in parser.parse_args().models:
        card = read_card(folder / CARD_FILE)
        network = load_network(folder, card)
        card = replace(card, lite_sha256=write_lite(network, folder / LITE_FILE))
        side = card.crop.side_px
        noise = np.random.default_rng(0).uniform(0, 255, (32, side, side, 3))
        flat = np.linspace(0, 255, 32)[:, None, None, None] * np.ones((32, side, side, 3))
        crops = np.concatenate([noise, flat]).astype(np.float32)
        apart = float(np.abs(LiteScorer(folder / LITE_FILE, card)(crops) - compile_scorer(network)(crops)).max())
        if apart > _SAME:
            (folder / LITE_FILE).unlink()
            sys.exit(f"{folder}: scores differ by {apart:.1e}. Expected at most {_SAME:g}, so nothing was kept.")
        write_card(folder / CARD_FILE, card)
        print(f"{folder / LITE_FILE}: scores differ by at most {apart:.1e} on {len(crops)} crops")


if __name__ == "__main__":
    main()
