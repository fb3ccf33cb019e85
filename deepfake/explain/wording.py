"""An explanation in sentences, each made from its numbers: what a result rests on, how firm that is, what was tried.

Pure functions. No sentence claims what the numbers do not show: where hiding areas changed nothing, or no more than
hiding random ones did, it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deepfake.explain.agreement import is_flat
from deepfake.explain.places import describe_part
from deepfake.phrases import counted, listed, percent, points

if TYPE_CHECKING:
    from deepfake.classifier.card import JudgingRules
    from deepfake.explain.average import AverageMap, PartWeight
    from deepfake.explain.base import Explanation
    from deepfake.explain.checks import DeletionCheck
    from deepfake.media.quality import FaceQuality

CAVEAT = "Marked areas are what the model relied on, not proof of tampering."
TOWARDS_FAKE, TOWARDS_REAL = "towards “manipulated”", "towards “no sign found”"
FLAT = "No area of this face had any influence on the result: it stays the same whatever is hidden, so there is no map."
UNSTABLE = (
    "No clear explanation: when the analysis was repeated, it pointed to other areas each time. A map would mislead, "
    "so none is drawn."
)
_NOTICEABLE = 0.005  # a change that shows in whole percentage points
_ADDITIVE = 0.5  # weighted R2 from which a sum of areas tells most of how the model reacts
_NUM_PARTS, _MINOR_PART = 3, 0.25  # of an average map are named: at most so many, and of so much of the strongest
_NEAR_LIMIT = 2.0  # times what the model needs at the least
_LOW_JPEG_QUALITY = 60  # saved at 50, a face's probability moves over twice as far as at 70 (docs/explanations.md)
_FEW_BITS_PER_PIXEL = 0.02  # nearly all clips (H.264) on which verdicts of clips are calibrated have more
_COMPRESSION = "Compression leaves traces of its own, and wipes out those of a manipulation."


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A leading area as a table shows it.

    Attributes:
        number: On the picture, 1 for the strongest.
        segment: Its label.
        place: Where it lies, to follow "the area".
        weight: What it adds to the probability; positive is towards fake.
    """

    number: int
    segment: int
    place: str
    weight: float

    @property
    def direction(self) -> str:
        """Which way it pushes."""
        return TOWARDS_FAKE if self.weight > 0 else TOWARDS_REAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An explanation in sentences; what does not apply is empty.

    Attributes:
        rests_on: What the result rests on.
        firmness: How alike repeats are.
        tried: What hiding areas did to the result.
        cautions: What could mislead here.
    """

    rests_on: str
    firmness: str
    tried: str
    cautions: tuple[str, ...]

    def sentences(self) -> tuple[str, ...]:
        """All of it, in the order of reading; `CAVEAT` last."""
        return tuple(filter(None, (self.rests_on, self.firmness, self.tried, *self.cautions, CAVEAT)))


def leading_areas(explanation: Explanation, places: Sequence[str]) -> tuple[Area, ...]:
    """The leading areas, strongest first.

    Args:
        explanation: Whose.
        places: Of every segment, from `describe_places`.
    """
    return tuple(
        Area(number=number, segment=segment, place=places[segment], weight=float(explanation.weights[segment]))
        for number, segment in enumerate(explanation.leading(), start=1)
    )


def give_account(
    explanation: Explanation, check: DeletionCheck | None, areas: Sequence[Area], rules: JudgingRules
) -> Account:
    """Say what a finished explanation found.

    Args:
        explanation: `is_final`.
        check: Of it; None where there was nothing to hide.
        areas: From `leading_areas`.
        rules: From the model's card.
    """
    stands = explanation.is_stable and not explanation.is_flat
    return Account(
        rests_on=_rests_on(explanation, areas, rules.threshold),
        firmness=_firmness(explanation) if not explanation.is_flat else "",
        tried=_tried(check, areas, rules.threshold) if stands and areas else "",
        cautions=_outside(areas) if stands else (),
    )


def describe_average(average: AverageMap, *, num_tried: int) -> str:
    """Say what the average of several frames' maps shows.

    Args:
        average: Of the frames with a clear map.
        num_tried: Frames that were explained, clear or not.
    """
    strongest = abs(average.parts[0].weight)
    said = []
    if average.num_frames < num_tried:
        said.append(f"{num_tried - average.num_frames} of {num_tried} frames had no clear map and were left out.")
    if is_flat(np.array([strongest])):
        return " ".join([*said, "No part of the face pushes the result either way on average."])
    leading = [part for part in average.parts[:_NUM_PARTS] if abs(part.weight) >= _MINOR_PART * strongest]
    for weight_sign, side in ((1, TOWARDS_FAKE), (-1, TOWARDS_REAL)):
        parts = [part for part in leading if part.weight * weight_sign > 0]
        if parts:
            named = listed([f"{describe_part(part.part)} ({_frames(part, average.num_frames)})" for part in parts])
            said.append(f"On average, what lies {named} pushes {side}.")
    return " ".join(said)


def _frames(part: PartWeight, total: int) -> str:
    return "in every frame" if part.num_alike == total else f"in {part.num_alike} of {total} frames"


def what_could_mislead(
    quality: FaceQuality, rules: JudgingRules, *, model_side_px: int, in_profile: bool
) -> tuple[str, ...]:
    """Why this face is hard to explain, a sentence for each reason.

    Args:
        quality: How much there is to see.
        rules: From the model's card.
        model_side_px: Side of what the model looks at.
        in_profile: Whether the face is turned far to one side.
    """
    said = []
    least_px = max(model_side_px, rules.min_face_px)
    if quality.side_px < least_px:
        said.append(f"The face is small: {quality.side_px} pixels, while the model looks at {least_px}.")
    if quality.brightness < _NEAR_LIMIT * rules.min_brightness:
        said.append(f"The face is dark: its brightness is {quality.brightness:.0f} of 255.")
    if quality.sharpness < _NEAR_LIMIT * rules.min_sharpness:
        said.append(
            f"The face is blurred: its sharpness is {quality.sharpness:.0f}, and the model judges from "
            f"{rules.min_sharpness:.0f} on."
        )
    said += [f"{one} {_COMPRESSION}" for one in _heavily_compressed(quality)]
    if in_profile:
        said.append("The face is turned far to one side, so half of it is hidden.")
    return tuple(said)


def _heavily_compressed(quality: FaceQuality) -> list[str]:
    said = []
    if quality.jpeg_quality is not None and quality.jpeg_quality < _LOW_JPEG_QUALITY:
        said.append(f"The picture is heavily compressed: its JPEG quality is {quality.jpeg_quality} of 100.")
    if quality.bits_per_pixel is not None and quality.bits_per_pixel < _FEW_BITS_PER_PIXEL:
        spent = f"{quality.bits_per_pixel:.3f}" if quality.bits_per_pixel >= 0.001 else "less than 0.001"
        said.append(f"The clip is heavily compressed: it has {spent} bits for a pixel.")
    return said


def _rests_on(explanation: Explanation, areas: Sequence[Area], threshold: float) -> str:
    if explanation.is_flat:
        return FLAT
    if not explanation.is_stable:
        return UNSTABLE
    is_fake = explanation.probability >= threshold
    here = [area for area in areas if (area.weight > 0) == is_fake]
    away = [area for area in areas if (area.weight > 0) != is_fake]
    said = [_side(explanation.probability, threshold)]
    side = TOWARDS_FAKE if is_fake else TOWARDS_REAL
    if here:
        many = len(here) > 1
        said.append(
            f"What pushes it {side} most {'are' if many else 'is'} {_named(here)}: {'each' if many else 'it'} moves it "
            f"by {_span(here)}."
        )
    else:
        said.append(f"No single area stands out that pushes it {side}.")
    if away:
        said.append(
            f"{_capital(_named(away))} {'push' if len(away) > 1 else 'pushes'} the other way, by {_span(away)}."
        )
    return " ".join(said)


def _side(probability: float, threshold: float) -> str:
    above, said, turning = probability >= threshold, percent(probability), percent(threshold)
    just = "just " if said == turning else ""
    return (
        f"The model puts the probability of manipulation at {said}, {just}{'above' if above else 'below'} the "
        f"{turning} at which its answer turns."
    )


def _firmness(explanation: Explanation) -> str:
    if explanation.num_repeats == 1:
        return f"This method leaves nothing to chance: {explanation.num_samples} variants of the face were judged."
    agreement = explanation.agreement
    assert agreement is not None  # two repeats or more
    degree = "firm" if agreement.holds else "fairly firm" if agreement.is_stable else "not firm"
    said = [
        f"The explanation is {degree}: two halves of the {explanation.num_samples:,} variants that were judged agree "
        f"on the order of the areas by {agreement.rank_correlation:.2f} (1 is the best), and share "
        f"{_share(agreement.top_overlap)} of the areas that lead."
    ]
    if agreement.is_stable and explanation.disputed.any():
        count = int(explanation.disputed.sum())
        said.append(
            f"They do not agree which way {counted(count, 'hatched area')} {'pushes' if count == 1 else 'push'}, so "
            f"{'it does' if count == 1 else 'they do'} not count."
        )
    if agreement.is_stable and explanation.fidelity is not None and explanation.fidelity < _ADDITIVE:
        said.append(
            f"Taken one by one, the areas tell only {_share(max(0.0, explanation.fidelity))} of how the model reacts: "
            "they also act together, which a map cannot show."
        )
    return " ".join(said)


def _share(value: float) -> str:
    """A share that may well be all or nothing."""
    return "all" if value >= 0.995 else "none" if value < 0.005 else percent(value)


def _tried(check: DeletionCheck | None, areas: Sequence[Area], threshold: float) -> str:
    if check is None:
        return "No leading area pushes to the side that the result is on, so there was nothing to hide as a test."
    numbers = sorted(area.number for area in areas if area.segment in check.hidden)
    many = f"the {counted(len(numbers), 'area')}" if len(numbers) > 1 else "the area"
    side = TOWARDS_FAKE if check.towards_fake else TOWARDS_REAL
    marked = f"{many} that {'push' if len(numbers) > 1 else 'pushes'} {side} most ({listed([*map(str, numbers)])})"
    random = "as many random areas" if len(numbers) > 1 else "a random area"
    mean = float(check.random_probabilities.mean())
    here, there = _change(check.probability, check.probability_hidden), _change(check.probability, mean)
    tries = f"on average over {len(check.random_probabilities)} tries"
    elsewhere = f", to {percent(mean)}" if here.split()[0] == there.split()[0] != "leaves" else f" {there}"
    return f"As a test, hiding {marked} {here}; hiding {random}{elsewhere} ({tries}). {_worth(check, threshold)}"


def _change(before: float, after: float) -> str:
    if percent(before) == percent(after):
        return f"leaves {percent(before)} as it is"
    return f"{'lowers' if after < before else 'raises'} {percent(before)} to {percent(after)}"


def _worth(check: DeletionCheck, threshold: float) -> str:
    """What the test shows, and no more."""
    these, them = ("these areas", "them") if len(check.hidden) > 1 else ("this area", "it")
    if check.effect <= -_NOTICEABLE:
        return f"That is the wrong way: without {them} the model is surer still, so the map explains this result badly."
    if check.effect < _NOTICEABLE:
        return f"So the result does not hang on {these} alone."
    if check.effect <= check.random_effect:
        return f"Random choices do as much, so {these} cannot be said to matter more than others."
    changes = (check.probability - check.random_probabilities) * (1 if check.towards_fake else -1)
    as_good = int((changes >= check.effect).sum())
    turns = (check.probability_hidden >= threshold) != check.towards_fake
    turned = f" Without {them}, its answer turns." if turns else ""
    if as_good:
        return f"In {as_good} of {len(changes)} tries random choices did as much, so this is a weak sign.{turned}"
    return f"Random choices never did as much, so the model does rely on {them}.{turned}"


def _outside(areas: Sequence[Area]) -> tuple[str, ...]:
    """A word on areas that are not of the face."""
    outside = [area for area in areas if area.place.startswith("in the background")]
    if not outside:
        return ()
    lies = "lies" if len(outside) == 1 else "lie"
    return (f"{_capital(_named(outside))} {lies} outside the face, which says little about the face itself.",)


def _named(areas: Sequence[Area]) -> str:
    """ "the area around the mouth (1)", "the areas around the mouth (1 and 3) and on the chin (2)"."""
    numbers: dict[str, list[str]] = {}
    for area in areas:
        numbers.setdefault(area.place, []).append(str(area.number))
    places = [f"{place} ({listed(those)})" for place, those in numbers.items()]
    return f"the area{'s' * (len(areas) > 1)} {listed(places)}"


def _span(areas: Sequence[Area]) -> str:
    """By how much they move the result: "4 to 12 percentage points"."""
    sizes = [abs(area.weight) for area in areas]
    least, most = points(min(sizes)), points(max(sizes))
    if least == most or round(100 * min(sizes)) < 1:
        return most if least == most else f"up to {most}"
    return f"{round(100 * min(sizes))} to {most}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
