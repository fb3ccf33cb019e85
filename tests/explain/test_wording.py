"""Sentences made from numbers: other numbers give other sentences, and none says more than its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepfake.explain.agreement import Agreement
from deepfake.explain.average import AverageMap, PartWeight
from deepfake.explain.base import Explanation, ExplanationSettings
from deepfake.explain.checks import DeletionCheck, HidingCurve
from deepfake.explain.wording import (
    CAVEAT,
    FLAT,
    UNSTABLE,
    Account,
    describe_average,
    give_account,
    leading_areas,
    what_could_mislead,
)
from deepfake.media.quality import FaceQuality
from tests.fakes import make_rules

PLACES = ("around the mouth", "on the left cheek", "on the forehead", "in the background on the right")
WEIGHTS = np.array([0.3, 0.1, -0.05, 0.0])


def agreement(rank: float = 0.9, overlap: float = 1.0, signs: tuple[bool, ...] = (True,) * 4) -> Agreement:
    return Agreement(rank_correlation=rank, top_overlap=overlap, signs=np.array(signs), chance=0.0)


def explanation(**changes: Any) -> Explanation:
    values: dict[str, Any] = {
        "crop": np.zeros((2, 2, 3), np.uint8),
        "segments": np.arange(4).reshape(2, 2),
        "weights": WEIGHTS,
        "probability": 0.93,
        "fidelity": 0.8,
        "agreement": agreement(),
        "num_repeats": 2,
        "num_samples": 400,
        "is_final": True,
        "settings": ExplanationSettings(),
    }
    return Explanation(**(values | changes))


def check(with_hidden: float = 0.41, random: tuple[float, ...] = (0.9, 0.9), **changes: Any) -> DeletionCheck:
    curve = HidingCurve(counts=np.array([0, 4]), shares=np.array([0.0, 1.0]), probabilities=np.array([0.93, 0.1]))
    values: dict[str, Any] = {
        "towards_fake": True,
        "hidden": (0, 1),
        "probability": 0.93,
        "probability_hidden": with_hidden,
        "random_probabilities": np.array(random),
        "curve": curve,
        "random_curves": (curve,),
    }
    return DeletionCheck(**(values | changes))


def account(made: Explanation | None = None, checked: DeletionCheck | None = None) -> Account:
    made = made or explanation()
    return give_account(made, checked, leading_areas(made, PLACES), make_rules(threshold=0.6))


def test_what_a_result_rests_on_names_places_numbers_and_amounts() -> None:
    assert account().rests_on == (
        "The model puts the probability of manipulation at 93\xa0%, above the 60\xa0% at which its answer turns. What "
        "pushes it towards “manipulated” most are the areas around the mouth (1) and on the left cheek (2): each moves "
        "it by 10 to 30 percentage points. The area on the forehead (3) pushes the other way, by 5 percentage points."
    )


def test_the_same_map_on_the_other_side_of_the_threshold_rests_on_the_other_areas() -> None:
    assert account(explanation(probability=0.2)).rests_on == (
        "The model puts the probability of manipulation at 20\xa0%, below the 60\xa0% at which its answer turns. What "
        "pushes it towards “no sign found” most is the area on the forehead (3): it moves it by 5 percentage points. "
        "The areas around the mouth (1) and on the left cheek (2) push the other way, by 10 to 30 percentage points."
    )


def test_where_nothing_pushes_to_the_side_of_the_result_it_says_so() -> None:
    said = account(explanation(weights=np.array([-0.3, 0.0, 0.0, 0.0]))).rests_on
    assert "No single area stands out that pushes it towards “manipulated”." in said
    assert "The area around the mouth (1) pushes the other way" in said


def test_a_probability_beside_the_threshold_is_said_to_be_just_there() -> None:
    assert "at 60\xa0%, just above the 60\xa0%" in account(explanation(probability=0.602)).rests_on
    assert "at 60\xa0%, just below the 60\xa0%" in account(explanation(probability=0.598)).rests_on


def test_areas_at_the_same_place_are_named_together() -> None:
    made = explanation()
    areas = leading_areas(made, ("around the mouth", "around the mouth", "on the chin", ""))
    said = give_account(made, None, areas, make_rules(threshold=0.6)).rests_on
    assert "the areas around the mouth (1 and 2): each" in said


def test_faint_areas_are_not_given_a_number_of_points() -> None:
    made = explanation(weights=np.array([0.004, 0.003, 0.0, 0.0]))
    assert "each moves it by less than 1 percentage point." in account(made).rests_on
    mixed = explanation(weights=np.array([0.04, 0.003, 0.0, 0.0]))
    assert "each moves it by up to 4 percentage points." in account(mixed).rests_on


def test_a_flat_map_says_that_nothing_had_influence_and_claims_nothing_else() -> None:
    flat = account(explanation(weights=np.zeros(4)))
    assert flat.sentences() == (FLAT, CAVEAT)


def test_an_unstable_map_names_no_area_and_no_test() -> None:
    unstable = account(explanation(agreement=agreement(rank=0.3, overlap=0.2)), check())
    assert unstable.rests_on == UNSTABLE
    assert unstable.tried == ""
    assert "not firm" in unstable.firmness
    assert "(1)" not in " ".join(unstable.sentences())


@pytest.mark.parametrize(
    ("rank", "overlap", "degree", "order", "share"),
    [
        (0.93, 1.0, "firm", "0.93", "all"),
        (0.7, 0.8, "fairly firm", "0.70", "80\xa0%"),
        (0.93, 0.6, "fairly firm", "0.93", "60\xa0%"),
    ],
)
def test_how_firm_it_is_follows_from_the_agreement(
    rank: float, overlap: float, degree: str, order: str, share: str
) -> None:
    assert account(explanation(agreement=agreement(rank, overlap))).firmness == (
        f"The explanation is {degree}: two halves of the 400 variants that were judged agree on the order of the areas "
        f"by {order} (1 is the best), and share {share} of the areas that lead."
    )


def test_a_method_without_chance_is_not_said_to_agree_with_itself() -> None:
    said = account(explanation(num_repeats=1, num_samples=32, fidelity=None)).firmness
    assert said == "This method leaves nothing to chance: 32 variants of the face were judged."


def test_hatched_areas_are_counted_where_there_are_any() -> None:
    disputed = account(explanation(agreement=agreement(signs=(True, True, False, False)))).firmness
    assert "They do not agree which way one hatched area pushes, so it does not count." in disputed  # the last one is 0
    assert "hatched" not in account().firmness


def test_a_poor_fit_is_said_and_a_good_one_is_not() -> None:
    assert "the areas tell only 30\xa0% of how the model reacts" in account(explanation(fidelity=0.3)).firmness
    assert "tell only" not in account(explanation(fidelity=0.8)).firmness


def test_the_test_by_hiding_is_said_with_its_numbers() -> None:
    assert account(None, check()).tried == (
        "As a test, hiding the two areas that push towards “manipulated” most (1 and 2) lowers 93\xa0% to 41\xa0%; "
        "hiding as many random areas, to 90\xa0% (on average over 2 tries). Random choices never did as much, so the "
        "model does rely on them. Without them, its answer turns."
    )


@pytest.mark.parametrize(
    ("hidden", "random", "words", "not_said"),
    [
        (
            0.93,
            (0.93, 0.93),
            "random areas leaves 93\xa0% as it is (on average",
            "does rely",
        ),
        (0.93, (0.93, 0.93), "does not hang on these areas alone", "turns"),
        (
            0.97,
            (0.9, 0.9),
            "raises 93\xa0% to 97\xa0%; hiding as many random areas lowers 93\xa0% to 90\xa0%",
            "does rely",
        ),
        (0.97, (0.9, 0.9), "the map explains this result badly", "turns"),
        (0.8, (0.7, 0.8), "cannot be said to matter more", "does rely"),
        (0.8, (0.75, 0.93), "In 1 of 2 tries random choices did as much", "does rely"),
        (0.8, (0.85, 0.93), "Random choices never did as much", "turns"),
    ],
)
def test_no_more_is_said_of_the_test_than_it_shows(
    hidden: float, random: tuple[float, ...], words: str, not_said: str
) -> None:
    said = account(None, check(hidden, random)).tried
    assert words in said
    assert not_said not in said


def test_on_the_side_of_real_hiding_is_hoped_to_raise_the_probability() -> None:
    checked = check(0.7, (0.2, 0.2), towards_fake=False, hidden=(2,), probability=0.2)
    said = account(explanation(probability=0.2), checked).tried
    assert "hiding the area that pushes towards “no sign found” most (3) raises 20\xa0% to 70\xa0%" in said
    assert "hiding a random area leaves 20\xa0% as it is" in said
    assert said.endswith("so the model does rely on it. Without it, its answer turns.")


def test_without_anything_to_hide_no_number_is_given() -> None:
    assert account().tried.startswith("No leading area pushes to the side")


def test_a_leading_area_outside_the_face_is_a_caution() -> None:
    made = explanation(weights=np.array([0.3, 0.0, 0.0, 0.2]))
    assert account(made).cautions == (
        "The area in the background on the right (2) lies outside the face, which says little about the face itself.",
    )
    assert account().cautions == ()


RULES = make_rules(min_face_px=40, min_brightness=16.0, min_sharpness=5.0)


def mislead(in_profile: bool = False, **changes: Any) -> tuple[str, ...]:
    quality = FaceQuality(**({"side_px": 200, "brightness": 120.0, "sharpness": 300.0} | changes))
    return what_could_mislead(quality, RULES, model_side_px=128, in_profile=in_profile)


def test_a_large_bright_sharp_frontal_face_misleads_nobody() -> None:
    assert mislead() == ()
    assert mislead(jpeg_quality=60) == mislead(bits_per_pixel=0.02) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side_px": 90}, "small: 90 pixels, while the model looks at 128"),
        ({"brightness": 20.0}, "dark: its brightness is 20 of 255"),
        ({"sharpness": 7.0}, "blurred: its sharpness is 7, and the model judges from 5 on"),
        ({"jpeg_quality": 59}, "The picture is heavily compressed: its JPEG quality is 59 of 100. Compression leaves"),
        ({"bits_per_pixel": 0.0049}, "The clip is heavily compressed: it has 0.005 bits for a pixel. Compression"),
        ({"bits_per_pixel": 0.00001}, "it has less than 0.001 bits for a pixel"),
        ({"in_profile": True}, "turned far to one side"),
    ],
)
def test_each_obstacle_is_named_with_its_number(changes: dict[str, Any], words: str) -> None:
    (said,) = mislead(**changes)
    assert words in said


def test_obstacles_add_up() -> None:
    assert len(mislead(side_px=90, brightness=20.0, sharpness=7.0, in_profile=True)) == 4


def average(*parts: tuple[str, float, int]) -> AverageMap:
    return AverageMap(
        crop=np.zeros((2, 2, 3), np.uint8),
        weights=np.zeros((2, 2)),
        parts=tuple(PartWeight(part=part, weight=weight, num_alike=alike) for part, weight, alike in parts),
        num_frames=4,
    )


def test_an_average_names_its_strongest_parts_and_in_how_many_frames_they_push_that_way() -> None:
    made = average(("mouth", 0.2, 4), ("chin", -0.1, 3), ("nose", 0.01, 2))
    assert describe_average(made, num_tried=4) == (
        "On average, what lies around the mouth (in every frame) pushes towards “manipulated”. On average, what lies "
        "on the chin (in 3 of 4 frames) pushes towards “no sign found”."
    )


def test_frames_without_a_clear_map_are_counted() -> None:
    assert describe_average(average(("mouth", 0.2, 4)), num_tried=6).startswith("2 of 6 frames had no clear map")


def test_an_average_that_cancels_says_so() -> None:
    said = describe_average(average(("mouth", 0.0, 0)), num_tried=4)
    assert said == "No part of the face pushes the result either way on average."
