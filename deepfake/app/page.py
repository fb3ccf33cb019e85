"""The whole page, from top to bottom. What takes long comes last, when everything else is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from deepfake.app.guide_tab import show_guide_tab
from deepfake.app.health import show_faults
from deepfake.app.inputs import receive_in_memory
from deepfake.app.inspect_tab import show_inspect_tab
from deepfake.app.model_tab import show_model_tab
from deepfake.app.models import choose_model, readable_cards, warm_up
from deepfake.app.options import choose_options
from deepfake.app.wording import literal
from deepfake.errors import DeepfakeError

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDEBAR_PX = 340  # a model's title fits
TABS = ("Inspect", "The model", "How to read this")


def _icon() -> Image:
    """A face in a frame. Streamlit's own icons would be fetched from a server on the internet."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGBA", (64, 64))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, 56, 56), fill="#0072B2")
    for x in (24, 40):
        draw.ellipse((x - 4, 24, x + 4, 32), fill="white")
    draw.arc((20, 24, 44, 46), 20, 160, fill="white", width=4)
    return picture


def show_page() -> None:
    """Draw the page once; Streamlit calls this again after each click."""
    st.set_page_config(page_title="Deepfake check", page_icon=_icon(), layout="wide", initial_sidebar_state=_SIDEBAR_PX)
    receive_in_memory()
    st.title("Is this face manipulated?", anchor=False)
    faults = st.container()
    cards, broken = readable_cards()
    with st.sidebar:
        st.header("Settings", anchor=False)
        card = choose_model(cards) if cards else None
        options = choose_options()
        for name, error in broken.items():
            st.warning(f"The model {literal(name)} is left out: {literal(str(error))}")
    inspect_tab, model_tab, guide_tab = st.tabs(TABS, key="tab", on_change="rerun")
    with guide_tab:
        if guide_tab.open:
            show_guide_tab(card)
    with model_tab:
        if model_tab.open and card is not None:
            show_model_tab(card, cards)
    with inspect_tab:
        if card is None:
            st.error("There is no trained model. Make one with `python train.py`, or restore the folder `models/`.")
            return
        try:
            for make_explanation in show_inspect_tab(card, options):
                make_explanation()
            warm_up(card)
            show_faults(faults, card)
        except DeepfakeError as error:
            st.error(f"The model cannot be used. {literal(str(error))}")
