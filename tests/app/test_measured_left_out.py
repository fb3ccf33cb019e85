"""Sister models that never saw a set, as the tab "The model" shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepfake.evaluation.estimates import Estimate
from deepfake.evaluation.left_out import write_left_out
from deepfake.reports.wording import NOTHING_FIRM
from tests.app.conftest import OpenPage
from tests.app.driving import (
    add_to_evaluation,
    all_text,
    alternative_texts,
    estimate,
    measured_set,
    rows_of,
    show,
    unfold,
    write_evaluation,
)
from tests.fakes import make_card, make_clip_rules, make_left_out, make_left_out_row


def test_without_left_out_measurements_nothing_is_said_of_sisters(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    assert "sister" not in all_text(show(page, "The model"))
    write_left_out(models / "fixed" / "left_out.json", make_left_out())
    assert "sister" not in all_text(show(page, "The model"))


def test_a_sister_that_never_saw_a_set_stands_beside_the_model_that_did(open_page: OpenPage, models: Path) -> None:
    page = open_page(card=make_card(name="fixed", training_data={"140k": {}, "ciplab": {}}))
    write_evaluation(models / "fixed", worst_auc=0.71)
    rows = (make_left_out_row(), make_left_out_row(set_name="dfdc-faces", auc=Estimate(**estimate(0.5, n=9))))
    write_left_out(models / "fixed" / "left_out.json", make_left_out(*rows))
    text = all_text(show(page, "The model"))
    assert "On a kind of pictures that it never saw" in text
    assert "measured on a sister model that never saw this set" in text
    assert "The sisters: the same recipe, 6 epochs." in text
    assert "` python measure_left_out.py `" in text
    assert "the worst result is 50 times in 100, on DFDC" in text
    ciplab, dfdc = rows_of(page, "Set left out")
    assert list(ciplab.values()) == [
        "CIPLAB (edited by hand)",
        "0.55 [0.50,\xa00.60]",
        "261 faces (test part)",
        "0.71 [0.69,\xa00.73]",
        "248 faces",
    ]
    assert list(dfdc.values())[3:] == [NOTHING_FIRM, NOTHING_FIRM]  # the model itself never learned from it
    chart = next(one for one in alternative_texts(page) if "sister" in one)
    assert "CIPLAB (this model, which learned from it): 0.71" in chart
    assert "CIPLAB (a sister that never saw this set): 0.55" in chart
    unfold(page, "sisters")
    sister = rows_of(page, "Sister without")[0]
    assert sister["Learned from"] == "6,000 faces"
    assert sister["Where it learned"] == "140k 0.80 [0.70,\xa00.90]"
    assert sister["False alarms"] == "LFW 7\xa0% [5,\xa09]"


def test_a_sister_tried_on_clips_is_compared_with_the_model_on_clips(open_page: OpenPage, models: Path) -> None:
    page = open_page(card=make_card(name="fixed", training_data={"ffpp": {}}, clips=make_clip_rules()))
    write_evaluation(models / "fixed")
    frame, clip = (
        measured_set(models / "fixed", unit=unit, metrics={"auc": estimate(auc, n=n)})
        for unit, auc, n in (("frame", 0.8, 300), ("clip", 0.9, 12))
    )
    add_to_evaluation(models / "fixed", clips={"ffpp, test split": {"use": "", "frame": frame, "clip": clip}})
    rows = [make_left_out_row(set_name="ffpp", level=level, sister=f"for each {level}") for level in ("frame", "clip")]
    write_left_out(models / "fixed" / "left_out.json", make_left_out(*rows))
    text = all_text(show(page, "The model"))
    frames, clips = rows_of(page, "Set left out")
    assert (frames["This model, which learned from it: AUC"], frames["On"]) == ("0.80 [0.78,\xa00.82]", "300 frames")
    assert (clips["This model, which learned from it: AUC"], clips["On"]) == ("0.90 [0.88,\xa00.92]", "12 clips")
    assert "The sister without FaceForensics++: for each clip." in text
    assert any("FaceForensics++, frames (a sister" in one for one in alternative_texts(page))


@pytest.mark.parametrize("data", ["{", '{"format_version": 1, "command": "", "rows": [{"set": "ciplab"}]}'])
def test_damaged_left_out_measurements_are_said_in_a_sentence(open_page: OpenPage, models: Path, data: str) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    (models / "fixed" / "left_out.json").write_text(data, encoding="utf-8")
    text = all_text(show(page, "The model"))
    assert "What its sisters were measured to do cannot be shown" in text
    assert "left_out.json" in text
    assert "How training went" in text
