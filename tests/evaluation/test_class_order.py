"""Which class a model calls 1, told from validation splits alone."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.classifier.classifier import Classifier
from deepfake.errors import ForeignWeightsError
from deepfake.evaluation.class_order import is_turned_around, validation_auc
from deepfake.media.crops import CropSettings
from deepfake.media.detectors import DetectorSettings
from tests.fakes import brightness, constant, make_card
from tests.prepared_sets import make_prepared_set

CARD = make_card(crop=CropSettings(detector=DetectorSettings(), margin=0.0, side_px=16))


def test_bright_fakes_are_found_by_brightness() -> None:
    auc = validation_auc(Classifier(brightness, CARD), [make_prepared_set(), make_prepared_set("lfw", all_real=True)])
    assert auc["value"] > 0.9
    assert auc["n"] == 16  # a fifth of the crops, and none of the set of real faces alone
    assert not is_turned_around(auc)


def test_darkness_in_place_of_brightness_is_noticed() -> None:
    auc = validation_auc(Classifier(lambda crops: 1 - brightness(crops), CARD), [make_prepared_set()])
    assert auc["value"] < 0.1
    assert is_turned_around(auc)


def test_guessing_is_not_turned_around() -> None:
    auc = validation_auc(Classifier(constant(0.3), CARD), [make_prepared_set()])
    assert auc["value"] == 0.5
    assert not is_turned_around(auc)


def test_an_interval_that_reaches_guessing_says_nothing() -> None:
    assert not is_turned_around({"value": 0.3, "low": 0.1, "high": 0.51, "n": 9})
    assert is_turned_around({"value": 0.3, "low": 0.1, "high": 0.49, "n": 9})


def test_scores_that_are_no_numbers_are_refused_with_their_count() -> None:
    def broken(crops: np.ndarray) -> np.ndarray:
        return np.where(np.arange(len(crops)) < 3, np.nan, 0.5).astype(np.float32)

    with pytest.raises(ForeignWeightsError, match="3 of 16 faces of toy get a score that is no number"):
        validation_auc(Classifier(broken, CARD), [make_prepared_set()])


def test_the_test_split_is_not_looked_at() -> None:
    seen: list[int] = []

    def counting(crops: np.ndarray) -> np.ndarray:
        seen.append(len(crops))
        return brightness(crops)

    validation_auc(Classifier(counting, CARD), [make_prepared_set(num_crops=100)])
    assert set(seen) == {20}  # the validation split alone
