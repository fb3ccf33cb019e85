"""Draw self-blended copies of the public-domain portrait for the docs: python tools/draw_blends.py OUT.png."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from skimage.data import astronaut

from deepfake.media.crops import crop_face
from deepfake.media.detectors import DetectorSettings, make_detector
from deepfake.training.blend import blending_mask, self_blend

_SEEDS = (3, 5, 8, 12)


def draw(out: Path) -> None:
    """A column a seed: the mask, the blended face, and ten times what it changed."""
    picture = astronaut()
    (face,) = make_detector(DetectorSettings()).find(picture)
    crop = crop_face(picture, face.box, margin=0.0)
    figure = Figure(figsize=(2 * (len(_SEEDS) + 1), 6.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(3, len(_SEEDS) + 1)
    for axis in axes.ravel():
        axis.axis("off")
    axes[0, 0].imshow(crop)
    axes[0, 0].set_title("the real face")
    for column, seed in enumerate(_SEEDS, start=1):
        blended = self_blend(crop, np.random.default_rng(seed))
        mask = blending_mask(len(crop), np.random.default_rng(seed))
        change = np.clip(128 + 10 * (blended.astype(np.float32) - crop), 0, 255).astype(np.uint8)
        for row, (image, title) in enumerate(
            ((mask, "where it comes from the copy"), (blended, "self-blended"), (change, "10 times the change"))
        ):
            axes[row, column].imshow(image, cmap="gray", vmin=0)
            axes[row, column].set_title(f"{title}\n(seed {seed})" if row == 1 else title, fontsize=8)
    figure.savefig(out, dpi=80)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    draw(Path(sys.argv[1]))
