"""Tables on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from deepfake.app.loading import load_libraries

Cell = str | int | None


def show_rows(key: str, rows: Sequence[Mapping[str, Cell]]) -> None:
    """Show rows whose columns are named alike.

    Args:
        key: Names the table.
        rows: At least one; cells by the words above their columns.
    """
    load_libraries()
    with st.container(key=key):
        st.table({name: [row[name] for row in rows] for name in rows[0]}, hide_index=True, border="horizontal")
