"""Reports that several tests look at; making one takes a moment."""

from __future__ import annotations

import pytest

from deepfake.media.images import RGBImage
from deepfake.reports.report import Report
from tests.reports.made_reports import SAYS, clip, file_with_a_face, file_without_a_face, refused, report_on


@pytest.fixture(scope="session")
def single(astronaut_pixels: RGBImage) -> Report:
    """On one picture, with all its evidence."""
    return report_on(file_with_a_face(astronaut_pixels, provenance=SAYS))


@pytest.fixture(scope="session")
def batch(single: Report, astronaut_pixels: RGBImage, rocket_pixels: RGBImage) -> Report:
    """On a picture, one without a face, a refused file and a clip."""
    return report_on(*single.files, file_without_a_face(rocket_pixels), refused(), clip(astronaut_pixels))
