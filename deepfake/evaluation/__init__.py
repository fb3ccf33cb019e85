"""How good a model is, per set, with intervals."""
