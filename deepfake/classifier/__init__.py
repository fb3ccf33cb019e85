"""The model: its layers, its card, its calibration, and crops in, probabilities out."""
