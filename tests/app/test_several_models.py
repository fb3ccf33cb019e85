"""Several models side by side, and which of them answers."""

from __future__ import annotations

from pathlib import Path

from deepfake.classifier.card import ImportedFrom
from deepfake.reports.wording import NOTHING_FIRM
from tests.app.conftest import OpenPage
from tests.app.driving import (
    SPLITS,
    add_model,
    add_to_evaluation,
    all_text,
    alternative_texts,
    measured_set,
    rows_of,
    show,
    tables,
    write_evaluation,
)
from tests.fakes import make_card


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
