"""python -m deepfake evaluate --explanations: what explanations are worth, rather than what verdicts are."""

from __future__ import annotations

from typing import Any

from deepfake.classifier.classifier import Classifier
from deepfake.commands.console import complain, say
from deepfake.data.clip_layouts import ClipSet
from deepfake.data.prepare import PreparedSet

_EVERY = 10
_SEED = 0


def measure_on_pictures(prepared: PreparedSet, split: str, classifier: Classifier, limit: int) -> dict[str, Any]:
    """Explain pictures of a set by every method, check the explanations, and show a table."""
    from deepfake.evaluation.explanations import measure_explanations  # scikit-image and lime take a second to load
    from deepfake.evaluation.faces import draw_faces
    from deepfake.explain.base import ExplanationSettings
    from deepfake.reports.explanation_tables import explanation_table

    faces = draw_faces(prepared, classifier.card.crop, split=split, count=limit, seed=_SEED)
    result = {"format_version": 1, "model": classifier.card.name, "split": split, "explanations": {}}
    if not faces:
        complain(f"{prepared.name} has no face in its {split} split. Choose another --split.")
        return result
    measured = measure_explanations(faces, classifier, ExplanationSettings(seed=_SEED), on_progress=_report)
    say(
        f"{prepared.name}, split {split}, {classifier.card.name}: {measured['num_real']} real and "
        f"{measured['num_fake']} fake faces of {measured['num_sources']} sources, seed {_SEED}"
    )
    _say_lines(explanation_table(measured))
    return {**result, "explanations": {prepared.name: measured}}


def measure_on_pairs(clip_set: ClipSet, classifier: Classifier, limit: int) -> dict[str, Any]:
    """See whether explanations of fake frames point to what differs from the original, and show a table."""
    from deepfake.evaluation.altered_faces import find_altered_faces  # scikit-image and lime take a second to load
    from deepfake.evaluation.altered_pixels import measure_altered_pixels
    from deepfake.explain.base import ExplanationSettings
    from deepfake.reports.explanation_tables import altered_table

    card = classifier.card
    faces, dropped = find_altered_faces(clip_set, card.crop, count=limit, seed=_SEED, on_progress=_report)
    result = {"format_version": 1, "model": card.name, "dropped": dropped, "altered_pixels": {}}
    for reason, count in dropped.items():
        complain(f"Left out: {count} {reason}")
    if not faces:
        complain(f"{clip_set.name} has no fake clip beside its original. Expected FaceForensics++ with both.")
        return result
    measured = measure_altered_pixels(faces, classifier, ExplanationSettings(seed=_SEED), on_progress=_report)
    say(
        f"{clip_set.name}, {card.name}: {measured['num_faces']} fake frames of {measured['num_clips']} clips and "
        f"{measured['num_sources']} sources, seed {_SEED}"
    )
    _say_lines(altered_table(measured))
    return {**result, "altered_pixels": {clip_set.name: measured}}


def _report(done: int, total: int) -> None:
    if done % _EVERY == 0:
        complain(f"{done} of {total}")


def _say_lines(table: str) -> None:
    for line in table.splitlines():
        say(line)
