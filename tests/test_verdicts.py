from __future__ import annotations

import pytest

from deepfake.media.quality import FaceQuality
from deepfake.verdicts import FAKE, NO_FACE, REAL, UNCERTAIN, Verdict, fake_limit, judge_face, pool, unfit_reasons
from tests.fakes import make_rules

GOOD = FaceQuality(side_px=200, brightness=120.0, sharpness=300.0)


def says(verdict: str, probability: float, reason: str = "because") -> Verdict:
    return Verdict(verdict=verdict, probability=probability, reasons=(reason,))


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [(0.0, REAL), (0.2, REAL), (0.201, UNCERTAIN), (0.5, UNCERTAIN), (0.799, UNCERTAIN), (0.8, FAKE), (1.0, FAKE)],
)
def test_the_verdict_turns_at_the_band_of_the_card(probability: float, verdict: str) -> None:
    assert judge_face(probability, GOOD, make_rules(), num_faces=1).verdict == verdict


def test_another_card_turns_elsewhere() -> None:
    rules = make_rules(band_low=0.6, threshold=0.7, band_high=0.95)
    verdicts = [judge_face(probability, GOOD, rules, num_faces=1).verdict for probability in (0.55, 0.9, 0.96)]
    assert verdicts == [REAL, UNCERTAIN, FAKE]


def test_a_verdict_keeps_the_probability_it_was_made_from() -> None:
    assert judge_face(0.3, GOOD, make_rules(), num_faces=1).probability == 0.3


def test_a_low_probability_is_never_called_proof() -> None:
    reason = judge_face(0.01, GOOD, make_rules(), num_faces=1).reasons[0]
    assert reason.startswith("The model found no sign of manipulation.")
    assert "does not prove" in reason


@pytest.mark.parametrize(
    ("quality", "limits", "word"),
    [
        (FaceQuality(side_px=39, brightness=120, sharpness=300), {"min_face_px": 40}, "small"),
        (FaceQuality(side_px=200, brightness=9.9, sharpness=300), {"min_brightness": 10.0}, "dark"),
        (FaceQuality(side_px=200, brightness=120, sharpness=4.9), {"min_sharpness": 5.0}, "blurred"),
    ],
)
def test_a_face_that_shows_too_little_is_uncertain_whatever_the_model_says(
    quality: FaceQuality, limits: dict[str, float], word: str
) -> None:
    for probability in (0.0, 1.0):
        verdict = judge_face(probability, quality, make_rules(**limits), num_faces=1)
        assert verdict.verdict == UNCERTAIN
        assert word in verdict.reasons[0]


def test_a_face_exactly_at_the_limits_is_fit() -> None:
    quality = FaceQuality(side_px=40, brightness=10.0, sharpness=5.0)
    assert unfit_reasons(quality, make_rules(min_face_px=40, min_brightness=10.0, min_sharpness=5.0)) == ()


def test_every_obstacle_is_named_with_its_numbers() -> None:
    quality = FaceQuality(side_px=20, brightness=1.0, sharpness=1.0)
    reasons = unfit_reasons(quality, make_rules(min_face_px=40, min_brightness=10.0, min_sharpness=5.0))
    assert len(reasons) == 3
    assert "20" in reasons[0]
    assert "40" in reasons[0]


def test_the_limit_rises_with_the_number_of_faces() -> None:
    # odds of 0.8 are 4; with a shift of 1, n faces multiply them by n: 4 -> 8 -> 20
    rules = make_rules(logit_shift_per_log_face=1.0)
    assert fake_limit(rules, 1) == pytest.approx(4 / 5)
    assert fake_limit(rules, 2) == pytest.approx(8 / 9)
    assert fake_limit(rules, 5) == pytest.approx(20 / 21)


def test_half_a_shift_multiplies_the_odds_by_the_square_root() -> None:
    assert fake_limit(make_rules(logit_shift_per_log_face=0.5), 4) == pytest.approx(8 / 9)


def test_a_limit_of_one_or_zero_stays_where_it_is() -> None:
    assert fake_limit(make_rules(band_high=1.0, logit_shift_per_log_face=1.0), 20) == 1.0
    zero = make_rules(band_low=0.0, threshold=0.0, band_high=0.0, logit_shift_per_log_face=1.0)
    assert fake_limit(zero, 20) == 0.0


def test_what_is_fake_alone_may_be_uncertain_among_many() -> None:
    rules = make_rules(logit_shift_per_log_face=1.0)
    assert judge_face(0.85, GOOD, rules, num_faces=1).verdict == FAKE
    assert judge_face(0.85, GOOD, rules, num_faces=5).verdict == UNCERTAIN


def test_a_file_without_faces_has_no_probability() -> None:
    verdict = pool([], [])
    assert (verdict.verdict, verdict.probability) == (NO_FACE, None)
    assert "No face was found" in verdict.reasons[0]


def test_a_file_with_one_face_says_what_the_face_says() -> None:
    assert pool([says(REAL, 0.1)], [True]) == says(REAL, 0.1)


def test_one_fake_face_makes_the_file_fake() -> None:
    verdict = pool([says(REAL, 0.1), says(FAKE, 0.9, "signs"), says(UNCERTAIN, 0.5)], [True, True, True])
    assert (verdict.verdict, verdict.probability) == (FAKE, 0.9)
    assert verdict.reasons == ("1 of 3 faces looks manipulated.", "signs")


def test_two_fake_faces_are_counted_in_the_plural() -> None:
    verdict = pool([says(FAKE, 0.95), says(FAKE, 0.9), says(REAL, 0.1)], [True] * 3)
    assert verdict.reasons[0] == "2 of 3 faces look manipulated."


def test_one_uncertain_face_keeps_the_file_from_being_real() -> None:
    verdict = pool([says(REAL, 0.1), says(UNCERTAIN, 0.5)], [True, True])
    assert (verdict.verdict, verdict.probability) == (UNCERTAIN, 0.5)


def test_a_file_is_real_only_where_every_face_is() -> None:
    verdict = pool([says(REAL, 0.1), says(REAL, 0.15)], [True, True])
    assert (verdict.verdict, verdict.probability) == (REAL, 0.15)
    assert verdict.reasons[0] == "No sign of manipulation in 2 of 2 faces."


def test_a_face_that_is_not_fit_decides_nothing_and_is_counted() -> None:
    verdict = pool([says(REAL, 0.1), says(UNCERTAIN, 0.99)], [True, False])
    assert (verdict.verdict, verdict.probability) == (REAL, 0.1)
    assert verdict.reasons[-1].startswith("1 of 2 faces were too small")


def test_a_file_without_a_fit_face_is_uncertain_with_the_probability_of_its_largest() -> None:
    verdict = pool([says(UNCERTAIN, 0.6, "The face is small."), says(UNCERTAIN, 0.99, "Dark.")], [False, False])
    assert (verdict.verdict, verdict.probability) == (UNCERTAIN, 0.6)
    assert verdict.reasons == ("The face is small.",)


def test_a_certain_zero_is_a_probability_like_any_other() -> None:
    verdict = pool([says(REAL, 0.0)], [True])
    assert (verdict.verdict, verdict.probability) == (REAL, 0.0)


def test_verdicts_and_fitness_must_be_as_many() -> None:
    with pytest.raises(ValueError):
        pool([says(REAL, 0.1)], [])
