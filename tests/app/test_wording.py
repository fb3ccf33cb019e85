"""What the page says, without a page."""

from __future__ import annotations

import pytest

from deepfake.app.markup import verdict_card, weight_scale
from deepfake.app.options import ExplanationOptions
from deepfake.app.wording import literal
from deepfake.explain.base import ExplanationSettings


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
