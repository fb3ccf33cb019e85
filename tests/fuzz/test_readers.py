"""Any content in the files that describe models and data sets: read, or refused by an error of ours."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepfake.classifier.card import Card, read_card
from deepfake.data.clip_index import COLUMNS, INDEX_FILE, MANIFEST_FILE
from deepfake.data.clip_layouts import find_clip_set
from deepfake.data.layouts import read_dataset
from deepfake.errors import DeepfakeError, InvalidCardError
from tests.fakes import make_card, make_clip_rules
from tests.fuzz.settings import fuzzed

_CARD = json.loads(json.dumps(make_card(clips=make_clip_rules()).to_dict()))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def places_in(values: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a tree of JSON."""
    keys = list(values) if isinstance(values, dict) else list(range(len(values))) if isinstance(values, list) else []
    return [before, *(place for key in keys for place in places_in(values[key], (*before, key)))]


@st.composite
def cards(draw: st.DrawFn) -> Any:
    """A whole card with something else, or nothing, in some of its places."""
    card = copy.deepcopy(_CARD)
    for place in draw(st.lists(st.sampled_from(places_in(_CARD)[1:]), min_size=1, max_size=3)):
        *path, last = place
        inner = card
        for key in path:
            inner = inner[key] if isinstance(inner, dict) and key in inner else None
        if isinstance(inner, dict):
            inner[last] = draw(anything)
            if draw(st.integers(0, 4)) == 0:
                del inner[last]
    return card


@fuzzed
@given(cards() | anything)
def test_any_json_is_a_card_or_refused_as_one(values: Any) -> None:
    try:
        card = Card.from_dict(values)
    except InvalidCardError:
        return
    once = json.dumps(card.to_dict())  # as text, since what is no number is not equal to itself
    assert json.dumps(Card.from_dict(json.loads(once)).to_dict()) == once


@fuzzed
@given(st.binary(max_size=400) | cards().map(lambda card: json.dumps(card).encode()))
def test_any_file_is_a_card_or_refused_as_one(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "card.json"
    path.write_bytes(data)
    try:
        assert isinstance(read_card(path).name, str)
    except InvalidCardError as error:
        assert str(error)


_NAMES = ["real", "fake", "train", "faces_224", "splits", "original_sequences", "manipulated_sequences", "Celeb-real"]
_NAMES += ["Celeb-synthesis", "UTKFace", "lfw-deepfunneled", "crops", "c23", "videos", "x"]
_FILES = ["a.jpg", "1_0_0_2.jpg", "033.mp4", "033_097.mp4", "id0_0001.mp4", "train.json", "test.json", "metadata.csv"]
_FILES += ["metadata.json", INDEX_FILE, MANIFEST_FILE, "List_of_testing_videos.txt"]
_HEADER = (",".join(COLUMNS) + "\n").encode()
contents = (
    st.binary(max_size=60)
    | anything.map(lambda values: json.dumps(values).encode())
    | st.text(max_size=60).map(lambda text: b"videoname,label,original\n" + text.encode("utf-8", "replace"))
    | st.text(max_size=60).map(lambda text: _HEADER + text.encode("utf-8", "replace"))
    | st.just(b'{"name": "x", "settings": {"margin": 0.3}}')
)
folders = st.lists(
    st.tuples(st.lists(st.sampled_from(_NAMES), max_size=4), st.sampled_from(_FILES), contents), max_size=8
)


@fuzzed
@given(folders)
def test_any_folder_is_a_data_set_or_refused(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[list[str], str, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("set")
    for parts, name, data in files:
        folder = root.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for reader in (read_dataset, find_clip_set):
        try:
            found = reader(Path(root))
        except DeepfakeError as error:
            assert str(error)
        else:
            assert found is None or found.root.is_relative_to(root.resolve())
