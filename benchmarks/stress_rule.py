"""Whether a verdict that flips under mild changes should be silenced: python benchmarks/stress_rule.py $DATA/140k ...

On validation splits, as many real as fake faces of each set. Verdicts are kept firm once by certainty alone (a wider
band), once by how certain they stay after mild changes of the picture. Both times as many stay firm; the rule is worth
having where fewer of them are wrong. Threshold and band were chosen on the same splits, and both ways profit alike.

Two rules: `side` silences those that cross the middle of the band after any change, and keeps the most certain of the
others; `zone` keeps those that stay beyond the band, however wide it is, after every change.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import numpy.typing as npt

from deepfake.classifier.calibration import Values, logit
from deepfake.classifier.card import JudgingRules
from deepfake.classifier.classifier import Classifier
from deepfake.classifier.library import load_model_named
from deepfake.data.crop_cache import default_cache_dir
from deepfake.data.opening import open_dataset
from deepfake.data.prepare import prepare_set
from deepfake.errors import InputError
from deepfake.explain.stress import CHANGES, stress_faces
from deepfake.files import read_whole
from deepfake.media.crops import crop_face, resize_square
from deepfake.media.detectors import make_detector
from deepfake.media.faces import central_face
from deepfake.media.images import decode_image
from deepfake.media.quality import measure_quality
from deepfake.verdicts import unfit_reasons

_MILD = {
    "hardly visible": ("jpeg_quality_90", "jpeg_quality_70", "mirror", "wider_crop", "moved_crop"),
    "mild": (
        *("jpeg_quality_90", "jpeg_quality_70", "mirror", "wider_crop", "moved_crop"),
        *("jpeg_quality_50", "half_size", "blur", "noise"),
    ),
}
_COVERAGES = (0.1, 0.25, 0.5)
_DRAWS = 1000
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """Faces of all sets, judged.

    Attributes:
        logits: Shape (n, 1 + changes), of P(fake); the first column is the face as it is.
        labels: Shape (n,), 0 real, 1 fake.
        sets, sources: Shape (n,).
    """

    logits: Values
    labels: npt.NDArray[np.int64]
    sets: npt.NDArray[np.str_]
    sources: npt.NDArray[np.str_]


def main() -> None:
    """Print two tables a model: how far each change moves the probability, and what the rules do."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="DATA_SET")
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--limit", type=int, default=300, help="faces of each set, half of them real")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name in options.models:
        classifier = load_model_named(name)
        parts = [_judge(folder, classifier, options.limit, options.seed) for folder in options.folders]
        faces = Faces(
            logits=np.concatenate([part.logits for part in parts]),
            labels=np.concatenate([part.labels for part in parts]),
            sets=np.concatenate([part.sets for part in parts]),
            sources=np.concatenate([part.sources for part in parts]),
        )
        _print_changes(name, faces, classifier.card.rules)
        _print_rules(name, faces, classifier.card.rules, options.seed)


def _judge(folder: Path, classifier: Classifier, limit: int, seed: int) -> Faces:
    card = classifier.card
    dataset = open_dataset(folder, card.crop, cache_dir=default_cache_dir())
    prepared = prepare_set(dataset, card.crop, seed=card.split_seed(dataset.name), cache_dir=default_cache_dir())
    detector, samples = make_detector(card.crop.detector), prepared.sample_of_row()
    rows = np.random.default_rng(seed).permutation(prepared.rows("valid"))
    probabilities, labels, sources = [], [], []
    for label in (0, 1):
        wanted = limit // 2
        for row in rows[prepared.labels[rows] == label]:
            if not wanted:
                break
            try:
                pixels = decode_image(read_whole(dataset.root / samples[row].path)).pixels
            except InputError:
                continue
            face = central_face(detector.find(pixels), pixels.shape[:2])
            if face is None:
                continue
            model_input = resize_square(crop_face(pixels, face.box, margin=card.crop.margin), card.crop.side_px)
            if unfit_reasons(measure_quality(model_input, face.box), card.rules):
                continue
            [test] = stress_faces(pixels, [face.box], classifier, seed=seed)
            probabilities.append([test.probability, *(trial.probability for trial in test.trials)])
            labels.append(label)
            sources.append(prepared.sources[row])
            wanted -= 1
    return Faces(
        logits=logit(np.array(probabilities)),
        labels=np.array(labels),
        sets=np.array([dataset.name] * len(labels)),
        sources=np.array(sources),
    )


def _print_changes(name: str, faces: Faces, rules: JudgingRules) -> None:
    probabilities = 1 / (1 + np.exp(-faces.logits))
    firm = (probabilities <= rules.band_low) | (probabilities >= rules.band_high)
    counts = ", ".join(f"{one} {(faces.sets == one).sum()}" for one in np.unique(faces.sets))
    print(f"\n{name}, validation faces: {counts}; {firm[:, 0].sum()} of {len(firm)} firm\n")
    print("| change | real: mean change of P(fake) | fake | mean size of it | firm, then not |\n|---|---|---|---|---|")
    for number, change in enumerate(CHANGES, start=1):
        moved = probabilities[:, number] - probabilities[:, 0]
        lost = firm[:, 0] & ~firm[:, number]
        print(
            f"| {change} | {moved[faces.labels == 0].mean():+.3f} | {moved[faces.labels == 1].mean():+.3f} "
            f"| {np.abs(moved).mean():.3f} | {lost.sum()} of {firm[:, 0].sum()} |"
        )


def _print_rules(name: str, faces: Faces, rules: JudgingRules, seed: int) -> None:
    print(f"\n{name}: share of firm verdicts that are wrong\n")
    print("| changes | rule | firm | n firm | by a wider band | with the rule | difference, 95 % interval |")
    print("|---|---|---|---|---|---|---|")
    draws = _draws(faces, seed)
    is_fake, beyond = _verdicts(faces.logits, rules)
    wrong = is_fake != (faces.labels == 1)
    for mild, changes in _MILD.items():
        after = beyond[:, [1 + list(CHANGES).index(change) for change in changes]]
        certain = beyond[:, 0]
        half_band = (logit(np.array(rules.band_high)) - logit(np.array(rules.band_low))) / 2
        ranks = {
            "side": np.where((after < -half_band).any(axis=1), -np.inf, certain),
            "zone": np.minimum(certain, after.min(axis=1)),
        }
        for rule, ruled in ranks.items():
            for coverage in (None, *_COVERAGES):
                pairs = np.array([_wrong_shares(certain[one], ruled[one], wrong[one], coverage) for one in draws])
                by_band, with_rule, num_firm = pairs[0]
                low, high = np.nanpercentile(pairs[1:, 1] - pairs[1:, 0], [2.5, 97.5])
                said = "the card's band" if coverage is None else f"{coverage:.0%}"
                print(
                    f"| {mild} | {rule} | {said} | {num_firm:.0f} | {by_band:.3f} | {with_rule:.3f} "
                    f"| {with_rule - by_band:+.3f} [{low:+.3f}, {high:+.3f}] |",
                    flush=True,
                )


def _verdicts(logits: Values, rules: JudgingRules) -> tuple[npt.NDArray[np.bool_], Values]:
    """Which way each face leans as it is, and by how many logits it lies beyond the band on that side.

    Returns:
        Shape (n,): towards fake; shape (n, 1 + changes): negative inside the band or on the other side.
    """
    low, high = logit(np.array([rules.band_low, rules.band_high]))
    is_fake = logits[:, 0] > (low + high) / 2
    return is_fake, np.where(is_fake[:, None], logits - high, low - logits)


def _wrong_shares(
    certain: Values, ruled: Values, wrong: npt.NDArray[np.bool_], coverage: float | None
) -> tuple[float, float, int]:
    """Share of wrong verdicts among the most certain, among those that the rule keeps, and how many are kept of each.

    Without a coverage, as many as the rule leaves of those that are firm by the card's band.
    """
    num_firm = int((ruled >= 0).sum()) if coverage is None else max(1, round(coverage * len(ruled)))
    if not num_firm:
        return np.nan, np.nan, 0
    by_band, with_rule = (np.argsort(-rank, kind="stable")[:num_firm] for rank in (certain, ruled))
    return float(wrong[by_band].mean()), float(wrong[with_rule].mean()), num_firm


def _draws(faces: Faces, seed: int) -> list[Rows]:
    """All faces, then draws of as many sources of each set with replacement."""
    rng = np.random.default_rng(seed)
    rows_of = [
        [np.flatnonzero((faces.sets == name) & (faces.sources == source)) for source in np.unique(sources)]
        for name in np.unique(faces.sets)
        for sources in [faces.sources[faces.sets == name]]
    ]
    return [
        np.arange(len(faces.labels)),
        *(
            np.concatenate([groups[one] for groups in rows_of for one in rng.integers(0, len(groups), len(groups))])
            for _ in range(_DRAWS)
        ),
    ]


if __name__ == "__main__":
    main()
