"""From crops to weights and a card."""
