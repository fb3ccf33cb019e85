"""Shares of altered pixels worked out on four quarters, and on scorers that look at what was altered or beside it."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.evaluation.altered_faces import AlteredFace
from deepfake.evaluation.altered_pixels import altered_share, measure_altered_pixels
from deepfake.evaluation.faces import LabelledFace
from deepfake.explain.base import METHODS, ExplanationSettings
from deepfake.reports.explanation_tables import altered_table
from tests.explain.test_base import agreeing, by_hand
from tests.explain.test_explaining import LEFT, RIGHT, spotted
from tests.fakes import constant, make_classifier, patch_brightness

QUICK = ExplanationSettings(num_segments=16, num_samples=200, max_samples=200)
ALTERED = np.array([[True, False], [True, True]])


def test_the_share_is_the_mean_of_the_segments_that_lead_towards_fake() -> None:
    sure = agreeing([True] * 4)
    assert altered_share(by_hand([0.5, 0.3, -0.4, 0.0], agreement=sure), ALTERED) == 0.5  # the first and the second
    assert altered_share(by_hand([0.5, 0.0, -0.4, 0.0], agreement=sure), ALTERED) == 1.0
    assert altered_share(by_hand([0.0, 0.0, -0.4, 0.0], agreement=sure), ALTERED) is None


def test_the_map_of_what_was_altered_may_be_larger_than_the_crop_that_was_explained() -> None:
    large = np.repeat(np.repeat(ALTERED, 3, axis=0), 3, axis=1)
    explanation = by_hand([0.5, 0.3, -0.4, 0.0], agreement=agreeing([True] * 4))
    assert altered_share(explanation, large) == pytest.approx(0.5)


def altered_at_the_left(number: int) -> AlteredFace:
    """The left spot was put in; the right one was there before."""
    after, before = spotted(), spotted()
    rows, columns = (slice(2 * one.start, 2 * one.stop) for one in LEFT)
    before[rows, columns] -= 40
    altered = np.zeros(after.shape[:2], bool)
    altered[rows, columns] = True
    face = LabelledFace(path=f"{number}.mp4", label=1, source=f"s{number}", crop=after, landmarks=())
    original = LabelledFace(path=f"{number}.mp4", label=0, source=f"s{number}", crop=before, landmarks=())
    return AlteredFace(face=face, original=original, altered=altered)


@pytest.mark.parametrize("method", METHODS)
def test_a_model_that_reads_what_was_altered_points_to_it(method: str) -> None:
    classifier = make_classifier(patch_brightness(LEFT))
    means = measure_altered_pixels([altered_at_the_left(0)], classifier, QUICK)["methods"][method]
    assert means["leading"]["value"] > 3 * means["chance"]["value"]
    assert means["above_chance"]["value"] == pytest.approx(means["leading"]["value"] - means["chance"]["value"])
    assert 0.01 < means["chance"]["value"] < 0.05  # the spot fills a sixty-fourth of the crop


@pytest.mark.parametrize("method", METHODS)
def test_a_model_that_looks_elsewhere_is_no_better_than_chance(method: str) -> None:
    classifier = make_classifier(patch_brightness(RIGHT))
    means = measure_altered_pixels([altered_at_the_left(0)], classifier, QUICK)["methods"][method]
    assert means["leading"]["value"] <= means["chance"]["value"]
    assert means["above_original"]["value"] == pytest.approx(0, abs=0.01)  # it leads there on the original, too


def test_faces_in_which_nothing_leads_towards_fake_are_counted_out() -> None:
    measured = measure_altered_pixels([altered_at_the_left(0)], make_classifier(constant(0.5)), QUICK)
    assert measured["num_faces"] == 1
    for means in measured["methods"].values():
        assert means["leading"] == {"value": None, "low": None, "high": None, "n": 0}
    assert "| lime | 0 | - |" in altered_table(measured)


def test_ten_sources_have_an_interval_and_the_table_shows_it() -> None:
    faces = [altered_at_the_left(number) for number in range(10)]
    measured = measure_altered_pixels(faces, make_classifier(patch_brightness(LEFT)), QUICK)
    leading = measured["methods"]["occlusion"]["leading"]
    assert leading["low"] <= leading["value"] <= leading["high"]
    assert (measured["num_faces"], measured["num_clips"], measured["num_sources"]) == (10, 10, 10)
    rows = altered_table(measured).splitlines()
    assert len(rows) == 2 + len(METHODS)
    assert f"{leading['value']:.3f} [" in rows[3]
