"""Whether an installation is whole, in sentences."""
