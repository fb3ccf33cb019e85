"""Clips measured frame by frame and as wholes; scores are made so that the answers can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepfake.classifier.card import Card
from deepfake.data.clip_layouts import read_clip_set
from deepfake.evaluation.clips import evaluate_clips, judge_clips
from deepfake.media.images import RGBImage
from deepfake.training.clip_point import ClipScores
from tests.clips import encode_clip, moving, portrait
from tests.fakes import constant, make_card, make_classifier, make_clip_rules

RULES = make_clip_rules(min_frames=3)


def card() -> Card:
    return make_card(clips=RULES)


def clip(name: str, label: int, *people: list[float], source: str | None = None) -> ClipScores:
    scores = tuple(np.array(one) for one in people)
    frames = scores[0] if scores else np.zeros(0)
    return ClipScores(name=name, label=label, source=source or name, people=scores, frames=frames)


def test_frames_and_clips_stand_side_by_side() -> None:
    # frame by frame one real frame is more suspicious than a fake one; pooled, both clips are on their side
    clips = [clip("a", 0, [0.1, 0.1, 0.7]), clip("b", 1, [0.6, 0.9, 0.9])]
    result = evaluate_clips(clips, card())
    assert result["frame"]["unit"] == "frame" and result["clip"]["unit"] == "clip"
    assert result["frame"]["metrics"]["auc"]["value"] == pytest.approx(8 / 9)
    assert result["clip"]["metrics"]["auc"]["value"] == 1.0
    assert (result["frame"]["num_real"], result["clip"]["num_real"]) == (3, 1)


def test_a_clip_is_as_suspicious_as_its_most_suspicious_person() -> None:
    clips = [clip("a", 0, [0.3] * 3), clip("b", 1, [0.1] * 3, [0.95] * 3)]
    result = evaluate_clips(clips, card())
    assert result["clip"]["mean_probability"] == pytest.approx({"real": 0.3, "fake": 0.95})
    assert result["clip"]["confusion"] == [[1, 0], [0, 1]]


def test_clips_in_which_nobody_was_judged_are_counted_beside_the_metrics() -> None:
    result = evaluate_clips([clip("a", 0, [0.3]), clip("b", 1, [0.9]), clip("c", 1)], card())
    assert (result["num_clips"], result["num_without_person"]) == (3, 1)
    assert result["clip"]["num_fake"] == 1
    nobody = {"num_clips": 1, "num_unreadable": 0, "num_without_person": 1}
    assert evaluate_clips([clip("c", 1)], card()) == nobody


def test_left_out_probabilities_decide_verdicts_and_the_scores_the_order() -> None:
    # clips of different folds have different calibrations: their probabilities cannot be ranked
    clips = [clip("a", 0, [0.3]), clip("b", 1, [0.9])]
    result = evaluate_clips(clips, card(), probabilities=np.array([0.6, 0.55]))
    assert result["clip"]["metrics"]["auc"]["value"] == 1.0
    assert result["clip"]["confusion"] == [[0, 1], [0, 1]]


def test_of_several_people_it_takes_more_as_in_the_app() -> None:
    strict = replace(card(), rules=replace(card().rules, logit_shift_per_log_face=1.0))
    # logit(0.83) is 1.586; less ln 3 it is 0.487, below that of band_high 0.8, which is 1.386
    clips = [clip("a", 0, [0.1]), clip("b", 1, [0.83], [0.1], [0.1])]
    result = evaluate_clips(clips, strict)
    assert result["clip"]["firm"]["verdicts"]["fake"] == {"real": 0, "uncertain": 1, "fake": 0}


def test_a_handful_of_sources_has_no_interval() -> None:
    few = evaluate_clips([clip("a", 0, [0.3]), clip("b", 1, [0.9])], card())
    assert few["clip"]["metrics"]["auc"] == {"value": 1.0, "low": None, "high": None, "n": 2}
    many = [clip(f"{n}", n % 2, [0.3 + 0.04 * n]) for n in range(12)]
    assert evaluate_clips(many, card())["clip"]["metrics"]["auc"]["low"] is not None


def test_without_clip_rules_only_frames_are_measured() -> None:
    result = evaluate_clips([clip("a", 0, [0.3]), clip("b", 1, [0.9])], make_card())
    assert "frame" in result and "clip" not in result


def test_pairs_of_people_are_resampled_together() -> None:
    clips = [clip(f"{n}{label}", label, [0.3 + 0.4 * label], source=str(n)) for n in range(6) for label in (0, 1)]
    assert evaluate_clips(clips, card())["clip"]["num_sources"] == 6


def test_clips_on_disk_are_judged_and_a_broken_one_has_nobody(tmp_path: Path, astronaut_pixels: RGBImage) -> None:
    face = portrait(astronaut_pixels)
    two = np.full((240, 480, 3), 110, np.uint8)
    two[20:220, 10:210] = face
    two[60:160, 300:400] = face[::2, ::2]
    for folder in ("real", "fake"):
        (tmp_path / "set" / folder).mkdir(parents=True)
    (tmp_path / "set" / "real" / "one.mp4").write_bytes(encode_clip(moving(face, num_frames=12), fps=10))
    (tmp_path / "set" / "fake" / "two.mp4").write_bytes(encode_clip([two] * 12, fps=10))
    (tmp_path / "set" / "fake" / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    dataset = read_clip_set(tmp_path / "set")
    judged = {one.name: one for one in judge_clips(dataset, dataset.clips, make_classifier(constant(0.7), clips=RULES))}
    assert judged["fake/broken.mp4"].people == ()
    assert "damaged" in judged["fake/broken.mp4"].problem
    assert len(judged["real/one.mp4"].people) == 1
    assert judged["real/one.mp4"].frames == pytest.approx([0.7] * 4)
    # of the fake clip only the larger person is known to be altered
    assert len(judged["fake/two.mp4"].frames) == len(judged["fake/two.mp4"].people[0])
