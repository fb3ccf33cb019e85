"""Charts on the page: drawn once a session and theme, each with its text for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.loading import load_libraries

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepfake.reports.figures import Palette

_CHARTS = "charts"
_WIDTH_PX = 520


def show_chart(key: str, draw: Callable[[Palette], Figure], *, alt: str) -> None:
    """Show a chart in the colors of the page.

    Args:
        key: Names the chart and the numbers in it.
        draw: Called only if the chart is not there yet.
        alt: What it shows, in a sentence with its main numbers.
    """
    is_dark = st.context.theme.type == "dark"
    drawn: dict[tuple[str, bool], str] = st.session_state.setdefault(_CHARTS, {})
    if (key, is_dark) not in drawn:
        load_libraries()
        from deepfake.reports.figures import DARK, LIGHT, to_svg

        drawn[key, is_dark] = to_svg(draw(DARK if is_dark else LIGHT))
    with st.container(width=_WIDTH_PX):
        st.image(drawn[key, is_dark], alt=alt, width="stretch")
