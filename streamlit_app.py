"""The app: `streamlit run streamlit_app.py`."""

from deepfake.app.page import show_page

show_page()
