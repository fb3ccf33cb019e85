"""Large libraries, imported by one thread for all sessions.

Two threads that import libraries which share a third can wait for each other. Python breaks that off with an error
(`_DeadlockError`), and the page of whoever meets it stops in the middle.
"""

from __future__ import annotations

import streamlit as st


@st.cache_resource(show_spinner=False)  # which lets one session in, and has the others wait for it
def load_libraries() -> None:
    """Import what charts, tables and explanations need; whatever shows one of them calls this before."""
    import altair  # noqa: F401
    import pandas  # noqa: F401

    import deepfake.explain.explaining
    import deepfake.reports.figures  # noqa: F401
