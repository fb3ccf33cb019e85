"""Weights that were not trained here: read as plain numbers in a process of their own, put into layers of ours."""
