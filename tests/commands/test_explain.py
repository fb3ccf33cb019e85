"""`explain` as a person types it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepfake.__main__ import main
from deepfake.classifier.classifier import Scorer
from deepfake.commands import explain
from tests.fakes import constant, make_classifier, patch_brightness

LOWER_HALF = (slice(40, 64), slice(0, 64))
WithScorer = Callable[[Scorer], None]


@pytest.fixture
def with_scorer(monkeypatch: pytest.MonkeyPatch) -> WithScorer:
    def set_scorer(scorer: Scorer) -> None:
        monkeypatch.setattr(explain, "load_model_quietly", lambda _: make_classifier(scorer))

    return set_scorer


@pytest.fixture
def portrait_file(tmp_path: Path, astronaut_bytes: bytes) -> Path:
    path = tmp_path / "face.png"
    path.write_bytes(astronaut_bytes)
    return path


def explained(path: Path, *options: str) -> tuple[int, Path]:
    out = path.with_name("overlay.png")
    return main(["explain", str(path), "--out", str(out), *options]), out


def test_the_overlay_stands_beside_the_face_and_the_areas_are_named(
    with_scorer: WithScorer, portrait_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_scorer(patch_brightness(LOWER_HALF))
    code, out = explained(portrait_file)
    said = capsys.readouterr().out
    assert code == 0
    width, height = Image.open(out).size
    assert width == 2 * height
    first = next(line for line in said.splitlines() if line.startswith("1. "))
    assert any(part in first.split(":")[0] for part in ("mouth", "chin", "jawline", "left cheek", "right cheek"))
    assert "Fidelity (R2)" in said
    assert "two halves of the 400 variants" in said
    assert "not proof of tampering" in said


def test_hiding_the_leading_areas_is_set_against_hiding_random_ones(
    with_scorer: WithScorer, portrait_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_scorer(lambda crops: np.minimum(0.3 + patch_brightness(LOWER_HALF)(crops), 0.99))  # on the side of fake
    assert explained(portrait_file, "--baseline", "blur")[0] == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("As a test, hiding ")]
    before, after = (int(share) for share in re.findall(r"lowers (\d+) % to (\d+) %", line)[0])
    assert after < before
    assert "(on average over 20 tries)" in line


@pytest.mark.parametrize("segmentation", ["quickshift", "face-parts"])
@pytest.mark.parametrize("method", ["occlusion", "rise"])
def test_other_methods_and_segments_can_be_chosen(
    with_scorer: WithScorer, portrait_file: Path, segmentation: str, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with_scorer(patch_brightness(LOWER_HALF))
    code, out = explained(portrait_file, "--method", method, "--segmentation", segmentation)
    assert code == 0
    assert out.is_file()
    assert ("leaves nothing to chance" in capsys.readouterr().out) == (method == "occlusion")


def test_a_model_that_nothing_moves_is_said_to_be_so(
    with_scorer: WithScorer, portrait_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_scorer(constant(0.6))
    code, _ = explained(portrait_file)
    said = capsys.readouterr().out
    assert code == 0
    assert "No area of this face had any influence" in said
    assert "hiding" not in said


def test_a_map_that_would_mean_nothing_is_not_drawn(
    with_scorer: WithScorer, portrait_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    with_scorer(lambda crops: rng.random(len(crops)).astype(np.float32))
    code, out = explained(portrait_file)
    assert code == 1
    assert not out.exists()
    assert "Try more --samples" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--method", "magic"), "Expected one of lime, occlusion, rise"),
        (("--samples", "10"), "For 40 segments ask for 400 samples"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_before_the_picture_is_judged(
    portrait_file: Path, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = explained(portrait_file, *options)
    assert code == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_face_that_is_not_there_is_refused(
    with_scorer: WithScorer, portrait_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_scorer(constant(0.6))
    assert explained(portrait_file, "--face", "2")[0] == 1
    assert "between 1 and 1" in capsys.readouterr().err
