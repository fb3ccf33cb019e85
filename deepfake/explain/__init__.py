"""Which areas of a face a probability rests on."""
