from __future__ import annotations

import doctest
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import deepfake
import deepfake.api
from deepfake import check_clip, check_image, load_model
from deepfake.analysis import analyze_image
from deepfake.classifier.classifier import Classifier
from deepfake.errors import FileAccessError, ModelNotFoundError, UnreadableClipError, UnreadableImageError
from deepfake.media.images import RGBImage
from tests.clips import encode_clip, moving, portrait
from tests.fakes import make_classifier

REPO = Path(__file__).resolve().parents[1]
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture
def portrait_folder(tmp_path: Path, astronaut_bytes: bytes, astronaut_pixels: RGBImage, monkeypatch) -> Path:
    """The working directory that the examples speak of."""
    (tmp_path / "portrait.png").write_bytes(astronaut_bytes)
    (tmp_path / "clip.mp4").write_bytes(encode_clip(moving(portrait(astronaut_pixels), num_frames=20), fps=10))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_of_the_page_are_true(portrait_folder: Path) -> None:
    output = io.StringIO()
    page = str(REPO / "docs" / "python.md")
    runner = doctest.DocTestRunner(optionflags=_FLAGS, verbose=False)
    text = Path(page).read_text(encoding="utf-8").replace("\n```", "\n\n```")  # a fence is no expected output
    examples = doctest.DocTestParser().get_doctest(text, {}, "python.md", page, 0)
    assert len(examples.examples) > 20
    runner.run(examples, out=output.write)
    assert runner.summarize(verbose=False).failed == 0, output.getvalue()


def test_the_examples_of_the_module_are_true(portrait_folder: Path) -> None:
    results = doctest.testmod(deepfake.api, optionflags=_FLAGS)
    assert results.attempted >= 4 and results.failed == 0


def test_a_picture_has_the_same_numbers_as_path_bytes_or_pixels(
    portrait_folder: Path, astronaut_bytes: bytes, astronaut_pixels: RGBImage
) -> None:
    model = make_classifier()
    known = analyze_image(astronaut_bytes, model).verdict
    for picture in (portrait_folder / "portrait.png", "portrait.png", astronaut_bytes, astronaut_pixels):
        assert check_image(picture, model).verdict == known


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
    ids=["gray", "four channels", "floats", "empty"],
)
def test_pixels_of_another_kind_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(UnreadableImageError, match=r"Expected RGB pixels of shape \(height, width, 3\), uint8"):
        check_image(pixels, make_classifier())


def test_a_clip_is_judged_from_its_path_and_a_picture_is_no_clip(portrait_folder: Path) -> None:
    model = make_classifier()
    analysis = check_clip("clip.mp4", model, frames_per_second=5)
    assert analysis.kind == "clip" and len(analysis.people) == 1
    with pytest.raises(UnreadableClipError):
        check_clip("portrait.png", model)
    with pytest.raises(UnreadableImageError):
        check_image("clip.mp4", model)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FileAccessError, match=r"no file gone\.jpg"):
        check_image("gone.jpg", make_classifier())
    with pytest.raises(ModelNotFoundError, match="unheard-of"):
        load_model("unheard-of")


def test_a_model_is_loaded_by_its_folder_too(model_folder: Path) -> None:
    model = load_model(model_folder)
    assert isinstance(model, Classifier) and model.card.name == "tiny"


def test_a_name_that_the_package_does_not_have_is_answered_with_those_it_has() -> None:
    with pytest.raises(AttributeError, match="Expected one of __version__, check_clip, check_image, load_model"):
        deepfake.check_audio  # noqa: B018
    assert {"check_clip", "check_image", "load_model"} <= set(dir(deepfake))


def test_type_checkers_see_the_functions(tmp_path: Path) -> None:
    """`py.typed` and the lazy names together: a wrong use is found, the right one passes."""
    user = tmp_path / "user.py"
    user.write_text(
        "from deepfake import check_image, load_model\n"
        "reveal_type(check_image('a.jpg', load_model()).verdict.probability)\n"
        "check_image(3, load_model())\n"
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(REPO / "pyproject.toml"), "--strict", str(user)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert 'Revealed type is "float | None"' in done.stdout or "Union[builtins.float, None]" in done.stdout, done.stdout
    assert "user.py:3" in done.stdout and 'incompatible type "int"' in done.stdout
    assert (Path(deepfake.__file__).parent / "py.typed").is_file()
