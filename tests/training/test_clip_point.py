"""How clips are judged is chosen by leaving people out; the clips here are made so that the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from deepfake.errors import EmptyDatasetError
from deepfake.training.clip_point import ClipScores, choose_clip_rules


def make_clips(
    *, gap: float, num_sources: int = 30, num_frames: int = 20, noise: float = 1.0, seed: int = 0
) -> list[ClipScores]:
    """A real and a fake clip a source; logits of real frames lie around 0, those of fakes `gap` higher."""
    rng = np.random.default_rng(seed)
    clips = []
    for source in range(num_sources):
        for label in (0, 1):
            logits = gap * label + rng.normal(0, noise) + rng.normal(0, 1, num_frames)
            scores = expit(logits)
            clips.append(
                ClipScores(name=f"{source}-{label}", label=label, source=str(source), people=(scores,), frames=scores)
            )
    return clips


def test_clips_that_are_easy_to_tell_get_firm_verdicts() -> None:
    rules, probabilities = choose_clip_rules({"toy": make_clips(gap=6)}, seed=0)
    assert rules.is_ever_firm
    assert rules.note["unmet"] == []
    labels = np.array([clip.label for clip in make_clips(gap=6)])
    assert probabilities["toy"][labels == 1].min() > probabilities["toy"][labels == 0].max()
    assert 0.5 <= rules.threshold <= rules.band_high < 1


def test_clips_that_cannot_be_told_apart_get_no_firm_verdict() -> None:
    rules, probabilities = choose_clip_rules({"toy": make_clips(gap=0)}, seed=0)
    assert not rules.is_ever_firm
    assert rules.note["unmet"] == ["toy"]
    assert np.abs(probabilities["toy"] - 0.5).max() < 0.25


def test_the_simplest_pooling_is_taken_where_none_is_better() -> None:
    rules, _ = choose_clip_rules({"toy": make_clips(gap=3)}, seed=0)
    assert rules.pooling == "mean"


def test_pooling_by_the_most_suspicious_frames_is_taken_where_only_few_frames_show_it() -> None:
    rng = np.random.default_rng(0)
    clips = []
    for source in range(40):
        for label in (0, 1):
            # a fake shows in 8 of 24 frames; the level of the rest differs wildly from person to person but is capped
            rest = -4 + rng.normal(0, 3) + rng.normal(0, 0.1, 24)
            logits = np.minimum(rest, 0.0)
            if label:
                logits[:8] = 1.5 + rng.normal(0, 0.1, 8)
            scores = expit(logits)
            clips.append(
                ClipScores(name=f"{source}{label}", label=label, source=str(source), people=(scores,), frames=scores)
            )
    rules, _ = choose_clip_rules({"toy": clips}, seed=0)
    assert rules.pooling == "top_third_mean"


def test_the_most_suspicious_person_speaks_for_the_clip() -> None:
    low, high = np.full(5, 0.1), np.full(5, 0.7)
    clip = ClipScores(name="a", label=1, source="a", people=(low, high), frames=high)
    assert clip.pooled("mean") == pytest.approx(0.7)


def test_clips_without_anyone_to_judge_are_passed_over() -> None:
    clips = make_clips(gap=5)
    empty = ClipScores(name="empty", label=1, source="x", people=(), frames=np.zeros(0))
    _, probabilities = choose_clip_rules({"toy": [*clips, empty]}, seed=0)
    assert len(probabilities["toy"]) == len(clips)


def test_no_clip_is_judged_by_a_calibration_that_saw_its_people() -> None:
    # one source of ten is labelled against all others; its own clips must not pull the calibration that judges them
    clips = make_clips(gap=4, num_sources=10, noise=0.1)
    wrong = [
        ClipScores(name=clip.name, label=1 - clip.label, source=clip.source, people=clip.people, frames=clip.frames)
        if clip.source == "0"
        else clip
        for clip in clips
    ]
    rules, probabilities = choose_clip_rules({"toy": wrong}, seed=0)
    of_wrong = probabilities["toy"][[index for index, clip in enumerate(wrong) if clip.source == "0"]]
    fitted = rules.calibration.apply([clip.pooled(rules.pooling) for clip in wrong if clip.source == "0"])
    truth = np.array([clip.label for clip in wrong if clip.source == "0"])
    assert np.abs(truth - of_wrong).mean() > np.abs(truth - fitted).mean() + 0.02


@pytest.mark.parametrize(("num_sources", "keep"), [(4, (0, 1)), (30, (0,)), (30, (1,))])
def test_too_few_people_or_a_missing_class_is_refused(num_sources: int, keep: tuple[int, ...]) -> None:
    clips = [clip for clip in make_clips(gap=3, num_sources=num_sources) if clip.label in keep]
    with pytest.raises(EmptyDatasetError, match="10 sources"):
        choose_clip_rules({"toy": clips}, seed=0)


def test_the_same_seed_gives_the_same_rules() -> None:
    clips = {"toy": make_clips(gap=2)}
    assert choose_clip_rules(clips, seed=3)[0] == choose_clip_rules(clips, seed=3)[0]
