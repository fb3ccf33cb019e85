"""Explanations measured on faces and scorers whose right explanation is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepfake.evaluation.explanations import measure_explanations
from deepfake.evaluation.faces import LabelledFace
from deepfake.explain.base import METHODS, ExplanationSettings
from deepfake.reports.explanation_tables import explanation_table
from tests.explain.test_explaining import LEFT, spotted
from tests.fakes import constant, make_classifier, patch_brightness

QUICK = ExplanationSettings(num_segments=16, num_samples=200, max_samples=200)


def labelled(number: int, label: int = 1) -> LabelledFace:
    crop = np.roll(spotted(), number, axis=0)  # a little lower each
    return LabelledFace(path=f"{number}.png", label=label, source=f"s{number}", crop=crop, landmarks=())


@pytest.fixture(scope="module")
def measured() -> dict:
    """A scorer that reads one patch, bright enough for the side of fake."""
    classifier = make_classifier(lambda crops: 0.2 + patch_brightness(LEFT)(crops))
    seen: list[tuple[int, int]] = []
    faces = [labelled(0), labelled(2, label=0), labelled(4)]
    result = measure_explanations(faces, classifier, QUICK, on_progress=lambda *counts: seen.append(counts))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    return result


@pytest.mark.parametrize("method", METHODS)
def test_a_right_explanation_goes_below_random_orders_when_hiding_and_above_when_showing(
    measured: dict, method: str
) -> None:
    means, random = measured["methods"][method], measured["random"]["area"]["value"]
    assert means["deletion_area"]["value"] < random - 0.01
    assert means["insertion_area"]["value"] > random + 0.01


@pytest.mark.parametrize("method", METHODS)
def test_hiding_what_is_read_moves_the_probability_and_hiding_others_does_not(measured: dict, method: str) -> None:
    means = measured["methods"][method]
    assert means["effect"]["value"] > 0.02
    assert abs(means["random_effect"]["value"]) < means["effect"]["value"] / 2
    assert means["beats_random"]["value"] > 0.6
    assert means["is_stable"]["value"] == 1


def test_other_seeds_say_the_same_and_occlusion_has_none(measured: dict) -> None:
    assert measured["methods"]["lime"]["rank_correlation"]["value"] > 0.9
    assert measured["methods"]["occlusion"]["rank_correlation"]["value"] == pytest.approx(1)


def test_what_was_measured_on_how_many_is_said(measured: dict) -> None:
    assert (measured["num_real"], measured["num_fake"], measured["num_sources"]) == (1, 2, 3)
    assert measured["settings"]["num_samples"] == 200
    assert "method" not in measured["settings"]
    for means in measured["methods"].values():
        assert means["deletion_area"]["n"] == 3
        assert means["deletion_area"]["low"] is None  # three sources say nothing of the next
        assert means["seconds"]["value"] > 0
    assert "fidelity" in measured["methods"]["lime"]
    assert "fidelity" not in measured["methods"]["occlusion"]
    assert measured["methods"]["lime"]["num_samples"]["value"] == 200


def test_a_constant_model_has_nothing_to_hide() -> None:
    result = measure_explanations([labelled(0)], make_classifier(constant(0.3)), replace(QUICK, seed=3))
    for means in result["methods"].values():
        assert means["effect"]["value"] == means["beats_random"]["value"] == 0
        # of the side of real, 0.7 whatever is hidden
        assert means["deletion_area"]["value"] == means["insertion_area"]["value"] == pytest.approx(0.7)
    assert result["random"]["area"]["value"] == pytest.approx(0.7)


def test_the_table_has_a_row_for_each_method_and_one_for_random_orders(measured: dict) -> None:
    head, rule, *rows = explanation_table(measured).splitlines()
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [*METHODS, "random order"]
    assert {row.count("|") for row in (head, rule, *rows)} == {head.count("|")}
    assert f"{measured['methods']['lime']['deletion_area']['value']:.3f}" in rows[0]
    assert " | 200 | " in rows[0]
