"""The Kaggle set that `train.py` learns from by default, fetched by kagglehub."""

from __future__ import annotations

from pathlib import Path

from deepfake.errors import DownloadError

KAGGLE_140K = "xhlulu/140k-real-and-fake-faces"


def download_140k() -> Path:
    """Download Kaggle's 140k real and fake faces (about 4 GB), or find it where it was downloaded before.

    kagglehub shows its own progress bar and keeps the files in its own cache.

    Returns:
        The folder that holds the set.

    Raises:
        DownloadError: No network, no room, or Kaggle refused; the message says how to go on by hand.
    """
    try:
        import kagglehub

        return Path(kagglehub.dataset_download(KAGGLE_140K))
    except Exception as error:
        raise DownloadError(
            f"The data set {KAGGLE_140K} could not be downloaded ({type(error).__name__}). Expected a connection to "
            f"Kaggle. To go on without one: download https://www.kaggle.com/datasets/{KAGGLE_140K} on another "
            "machine, unzip it into a folder, say data/140k, so that data/140k/real_vs_fake/real-vs-fake/train/ "
            "exists, and type: python train.py --data data/140k"
        ) from error
