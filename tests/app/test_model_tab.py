"""The tabs "The model" and "How to read this": every number comes from the files beside the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from deepfake.classifier.card import ImportedFrom
from deepfake.evaluation.estimates import Estimate
from deepfake.evaluation.left_out import write_left_out
from deepfake.reports.wording import NOTHING_FIRM
from tests.app.conftest import OpenPage
from tests.app.driving import (
    add_model,
    add_to_evaluation,
    all_text,
    alternative_texts,
    choose,
    estimate,
    measured_set,
    write_evaluation,
    write_history,
)
from tests.fakes import make_card, make_clip_rules, make_left_out, make_left_out_row

SPLITS = {"train": {"real": 600, "fake": 590}, "valid": {"real": 1, "fake": 1}, "test": {"real": 122, "fake": 126}}


def show(page: AppTest, tab: str) -> AppTest:
    page.session_state["tab"] = tab
    page.run()
    assert not page.exception, [error.value for error in page.exception]
    return page


def tables(page: AppTest) -> str:
    return "\n".join(table.value.to_string() for table in page.table)


def rows_of(page: AppTest, column: str) -> list[dict[str, str]]:
    """The rows of the table that has such a column."""
    return next(table.value for table in page.table if column in table.value.columns).to_dict("records")


def unfold(page: AppTest, key: str) -> AppTest:
    page.session_state[key] = True
    page.run()
    assert not page.exception, [error.value for error in page.exception]
    return page


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


def test_several_models_are_compared_and_the_chosen_one_answers(open_page: OpenPage, models: Path) -> None:
    add_model(models, make_card(name="other", title="Another model", training_data={"140k": {}}))
    page = open_page()
    write_evaluation(models / "fixed")
    text = all_text(show(page, "The model"))
    assert [row["Model"] for row in rows_of(page, "Measured on")] == ["A fake scorer (answers now)", "Another model"]
    assert "their means do not compare" not in text
    by_set = {row["AUC on"]: row for row in rows_of(page, "AUC on")}
    assert by_set["140k (StyleGAN faces)"] == {
        "AUC on": "140k (StyleGAN faces)",
        "A fake scorer": "0.93 [0.91,\xa00.95] *",  # it never learned from it
        "Another model": NOTHING_FIRM,
    }
    write_evaluation(models / "other")
    add_to_evaluation(models / "other", sets={"140k": measured_set(models / "other")})
    page.selectbox(key="model").set_value("other").run()
    assert page.subheader[0].value == "Another model"
    assert "their means do not compare" in all_text(page)
    assert {row["AUC on"]: row["Another model"] for row in rows_of(page, "AUC on")} == {
        "140k (StyleGAN faces)": "0.93 [0.91,\xa00.95]",
        "CIPLAB (edited by hand)": NOTHING_FIRM,
    }


def test_nothing_is_claimed_of_what_an_imported_model_learned(open_page: OpenPage, models: Path) -> None:
    origin = ImportedFrom(file="theirs_[1](x).h5", sha256="ab" * 32, fake_is=0, pixels="unit")
    used = {"140k": {"splits": SPLITS, "terms": "Research only."}, "ciplab": {"splits": SPLITS}}
    card = make_card(
        name="fixed",
        imported=origin,
        training_data={},
        chosen_on=used,
        best_epoch=None,
        limits=("On ciplab it is new.",),
    )
    add_model(models, make_card(name="other", title="Another model", training_data={"140k": {}}))
    write_evaluation(models / "other")
    page = open_page(card=card)
    write_evaluation(models / "fixed")
    text = all_text(show(page, "The model"))
    assert "Not known. This model was trained elsewhere and imported from ` theirs_[1](x).h5 `" in text
    assert "Whether it learned from them elsewhere is not known" in text
    assert "**best on 140k (StyleGAN faces)**, from which it may have learned" in text
    assert "nothing is known of how that went" in text
    assert "On CIPLAB it is new." in text and "Research only." in text
    assert "did not learn from" not in text and "did not learn." not in text
    assert {row["Learned from it?"] for row in rows_of(page, "Learned from it?")} == {"not known"}
    assert [row["Learned from"] for row in rows_of(page, "Learned from")] == ["not known", "140k"]
    assert [row["A fake scorer"] for row in rows_of(page, "AUC on")] == [
        "0.93 [0.91,\xa00.95] ?", "0.71 [0.69,\xa00.73] ?",
    ]  # fmt: skip
    assert "A question mark: whether it did is not known" in text
    assert "600" not in tables(page)
    assert any("a set it may have learned from" in one for one in alternative_texts(page))
    assert not any("a set it never learned from" in one for one in alternative_texts(page))
    assert any('"fake_is": 0' in one.value for one in page.json)


def test_the_model_that_a_file_names_answers_first(open_page: OpenPage, models: Path) -> None:
    add_model(models, make_card(name="a-first-by-name", title="First by name"))
    (models / "default.txt").write_text("fixed\n", encoding="utf-8")
    page = open_page()
    assert page.selectbox(key="model").options == ["A fake scorer", "First by name"]
    assert page.selectbox(key="model").value == "fixed"


def test_models_of_the_same_title_are_told_apart_by_their_names(open_page: OpenPage, models: Path) -> None:
    add_model(models, make_card(name="again"))
    add_model(models, make_card(name="other", title="Another model"))
    page = open_page()
    assert page.selectbox(key="model").options == ["A fake scorer (again)", "A fake scorer (fixed)", "Another model"]


def test_a_broken_card_leaves_its_model_out_and_says_so(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    (models / "broken").mkdir()
    (models / "broken" / "card.json").write_text("{", encoding="utf-8")
    page.run()
    assert page.selectbox(key="model").options == ["A fake scorer"]
    assert "broken" in page.warning[0].value


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


def _add_clips(folder: Path) -> None:
    """23 real and 25 fake clips, with 50 real and 100 fake frames."""
    clip = measured_set(folder, unit="clip", num_real=23, num_fake=25, confusion=[[20, 3], [8, 17]])
    frame = measured_set(folder, unit="frame", num_real=50, num_fake=100, confusion=[[40, 10], [10, 90]])
    add_to_evaluation(folder, clips={"ffpp": {"use": "left out in turn", "frame": frame, "clip": clip}})


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
