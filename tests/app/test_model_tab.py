"""The tabs "The model" and "How to read this": every number comes from the files beside the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import OpenPage
from tests.app.driving import add_model, all_text, alternative_texts, write_evaluation, write_history
from tests.fakes import make_card, make_clip_rules

SPLITS = {"train": {"real": 600, "fake": 590}, "valid": {"real": 1, "fake": 1}, "test": {"real": 122, "fake": 126}}


def show(page: AppTest, tab: str) -> AppTest:
    page.session_state["tab"] = tab
    page.run()
    assert not page.exception, [error.value for error in page.exception]
    return page


def tables(page: AppTest) -> str:
    return "\n".join(table.value.to_string() for table in page.table)


def test_it_shows_counts_rates_and_the_kept_epoch(open_page: OpenPage, models: Path) -> None:
    card = make_card(name="fixed", best_epoch=1, training_data={"140k": {"splits": SPLITS, "terms": "Research only."}})
    page = open_page(card=card)
    write_evaluation(models / "fixed")
    write_history(models / "fixed")
    text = all_text(show(page, "The model"))
    assert "Real faces called manipulated: 12 of 122 (10\xa0%)" in text
    assert "When it says 80\xa0%, it is right 78 times in 100" in text
    assert "Epoch 2 of 3 was kept" in text
    assert "diffusion" in text
    assert "600" in tables(page)
    texts = alternative_texts(page)
    assert any("It was 0.780 at the kept epoch 2" in one for one in texts)
    assert len(texts) == 5  # AUC by set, confusion, reliability, and two training curves
    assert all(texts)


def test_a_set_of_real_faces_alone_has_no_curve_and_no_miss(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    show(page, "The model")
    page.selectbox(key="set").set_value("lfw").run()
    assert not page.exception
    assert "holds real faces alone" in all_text(page)
    assert "ROC" not in "".join(box.label for box in page.expander)


@pytest.mark.parametrize("name", ["evaluation.json", "history.csv"])
def test_missing_and_broken_files_are_said_in_a_sentence(open_page: OpenPage, models: Path, name: str) -> None:
    page = open_page()
    assert f"({name})" in all_text(show(page, "The model")) or name in all_text(page)
    (models / "fixed" / name).write_text("epoch,auc\nseven,eight\n", encoding="utf-8")
    assert "cannot be shown" in all_text(show(page, "The model"))


def test_several_models_are_compared_and_the_chosen_one_answers(open_page: OpenPage, models: Path) -> None:
    add_model(models, make_card(name="other", title="Another model"))
    page = open_page()
    write_evaluation(models / "fixed")
    show(page, "The model")
    assert "Another model" in tables(page)
    assert "0.82 [0.80,\xa00.84]" in tables(page)
    page.selectbox(key="model").set_value("other").run()
    assert page.subheader[0].value == "Another model"


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
    path = models / "fixed" / "evaluation.json"
    evaluation = json.loads(path.read_text(encoding="utf-8"))
    measured = {**evaluation["sets"]["140k"], "num_real": 26, "num_fake": 59}
    evaluation["clips"] = {"ffpp": {"use": "left out in turn", "frame": measured, "clip": measured}}
    path.write_text(json.dumps(evaluation), encoding="utf-8")
    text = all_text(show(page, "The model"))
    assert "26 real, 59 manipulated" in tables(page)
    assert "FaceForensics++" in tables(page)
    assert "it calls every clip inconclusive" in text


def test_a_model_never_measured_on_clips_says_so(open_page: OpenPage, models: Path) -> None:
    page = open_page()
    write_evaluation(models / "fixed")
    assert "answers on clips have not been measured" in all_text(show(page, "The model"))


def test_a_model_measured_on_clips_alone_is_no_broken_one(open_page: OpenPage, models: Path) -> None:
    page = open_page(card=make_card(name="fixed", clips=make_clip_rules()))
    only_clips = {"format_version": 1, "split": "none", "threshold": 0.5, "sets": {}, "clips": {}}
    (models / "fixed" / "evaluation.json").write_text(json.dumps(only_clips), encoding="utf-8")
    assert "measurements of this model cannot be shown" not in all_text(show(page, "The model"))
