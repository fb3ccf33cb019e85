"""The page: views of what the rest of the package found. Streamlit is imported here and nowhere below."""
