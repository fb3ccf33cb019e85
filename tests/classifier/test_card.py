from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from deepfake.classifier.calibration import Calibration
from deepfake.classifier.card import CLASS_NAMES, Card, ImportedFrom, read_card, write_card
from deepfake.errors import InvalidCardError
from deepfake.media.crops import CropSettings
from deepfake.media.detectors import DetectorSettings
from tests.fakes import make_card, make_rules

FULL = make_card(
    name="model-\u00e9",
    crop=CropSettings(detector=DetectorSettings(name="haar", threshold=0.7, max_side_px=640), margin=-0.05, side_px=96),
    calibration=Calibration(kind="slope_offset", slope=0.7, offset=-0.2),
    rules=make_rules(logit_shift_per_log_face=0.4, min_face_px=40),
)


def test_fake_is_1() -> None:
    assert CLASS_NAMES == ("real", "fake")
    assert CLASS_NAMES.index("fake") == 1


def test_a_card_comes_back_from_its_file(tmp_path: Path) -> None:
    write_card(tmp_path / "card.json", FULL)
    assert read_card(tmp_path / "card.json") == FULL
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


def test_a_card_comes_back_from_its_dictionary_through_json() -> None:
    assert Card.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL


def test_what_is_written_says_its_version_and_its_classes() -> None:
    values = FULL.to_dict()
    assert values["format_version"] == 1
    assert values["class_names"] == ["real", "fake"]


def test_a_card_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    write_card(tmp_path / "card.json", FULL)
    with pytest.raises(TypeError):
        write_card(tmp_path / "card.json", make_card(notes={"not json": object()}))
    assert read_card(tmp_path / "card.json") == FULL


def test_every_field_is_needed_unless_it_has_a_default() -> None:
    optional = {
        "pooling",
        "clips",
        "imported",
        "chosen_on",
        "portrait_probability",
        "lite_sha256",
        "class_names",
        "format_version",
    }
    for field in FULL.to_dict().keys() - optional:
        values = FULL.to_dict()
        del values[field]
        with pytest.raises(InvalidCardError, match=field):
            Card.from_dict(values)


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"crop": None},
        {"crop": {"margin": 0.0, "side_px": 64}},
        {"crop": {"detector": {"name": "mtcnn"}, "margin": 0.0, "side_px": 64}},
        {"crop": {"detector": {}, "margin": "wide", "side_px": 64}},
        {"crop": {"detector": {}, "margin": 0.0, "side_px": 0}},
        {"crop": {"detector": {}, "margin": -0.5, "side_px": 64}},
        {"calibration": {"kind": "none", "slope": -1.0}},
        {"calibration": {"temperature": 2}},
        {"rules": {}},
        {"rules": {"threshold": "half"}},
        {"limits": None},
        {"class_names": 2},
        {"imported": {"file": "theirs.h5"}},
    ],
    ids=str,
)
def test_a_card_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidCardError):
        Card.from_dict(FULL.to_dict() | changes)


@pytest.mark.parametrize("value", [None, [], "card", 3])
def test_json_that_is_no_card_is_refused(value: Any) -> None:
    with pytest.raises(InvalidCardError):
        Card.from_dict(value)


def test_an_imported_card_comes_back_too() -> None:
    origin = ImportedFrom(file="theirs.h5", sha256="ab" * 32, fake_is=0, pixels="recipe")
    card = make_card(imported=origin, training_data={}, chosen_on={"140k": {"split_seed": 7}}, best_epoch=None)
    assert Card.from_dict(json.loads(json.dumps(card.to_dict()))) == card


def test_an_imported_card_that_says_what_was_trained_on_is_refused() -> None:
    origin = ImportedFrom(file="theirs.h5", sha256="ab" * 32, fake_is=1, pixels="recipe")
    with pytest.raises(InvalidCardError, match="nobody here knows what an imported model learned from"):
        make_card(imported=origin)


def test_what_a_set_was_used_for_is_known_of_trained_models_alone() -> None:
    trained = make_card(training_data={"140k": {"role": "training"}, "lfw": {"role": "false alarms only"}})
    assert [trained.learned_from(name) for name in ("140k", "lfw", "ffpp")] == [True, False, False]
    assert [trained.describes(name) for name in ("140k", "lfw", "ffpp")] == [True, True, False]
    origin = ImportedFrom(file="theirs.h5", sha256="ab" * 32, fake_is=1, pixels="recipe")
    imported = make_card(imported=origin, training_data={}, chosen_on={"140k": {"split_seed": 7}})
    assert [imported.learned_from(name) for name in ("140k", "ffpp")] == [False, False]
    assert [imported.describes(name) for name in ("140k", "ffpp")] == [True, False]
    assert [imported.split_seed(name) for name in ("140k", "ffpp")] == [7, 0]


@pytest.mark.parametrize("names", [("fake", "real"), ("real",), ("real", "fake", "other"), ("Real", "Fake")])
def test_another_class_order_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(InvalidCardError, match="fake is 1"):
        Card.from_dict(FULL.to_dict() | {"class_names": list(names)})


@pytest.mark.parametrize("version", [0, 2, "1"])
def test_another_format_version_is_refused(version: Any) -> None:
    with pytest.raises(InvalidCardError, match="format version"):
        Card.from_dict(FULL.to_dict() | {"format_version": version})


def test_a_missing_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCardError, match=r"card\.json"):
        read_card(tmp_path / "card.json")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"weights"])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(InvalidCardError):
        read_card(tmp_path / "card.json")


@pytest.mark.parametrize(
    ("low", "threshold", "high"),
    [(0.6, 0.5, 0.8), (0.2, 0.9, 0.8), (-0.1, 0.5, 0.8), (0.2, 0.5, 1.1), (0.2, float("nan"), 0.8)],
)
def test_a_band_that_does_not_hold_the_threshold_is_refused(low: float, threshold: float, high: float) -> None:
    with pytest.raises(InvalidCardError, match="band_low <= threshold <= band_high"):
        make_rules(band_low=low, threshold=threshold, band_high=high)


def test_a_band_without_width_is_allowed() -> None:
    assert make_rules(band_low=0.5, threshold=0.5, band_high=0.5).threshold == 0.5


@pytest.mark.parametrize("shift", [-0.1, float("nan"), float("inf")])
def test_a_limit_that_falls_with_more_faces_is_refused(shift: float) -> None:
    with pytest.raises(InvalidCardError, match="logit_shift_per_log_face"):
        make_rules(logit_shift_per_log_face=shift)


def test_sets_on_which_the_threshold_was_chosen_are_known_where_the_notes_say_so() -> None:
    card = make_card(notes={"threshold": {"false_alarm_rate": {"lfw": 0.1}}})
    assert card.chose_threshold_on("lfw")
    assert not card.chose_threshold_on("utkface")
    assert not make_card().chose_threshold_on("lfw")


@pytest.mark.parametrize(
    ("name", "value"), [("name", None), ("title", ["a"]), ("recipe", "cnn64"), ("num_parameters", "many")]
)
def test_a_field_of_another_kind_is_refused(name: str, value: object) -> None:
    """A card without a name was read, and the page failed where it looked for its folder."""
    values = {**make_card().to_dict(), name: value}
    with pytest.raises(InvalidCardError, match=f"card's {name} is"):
        Card.from_dict(values)


@pytest.mark.parametrize("value", ["0.5", -0.1, 1.1, math.nan, True])
def test_what_a_model_made_of_the_portrait_is_a_probability(value: Any) -> None:
    assert make_card(portrait_probability=0.25).portrait_probability == 0.25
    with pytest.raises(InvalidCardError, match="portrait_probability"):
        make_card(portrait_probability=value)
