"""The commands of `python -m deepfake`, one file each."""
