"""What the page says, without a page."""

from __future__ import annotations

import pytest

from deepfake.app.markup import verdict_card, weight_scale
from deepfake.app.options import ExplanationOptions
from deepfake.app.wording import confidence_of, confidence_words, explaining_sentences, headline, literal
from deepfake.explain.base import ExplanationSettings
from deepfake.verdicts import Verdict


def test_confidence_is_that_of_the_stated_verdict() -> None:
    assert confidence_of(Verdict(verdict="fake", probability=0.9, reasons=())) == 0.9
    assert confidence_of(Verdict(verdict="real", probability=0.1, reasons=())) == 0.9
    assert confidence_of(Verdict(verdict="uncertain", probability=0.9, reasons=())) is None
    assert confidence_of(Verdict(verdict="no_face", probability=None, reasons=())) is None


def test_nothing_is_said_of_a_confidence_where_nothing_was_judged() -> None:
    assert confidence_words(Verdict(verdict="uncertain", probability=None, reasons=("Too small.",))) == ""


def test_the_confidence_of_a_group_says_whose_it_is() -> None:
    verdict = Verdict(verdict="fake", probability=0.9, reasons=("1 of 2 faces looks manipulated.",))
    assert confidence_words(verdict, num_faces=2).endswith("for the most suspicious face")


def test_a_headline_is_not_repeated_below_itself() -> None:
    verdict = Verdict(verdict="fake", probability=0.9, reasons=("1 of 12 faces looks manipulated.", "Signs."))
    assert headline(verdict, 12) == "1 of 12 faces looks manipulated"
    assert explaining_sentences(verdict, 12) == ["Signs."]


@pytest.mark.parametrize("name", ["a.png", "`", "``x`", ":red[x]", "$x$", "line\nbreak", ""])
def test_a_name_stays_within_its_code_span(name: str) -> None:
    span = literal(name)
    fence = span[: len(span) - len(span.lstrip("`"))]
    assert span.endswith(fence)
    assert fence not in span[len(fence) : -len(fence)]
    assert "\n" not in span


def test_html_from_outside_is_escaped() -> None:
    card = verdict_card("fake", "<b>", confidence="<i>", hint='"><script>', sentences=["<u>"], judged_by="<s>")
    assert not any(tag in card for tag in ("<b>", "<i>", "<u>", "<s>", "<script>"))


def test_the_scale_says_what_full_color_means() -> None:
    assert "12 percentage points" in weight_scale(0.12)
    assert "less than 1 percentage point" in weight_scale(0.001)


def test_options_start_where_the_explainer_does() -> None:
    options, settings = ExplanationOptions(), ExplanationSettings()
    assert (options.num_segments, options.num_samples, options.seed) == (
        settings.num_segments,
        settings.num_samples,
        settings.seed,
    )


def test_more_thorough_ends_somewhere() -> None:
    options = ExplanationOptions(num_samples=1600)
    more = options.more_thorough()
    assert more is not None
    assert more.num_samples == 4000
    assert more.more_thorough() is None
