"""Hiding what an explanation points to, on a face of sixteen blocks; every probability worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from deepfake.explain.base import ExplanationSettings
from deepfake.explain.checks import (
    DeletionCheck,
    HidingCurve,
    check_by_hiding,
    hiding_curve,
    order_of_hiding,
    random_orders,
)
from deepfake.explain.explaining import explain
from deepfake.explain.perturbed import PerturbedFace, Probabilities
from tests.explain.blocks import CONSTANT, NUM_BLOCKS, ONE_PATCH, OPPOSITE_PATCHES, A, B, block_face
from tests.fakes import constant

OCCLUSION = ExplanationSettings(method="occlusion")


def check(scorer: Probabilities, threshold: float = 0.5) -> DeletionCheck | None:
    face = block_face(scorer)
    return check_by_hiding(face, explain(face, OCCLUSION), threshold=threshold)


def test_hiding_the_one_patch_that_counts_takes_the_probability_down() -> None:
    checked = check(ONE_PATCH)
    assert checked is not None
    assert checked.towards_fake
    assert checked.hidden == (A,)
    assert (checked.probability, checked.probability_hidden) == pytest.approx((0.9, 0.1))
    assert checked.effect == pytest.approx(0.8)


def test_hiding_others_at_random_changes_nothing_where_one_patch_alone_is_read() -> None:
    checked = check(ONE_PATCH)
    assert checked is not None
    assert checked.random_probabilities == pytest.approx([0.9] * 20)
    assert checked.random_effect == pytest.approx(0)
    assert checked.beats_random


def test_hiding_others_at_random_meets_the_other_patch_now_and_then() -> None:
    checked = check(OPPOSITE_PATCHES)  # A is hidden; without B the probability rises from 0.6 to 0.8
    assert checked is not None
    met = int((checked.random_probabilities > 0.7).sum())
    assert set(checked.random_probabilities.round(6)) <= {0.6, 0.8}
    assert met <= 6  # one of fifteen others, twenty times
    assert checked.random_effect == pytest.approx(-0.2 * met / 20)


def test_where_most_segments_lead_all_are_drawn_from() -> None:
    segments = np.array([[0, 1, 2, 2]] * 4)
    crop = np.full((4, 4, 3), 200, np.uint8)
    baseline = np.zeros(crop.shape, np.float32)
    face = PerturbedFace(crop, segments, baseline, lambda crops: crops.mean(axis=(1, 2, 3)) / 255, side_px=4)
    checked = check_by_hiding(face, explain(face, OCCLUSION), threshold=0.5)
    assert checked is not None
    assert sorted(checked.hidden) == [0, 1, 2]
    assert checked.random_probabilities == pytest.approx([0.0] * 20)
    assert not checked.beats_random


def test_it_beats_random_only_where_it_beats_every_random_choice() -> None:
    def made(probability_hidden: float, *, towards_fake: bool = True) -> DeletionCheck:
        curve = HidingCurve(counts=np.array([0, 16]), shares=np.array([0.0, 1.0]), probabilities=np.array([0.9, 0.1]))
        return DeletionCheck(
            towards_fake=towards_fake,
            hidden=(A,),
            probability=0.6,
            probability_hidden=probability_hidden,
            random_probabilities=np.array([0.5, 0.6, 0.7]),
            curve=curve,
            random_curves=(curve,),
        )

    assert made(0.49).beats_random
    assert not made(0.5).beats_random
    assert not made(0.65).beats_random
    assert made(0.71, towards_fake=False).beats_random
    assert not made(0.69, towards_fake=False).beats_random
    assert made(0.71, towards_fake=False).effect == pytest.approx(0.11)
    assert made(0.4).random_effect == pytest.approx(0.0)


def test_only_what_pushes_to_the_side_of_the_probability_is_hidden() -> None:
    # 0.5 + 0.3 - 0.2 = 0.6: fake by a threshold of 0.5, and A pushes there; real by one of 0.7, and B pushes there
    fake, real = check(OPPOSITE_PATCHES, 0.5), check(OPPOSITE_PATCHES, 0.7)
    assert fake is not None and real is not None
    assert (fake.hidden, fake.towards_fake) == ((A,), True)
    assert fake.probability_hidden == pytest.approx(0.3)
    assert fake.effect == pytest.approx(0.3)
    assert (real.hidden, real.towards_fake) == ((B,), False)
    assert real.probability_hidden == pytest.approx(0.8)
    assert real.effect == pytest.approx(0.2)


def test_without_an_area_that_pushes_there_nothing_is_checked() -> None:
    assert check(CONSTANT) is None
    assert check(ONE_PATCH, threshold=0.95) is None  # on the side of real, to which nothing pushes


def test_the_curve_of_hiding_starts_at_the_face_and_ends_at_the_baseline() -> None:
    checked = check(ONE_PATCH)
    assert checked is not None
    curve = checked.curve
    assert curve.counts.tolist() == [0, 2, 3, 5, 6, 8, 10, 11, 13, 14, 16]
    assert curve.shares == pytest.approx(curve.counts / NUM_BLOCKS)
    assert curve.probabilities == pytest.approx([0.9] + [0.1] * 10)  # A is hidden first
    # falls from 0.9 to 0.1 over the first two of sixteen blocks, and stays
    assert curve.area == pytest.approx(0.1 + (0.8 / 2) * 2 / 16)


def test_the_curve_of_showing_is_that_of_a_face_that_comes_out_of_the_baseline() -> None:
    face = block_face(ONE_PATCH)
    order = order_of_hiding(explain(face, OCCLUSION), towards_fake=True)
    curve = hiding_curve(face, order, showing=True)
    assert curve.probabilities == pytest.approx([0.1] + [0.9] * 10)
    assert curve.area == pytest.approx(0.9 - (0.8 / 2) * 2 / 16)


def test_the_order_goes_from_one_side_to_the_other() -> None:
    explanation = explain(block_face(OPPOSITE_PATCHES), OCCLUSION)
    towards_fake = order_of_hiding(explanation, towards_fake=True)
    towards_real = order_of_hiding(explanation, towards_fake=False)
    assert (towards_fake[0], towards_fake[-1]) == (A, B)
    assert (towards_real[0], towards_real[-1]) == (B, A)


def test_a_large_segment_counts_for_the_pixels_that_it_has() -> None:
    segments = np.array([[0, 0, 0, 1]] * 4)
    crop = np.full((4, 4, 3), 100, np.uint8)
    face = PerturbedFace(crop, segments, np.zeros(crop.shape, np.float32), constant(0.5), side_px=4)
    assert hiding_curve(face, np.array([0, 1])).shares.tolist() == [0, 0.75, 1]
    assert hiding_curve(face, np.array([1, 0])).shares.tolist() == [0, 0.25, 1]
    assert hiding_curve(face, np.array([1, 0])).area == pytest.approx(0.5)


def test_random_orders_hold_every_segment_once_and_follow_their_seed() -> None:
    orders = random_orders(7, 5, seed=1)
    assert orders.shape == (5, 7)
    assert all(sorted(order) == list(range(7)) for order in orders.tolist())
    assert np.array_equal(orders, random_orders(7, 5, seed=1))
    assert not np.array_equal(orders, random_orders(7, 5, seed=2))
