"""Numbers in, pictures and files out."""
