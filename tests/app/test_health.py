"""The page says at its top what is wrong with the installation."""

from __future__ import annotations

import pytest

from deepfake.doctor.findings import fault, fine
from tests.app.conftest import OpenPage
from tests.fakes import constant, make_card


@pytest.fixture(autouse=True)
def enough_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever machine the tests run on."""
    monkeypatch.setattr("deepfake.app.health.check_memory", lambda free: fine("Enough."))


def test_a_sound_installation_is_not_mentioned(open_page: OpenPage) -> None:
    page = open_page(constant(0.9), make_card(name="fixed", portrait_probability=0.9))
    assert [error.value for error in page.error] == []


def test_a_model_that_judges_the_self_test_picture_otherwise_is_said(open_page: OpenPage) -> None:
    page = open_page(constant(0.9), make_card(name="fixed", portrait_probability=0.2))
    (error,) = page.error
    assert "gave a probability of 0.9000 to the self-test picture" in error.value
    assert "cannot be trusted here" in error.value


def test_a_missing_library_is_said(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepfake.app.health.check_libraries", lambda: [fault("scipy is not installed.")])
    (error,) = open_page().error
    assert "scipy is not installed." in error.value
