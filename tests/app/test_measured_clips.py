"""What a model was measured to do on clips, as the tab "The model" shows it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.conftest import OpenPage
from tests.app.driving import (
    add_to_evaluation,
    all_text,
    choose,
    measured_set,
    rows_of,
    show,
    unfold,
    write_evaluation,
)
from tests.fakes import make_card, make_clip_rules


def _add_clips(folder: Path) -> None:
    """23 real and 25 fake clips, with 50 real and 100 fake frames."""
    clip = measured_set(folder, unit="clip", num_real=23, num_fake=25, confusion=[[20, 3], [8, 17]])
    frame = measured_set(folder, unit="frame", num_real=50, num_fake=100, confusion=[[40, 10], [10, 90]])
    add_to_evaluation(folder, clips={"ffpp": {"use": "left out in turn", "frame": frame, "clip": clip}})


def test_results_on_clips_are_shown_and_what_they_mean_for_verdicts(open_page: OpenPage, models: Path) -> None:
    never_firm = make_clip_rules(band_low=0.0, band_high=1.0)
    page = open_page(card=make_card(name="fixed", clips=never_firm))
    write_evaluation(models / "fixed")
    _add_clips(models / "fixed")
    text = all_text(show(page, "The model"))
    [row] = rows_of(page, "Clips")
    assert row["Clips"] == "FaceForensics++ (face swaps in video)"
    assert (row["Real called manipulated"], row["Manipulated found"]) == ("3 of 23", "17 of 25")
    assert row["Learned from it?"] == "no, never"
    assert "it calls every clip inconclusive" in text


def test_a_set_of_clips_has_its_own_confusion_matrix_and_report(open_page: OpenPage, models: Path) -> None:
    page = open_page(card=make_card(name="fixed", clips=make_clip_rules(threshold=0.55)))
    write_evaluation(models / "fixed")
    _add_clips(models / "fixed")
    show(page, "The model")
    text = all_text(unfold(page, "clip-detail"))
    assert "Real clips called manipulated: 3 of 23 (13\xa0%)" in text
    assert "counted at the threshold 0.55" in text
    assert "37 of 48 (77\xa0%) were called what they are" in text
    choose(page, "Counted", "Frames one by one")
    assert "Manipulated frames called manipulated: 90 of 100 (90\xa0%)" in all_text(page)


def test_a_set_of_clips_in_which_nobody_could_be_judged_breaks_nothing(open_page: OpenPage, models: Path) -> None:
    page = open_page(card=make_card(name="fixed", clips=make_clip_rules()))
    write_evaluation(models / "fixed")
    add_to_evaluation(models / "fixed", clips={"ffpp": {"use": "", "num_clips": 3, "num_without_person": 3}})
    assert "answers on clips have not been measured" in all_text(show(page, "The model"))


def test_a_model_never_measured_on_clips_says_so(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    assert "answers on clips have not been measured" in all_text(show(page, "The model"))


def test_a_model_measured_on_clips_alone_is_no_broken_one(open_page: OpenPage, models: Path) -> None:
    page = open_page(card=make_card(name="fixed", clips=make_clip_rules()))
    only_clips = {"format_version": 1, "split": "none", "threshold": 0.5, "sets": {}, "clips": {}}
    (models / "fixed" / "evaluation.json").write_text(json.dumps(only_clips), encoding="utf-8")
    assert "measurements of this model cannot be shown" not in all_text(show(page, "The model"))


def test_a_set_on_which_clip_rules_were_chosen_is_not_said_to_be_untouched(open_page: OpenPage) -> None:
    data = {"ffpp": {"role": "left out"}, "celeb-df-v2": {"role": "left out"}}
    rules = make_clip_rules(note={"chosen_on": {"ffpp": {"real": 21, "fake": 52}}})
    text = all_text(show(open_page(card=make_card(name="clips", training_data=data, clips=rules)), "The model"))
    assert "It did not learn from FaceForensics++: the limits for verdicts on clips were chosen there" in text
    assert "Nothing was learned or chosen on Celeb-DF: only measured." in text
