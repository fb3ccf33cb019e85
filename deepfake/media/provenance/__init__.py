"""What a file says of itself: camera, software, content credentials, marks of AI. Its own word, not ours."""
