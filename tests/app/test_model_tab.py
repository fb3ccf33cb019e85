"""The tabs "The model" and "How to read this": every number comes from the files beside the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.conftest import OpenPage
from tests.app.driving import (
    SPLITS,
    add_to_evaluation,
    all_text,
    alternative_texts,
    estimate,
    measured_set,
    rows_of,
    show,
    tables,
    unfold,
    write_evaluation,
    write_history,
)
from tests.fakes import make_card


def test_it_shows_counts_rates_and_the_kept_epoch(open_page: OpenPage, models: Path) -> None:
    card = make_card(name="fixed", best_epoch=1, training_data={"140k": {"splits": SPLITS, "terms": "Research only."}})
    page = open_page(card=card)
    write_evaluation(models / "fixed")
    write_history(models / "fixed")
    text = all_text(show(page, "The model"))
    assert "Real faces called manipulated: 12 of 122 (10\xa0%)" in text
    assert "When it says 80\xa0%, it is right 78 times in 100" in text
    assert "Epoch 2 of 3 was kept" in text
    assert "600" in tables(page)
    texts = alternative_texts(page)
    assert any("It was 0.780 at the kept epoch 2" in one for one in texts)
    assert len(texts) == 6  # AUC by set, confusion, reliability, and three training curves
    assert all(texts)


def test_loss_accuracy_and_auc_are_drawn_for_training_and_validation(open_page: OpenPage, models: Path) -> None:
    page = open_page(card=make_card(name="fixed", best_epoch=1))
    write_history(models / "fixed")
    text = all_text(show(page, "The model"))
    for name, ends in (("loss", "from 0.690 to 0.600"), ("accuracy", "from 0.560 to 0.630"), ("AUC", "0.610 to 0.770")):
        assert any(one.startswith(name) and ends in one for one in alternative_texts(page))
    assert "the one with the highest AUC in validation" in text
    assert "fine-tuning" not in text


def test_the_reason_why_an_epoch_was_kept_is_said_only_where_the_log_bears_it_out(
    open_page: OpenPage, models: Path
) -> None:
    page = open_page(card=make_card(name="fixed", best_epoch=2))
    write_history(models / "fixed")
    text = all_text(show(page, "The model"))
    assert "Epoch 3 of 3 was kept." in text


@pytest.mark.parametrize(("head_epochs", "is_said"), [(1, True), (0, False), (3, False)])
def test_the_two_phases_of_a_pretrained_network_are_told_apart(
    open_page: OpenPage, models: Path, head_epochs: int, is_said: bool
) -> None:
    page = open_page(card=make_card(name="fixed", recipe={"head_epochs": head_epochs}))
    write_history(models / "fixed")
    assert ("Up to epoch 1 only the last layers learned" in all_text(show(page, "The model"))) == is_said


def test_a_log_of_an_older_run_shows_the_curves_it_has(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    (models / "fixed" / "history.csv").write_text("epoch,loss,val_loss\n0,0.7,0.6\n", encoding="utf-8")
    show(page, "The model")
    assert [one.split()[0] for one in alternative_texts(page)] == ["loss"]


def test_the_classification_report_follows_from_the_counts(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")  # confusion [[110, 12], [26, 100]]
    text = all_text(show(page, "The model"))
    assert "210 of 248 (85\xa0%) were called what they are: the accuracy" in text
    real, fake, both = rows_of(page, "Precision")
    assert real == {
        "Truly": "Real faces",
        "Precision": "81\xa0%",  # 110 / 136
        "Recall": "90\xa0%",  # 110 / 122
        "F1": "85\xa0%",  # 220 / 258
        "Support": "122",
    }
    assert (fake["Precision"], fake["Recall"], fake["F1"], fake["Support"]) == ("89\xa0%", "79\xa0%", "84\xa0%", "126")
    assert (both["Precision"], both["Support"]) == ("85\xa0%", "248")


def test_curves_and_all_measurements_are_drawn_when_they_are_unfolded(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    folded = len(alternative_texts(show(page, "The model")))
    texts = alternative_texts(unfold(page, "curves-image"))
    assert len(texts) == folded + 2
    roc = next(one for one in texts if one.startswith("ROC"))
    assert "79\xa0% of the manipulated are found, and 10\xa0% of the real" in roc
    assert "guessing would have 51\xa0%" in next(one for one in texts if one.startswith("Precision-recall"))
    assert "AP (average precision)" in tables(unfold(page, "metrics-image"))


def test_sets_it_learned_from_come_first_and_real_faces_alone_are_counted_apart(
    open_page: OpenPage, models: Path
) -> None:
    data = {
        "140k": {"role": "left out"},
        "ciplab": {},
        "ffpp": {},
        "lfw": {"role": "false alarms only"},
        "utkface": {"role": "false alarms only"},
    }
    threshold = {"threshold": {"false_alarm_rate": {"lfw": 0.1}}}
    page = open_page(card=make_card(name="fixed", training_data=data, notes=threshold))
    write_evaluation(models / "fixed")
    sets = {name: measured_set(models / "fixed", name) for name in ("140k", "ciplab", "lfw")}
    add_to_evaluation(models / "fixed", sets=sets | {"ffpp": measured_set(models / "fixed")})
    text = all_text(show(page, "The model"))
    rows = rows_of(page, "Learned from it?")
    assert [row["Data set"].split(" (")[0] for row in rows] == [
        "CIPLAB",
        "FaceForensics++",
        "Mean of these; every set counts the same",
        "140k",
    ]
    assert [row["Learned from it?"] for row in rows][::3] == ["yes, from other files", "no, never"]
    assert rows[2]["AUC"] == "0.82 [0.80,\xa00.84]"
    assert "It did not learn from LFW: one half of these real faces set how careful it is" in text
    assert "Nothing was learned or chosen on 140k: only measured." in text
    [alarms] = rows_of(page, "Real faces alone")
    assert alarms["Called manipulated"] == "12 of 122 (10\xa0%)"
    assert alarms["Verdict “likely manipulated”"] == "10 of 122"
    assert "The other half of LFW set the threshold" in text
    chart = next(one for one in alternative_texts(page) if one.startswith("AUC with"))
    assert "CIPLAB (a set it learned from): 0.71" in chart
    assert "140k (a set it never learned from): 0.93" in chart


def test_false_alarms_of_groups_of_people_are_unfolded_where_a_set_tells_them(
    open_page: OpenPage, models: Path
) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    show(page, "The model")
    assert not any("group of people" in box.label for box in page.expander)
    by_group = {"age": {"0 to 12": estimate(0.2, n=30), "13 to 24": {**estimate(0), "value": None}}}
    add_to_evaluation(
        models / "fixed", sets={"lfw": measured_set(models / "fixed", "lfw", false_alarms_by_group=by_group)}
    )
    page.run()
    assert rows_of(unfold(page, "groups-image"), "Group") == [
        {"By": "age", "Group": "0 to 12", "Faces": "30", "Real called manipulated": "20\xa0% [18,\xa022]"}
    ]


def test_numbers_from_the_validation_part_say_that_they_are_too_good(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    assert "too good" not in all_text(show(page, "The model"))
    add_to_evaluation(models / "fixed", split="valid")
    text = all_text(show(page, "The model"))
    assert "**validation part**" in text
    assert "too good" in text


def test_the_card_in_plain_words_names_best_and_worst_set_and_what_it_cannot_do(
    open_page: OpenPage, models: Path
) -> None:
    card = make_card(name="fixed", training_data={"140k": {}, "ciplab": {}}, limits=("On ciplab it is weak.",))
    page = open_page(card=card)
    write_evaluation(models / "fixed", worst_auc=0.66)
    text = all_text(show(page, "The model"))
    assert "best on 140k (StyleGAN faces)**: of one manipulated and one real face" in text
    assert "93 times in 100 (guessing: 50)" in text
    assert "worst on CIPLAB (edited by hand)**: 66 times in 100." in text
    assert "On CIPLAB it is weak." in text  # the card calls the set by its name on disk


def test_faces_that_balancing_dropped_or_repeated_do_not_count_as_learned_from(open_page: OpenPage) -> None:
    data = {
        "140k": {"balance": {"before": {"real": 620, "fake": 629}, "after": {"real": 620, "fake": 620}}},
        "ciplab": {"balance": {"before": {"real": 581, "fake": 552}, "after": {"real": 581, "fake": 581}}},
        "mine": {},
    }
    page = show(open_page(card=make_card(name="fixed", training_data=data)), "The model")
    rows = rows_of(page, "What it shows")
    assert [(row["Real"], row["Manipulated"]) for row in rows[:2]] == [(620, 620), (581, 552)]
    assert rows[2]["Data set"] == "mine"


def test_faces_blended_in_training_are_owned_up_to(open_page: OpenPage) -> None:
    card = make_card(name="fixed", recipe={"self_blended": 0.5}, training_data={"140k": {"splits": SPLITS}})
    assert "50\xa0% of the manipulated ones were replaced" in all_text(show(open_page(card=card), "The model"))


def test_a_set_of_real_faces_alone_has_no_curve_and_no_miss(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    show(page, "The model")
    page.selectbox(key="set").set_value("lfw").run()
    assert not page.exception
    assert "holds real faces alone" in all_text(page)
    assert "Classification report" not in all_text(page)
    assert "ROC" not in "".join(box.label for box in page.expander)


@pytest.mark.parametrize("name", ["evaluation.json", "history.csv"])
def test_missing_and_broken_files_are_said_in_a_sentence(open_page: OpenPage, models: Path, name: str) -> None:
    page = open_page()
    assert f"({name})" in all_text(show(page, "The model")) or name in all_text(page)
    (models / "fixed" / name).write_text("epoch,auc\nseven,eight\n", encoding="utf-8")
    assert "cannot be shown" in all_text(show(page, "The model"))


def test_charts_are_drawn_once(open_page: OpenPage, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    show(page, "The model")
    monkeypatch.setattr("deepfake.reports.figures.to_svg", lambda figure: pytest.fail("drawn again"))
    show(page, "The model")


def test_how_to_read_this_names_the_worst_set(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed", worst_auc=0.71)
    text = all_text(show(page, "How to read this"))
    assert "Its worst test set is CIPLAB" in text
    assert "71 times in 100" in text
    assert "reverse image search" in text


def test_how_to_read_this_admits_a_model_without_measurements(open_page: OpenPage) -> None:
    assert "has not been measured" in all_text(show(open_page(), "How to read this"))
