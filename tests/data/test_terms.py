"""Under which terms a set may be used, however it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepfake.data.layouts import Dataset
from deepfake.data.terms import OWN_PICTURES, TERMS, terms_of


def made_up(name: str, layout: str) -> Dataset:
    return Dataset(name=name, layout=layout, root=Path("nowhere"), samples=())


@pytest.mark.parametrize("name", ["ffpp", "celeb-df-v2", "dfdc-clips"])
def test_crops_of_clips_have_the_terms_of_their_clips(name: str) -> None:
    assert terms_of(made_up(name, "clip-crops")) == TERMS[name]


def test_a_set_of_pictures_has_those_of_its_layout_whatever_it_is_called(tmp_path: Path) -> None:
    assert terms_of(made_up("ffpp", "140k")) == TERMS["140k"]
    assert terms_of(made_up("ffpp", "folders")) == OWN_PICTURES


def test_a_person_s_own_clips_have_unknown_terms() -> None:
    assert terms_of(made_up("holiday", "clip-crops")) == OWN_PICTURES
