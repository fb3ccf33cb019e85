"""An explanation and its check, as a report says them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepfake.classifier.card import Card
from deepfake.explain.base import Explanation
from deepfake.explain.checks import DeletionCheck
from deepfake.explain.parts import is_in_profile
from deepfake.explain.places import describe_places
from deepfake.explain.wording import Area, give_account, leading_areas, what_could_mislead
from deepfake.media.crops import points_in_crop
from deepfake.media.faces import Face
from deepfake.media.quality import FaceQuality
from deepfake.reports.overlay import draw_overlay, upscaled
from deepfake.reports.pictures import as_picture
from deepfake.reports.report import AreaReport, ExplanationReport, HidingReport, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What was found out about one face.

    Attributes:
        explanation: Made to its end.
        check: Of it; None where there was nothing to hide.
    """

    explanation: Explanation
    check: DeletionCheck | None


def explanation_report(
    explained: Explained, face: Face, quality: FaceQuality, card: Card, *, whose: str
) -> ExplanationReport:
    """What a probability rests on, with pictures and sentences.

    Args:
        explained: What was found out.
        face: Where it lies in its picture.
        quality: How much there is to see of it.
        card: Of the model.
        whose: "the face", "person 1 at 0:01.3".
    """
    made = explained.explanation
    landmarks = points_in_crop(face.landmarks, face.box, margin=card.crop.margin)
    is_drawn = made.is_stable and not made.is_flat
    areas = leading_areas(made, describe_places(made.segments, landmarks)) if is_drawn else ()
    account = give_account(made, explained.check, areas, card.rules)
    misleading = what_could_mislead(
        quality, card.rules, model_side_px=card.crop.side_px, in_profile=is_in_profile(landmarks)
    )
    return ExplanationReport(
        whose=whose,
        settings=made.settings,
        probability=made.probability,
        num_segments=len(made.weights),
        num_samples=made.num_samples,
        num_repeats=made.num_repeats,
        is_flat=made.is_flat,
        is_stable=made.is_stable,
        fidelity=made.fidelity,
        rank_correlation=made.agreement.rank_correlation if made.agreement else None,
        top_overlap=made.agreement.top_overlap if made.agreement else None,
        num_disputed=int(made.disputed.sum()),
        strongest=float(np.abs(made.weights).max(initial=0.0)),
        areas=tuple(AreaReport(number=one.number, place=one.place, weight=one.weight) for one in areas),
        check=_hiding(explained.check, areas) if is_drawn else None,
        account=replace(account, cautions=(*account.cautions, *misleading)).sentences(),
        crop=as_picture(
            upscaled(made.crop), alt=f"The crop of {whose} that was judged.", caption="The face that was judged"
        ),
        overlay=_overlay(made, areas, whose) if is_drawn else None,
    )


def _hiding(check: DeletionCheck | None, areas: Sequence[Area]) -> HidingReport | None:
    if check is None:
        return None
    return HidingReport(
        towards_fake=check.towards_fake,
        hidden=tuple(sorted(area.number for area in areas if area.segment in check.hidden)),
        probability=check.probability,
        probability_hidden=check.probability_hidden,
        random_probabilities=tuple(map(float, check.random_probabilities)),
        beats_random=check.beats_random,
    )


def _overlay(made: Explanation, areas: Sequence[Area], whose: str) -> Picture:
    leading = [area.segment for area in areas]
    pixels = draw_overlay(made.crop, made.segments, made.agreed_weights, leading, disputed=made.disputed)
    said = "; ".join(f"{area.number}: {area.place}, {area.direction}" for area in areas)
    alt = f"The same crop of {whose} with the areas marked that led to the result. {said}."
    return as_picture(pixels, alt=alt, caption="What led to the result")
