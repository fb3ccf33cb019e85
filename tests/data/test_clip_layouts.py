"""Data sets of clips, as empty files in their owners' folders: who is real, who is one source, whose split is kept."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from deepfake.data.clip_layouts import ClipSet, LabelledClip, deal_splits, find_clip_set, read_clip_set
from deepfake.errors import EmptyDatasetError, FileAccessError, UnknownLayoutError
from tests.pictures import touch

REALS = "original_sequences/youtube/c23/videos"
FAKES = "manipulated_sequences/Deepfakes/c23/videos"


def by_path(clip_set: ClipSet) -> dict[str, LabelledClip]:
    return {clip.path: clip for clip in clip_set.clips}


def sources(clip_set: ClipSet) -> dict[str, set[str]]:
    """The clips' stems, by source."""
    found = defaultdict(set)
    for clip in clip_set.clips:
        found[clip.source].add(Path(clip.path).stem)
    return dict(found)


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_faceforensics_names_its_methods_and_compressions_itself(tmp_path: Path) -> None:
    touch(tmp_path, f"{REALS}/033.mp4", f"{FAKES}/033_097.mp4", "manipulated_sequences/NewOne/raw/videos/097_033.MP4")
    clip_set = read_clip_set(tmp_path)
    assert (clip_set.name, clip_set.layout, clip_set.root) == ("ffpp", "ffpp", tmp_path)
    assert [(clip.path, clip.label, clip.method) for clip in clip_set.clips] == [
        (f"{FAKES}/033_097.mp4", 1, "Deepfakes"),
        ("manipulated_sequences/NewOne/raw/videos/097_033.MP4", 1, "NewOne"),
        (f"{REALS}/033.mp4", 0, "original"),
    ]


def test_masks_of_where_the_forgery_is_are_no_fakes(tmp_path: Path) -> None:
    touch(tmp_path, f"{FAKES}/033_097.mp4", "manipulated_sequences/Deepfakes/masks/videos/033_097.mp4")
    assert list(by_path(read_clip_set(tmp_path))) == [f"{FAKES}/033_097.mp4"]


def test_a_pair_of_people_and_their_originals_are_one_source(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{REALS}/{name}.mp4" for name in ("033", "097", "183", "253")))
    touch(tmp_path, f"{FAKES}/033_097.mp4", f"{FAKES}/097_033.mp4", f"{FAKES}/183_253.mp4")
    assert sources(read_clip_set(tmp_path)) == {
        "033": {"033", "097", "033_097", "097_033"},
        "183": {"183", "253", "183_253"},
    }


def test_two_originals_are_a_pair_where_the_split_files_say_so(tmp_path: Path) -> None:
    touch(tmp_path, f"{REALS}/033.mp4", f"{REALS}/097.mp4")
    write_json(tmp_path / "splits/train.json", [["033", "097"]])
    assert sources(read_clip_set(tmp_path)) == {"033": {"033", "097"}}


def test_people_who_are_chained_by_fakes_are_one_source(tmp_path: Path) -> None:
    touch(tmp_path, f"{FAKES}/001_002.mp4", f"{FAKES}/002_003.mp4", f"{FAKES}/004_005.mp4")
    assert sources(read_clip_set(tmp_path)) == {"001": {"001_002", "002_003"}, "004": {"004_005"}}


def test_actors_of_google_s_clips_are_no_people_of_the_youtube_clips(tmp_path: Path) -> None:
    actors = "manipulated_sequences/DeepFakeDetection/c23/videos/01_02__talking__YVGY8LOK.mp4"
    touch(tmp_path, actors, "original_sequences/actors/c23/videos/02__talking.mp4", f"{REALS}/001.mp4")
    assert sources(read_clip_set(tmp_path)) == {
        "01": {"01_02__talking__YVGY8LOK", "02__talking"},
        "001": {"001"},
    }


def test_the_official_split_goes_by_pair(tmp_path: Path) -> None:
    touch(tmp_path, f"{REALS}/033.mp4", f"{FAKES}/097_033.mp4", f"{FAKES}/004_982.mp4", f"{FAKES}/001_002.mp4")
    write_json(tmp_path / "splits/train.json", [["033", "097"]])
    write_json(tmp_path / "splits/val.json", [["982", "004"]])
    write_json(tmp_path / "splits/test.json", [["001", "002"]])
    splits = {Path(path).stem: clip.split for path, clip in by_path(read_clip_set(tmp_path)).items()}
    assert splits == {"033": "train", "097_033": "train", "004_982": "valid", "001_002": "test"}


def test_without_split_files_nobody_has_a_split(tmp_path: Path) -> None:
    assert [clip.split for clip in read_clip_set(touch(tmp_path, f"{FAKES}/033_097.mp4")).clips] == [None]


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (("train", "val"), "test"),
        (("train", "test"), "valid"),
        (("val", "test"), "train"),
        (("train", "val", "test"), "train"),
        (("val",), "train"),
    ],
)
def test_people_in_no_list_belong_to_the_one_that_is_missing_or_to_training(
    tmp_path: Path, there: tuple[str, ...], expected: str
) -> None:
    touch(tmp_path, f"{FAKES}/033_097.mp4", f"{FAKES}/500_501.mp4")
    for number, name in enumerate(there):
        write_json(tmp_path / f"splits/{name}.json", [["033", "097"]] if number == 0 else [["700", "701"]])
    assert by_path(read_clip_set(tmp_path))[f"{FAKES}/500_501.mp4"].split == expected


@pytest.mark.parametrize("content", ['{"a": 1}', "[1, 2]", "[[", ""])
def test_a_split_file_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    touch(tmp_path, f"{FAKES}/033_097.mp4", "splits/train.json")
    (tmp_path / "splits/train.json").write_text(content)
    with pytest.raises(UnknownLayoutError, match=r"train\.json .*Expected"):
        read_clip_set(tmp_path)


def celeb(root: Path) -> Path:
    return touch(
        root,
        "Celeb-real/id1_0003.mp4",
        "Celeb-real/id2_0000.mp4",
        "Celeb-real/id9_0005.mp4",
        "Celeb-synthesis/id1_id2_0003.mp4",
        "YouTube-real/00170.mp4",
    )


def test_celeb_df_without_a_list_is_split_by_people(tmp_path: Path) -> None:
    clip_set = read_clip_set(celeb(tmp_path))
    assert (clip_set.name, clip_set.layout) == ("celeb-df-v2", "celeb-df-v2")
    assert sources(clip_set) == {
        "id1": {"id1_0003", "id2_0000", "id1_id2_0003"},
        "id9": {"id9_0005"},
        "YouTube-real/00170": {"00170"},
    }
    assert {clip.split for clip in clip_set.clips} == {None}
    assert {clip.method for clip in clip_set.clips} == {"real", "Celeb-synthesis"}


def test_celeb_df_s_test_list_is_kept_and_a_source_is_the_base_clip(tmp_path: Path) -> None:
    celeb(tmp_path)
    lines = "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id1_id2_0003.mp4\n"
    (tmp_path / "List_of_testing_videos.txt").write_text(lines)
    clip_set = read_clip_set(tmp_path)
    clips = {Path(path).stem: clip for path, clip in by_path(clip_set).items()}
    assert {name for name, clip in clips.items() if clip.split == "test"} == {"00170", "id1_id2_0003"}
    assert {name for name, clip in clips.items() if clip.split == "train"} == {"id1_0003", "id2_0000", "id9_0005"}
    assert clips["id1_id2_0003"].source == clips["id1_0003"].source == "id1_0003"
    assert clips["id2_0000"].source != clips["id1_0003"].source


def test_in_celeb_df_s_list_1_is_real_and_the_label_is_still_the_folder_s(tmp_path: Path) -> None:
    celeb(tmp_path)
    (tmp_path / "List_of_testing_videos.txt").write_text("1 YouTube-real/00170.mp4\n")
    clips = by_path(read_clip_set(tmp_path))
    assert (clips["YouTube-real/00170.mp4"].label, clips["Celeb-synthesis/id1_id2_0003.mp4"].label) == (0, 1)


def test_a_training_clip_whose_fake_is_tested_is_dropped(tmp_path: Path) -> None:
    celeb(tmp_path)
    (tmp_path / "List_of_testing_videos.txt").write_text("0 Celeb-synthesis/id1_id2_0003.mp4\n")
    clip_set = read_clip_set(tmp_path)
    dealt = dict(zip((Path(clip.path).stem for clip in clip_set.clips), deal_splits(clip_set, seed=0), strict=True))
    assert (dealt["id1_0003"], dealt["id1_id2_0003"]) == ("dropped", "test")


DFDC = {
    "a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"},
    "b.mp4": {"label": "REAL", "split": "train", "original": None},
    "gone.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"},
}


def test_dfdc_takes_labels_and_originals_from_its_table(tmp_path: Path) -> None:
    touch(tmp_path, "part/a.mp4", "part/b.mp4", "part/unlisted.mp4")
    write_json(tmp_path / "part/metadata.json", DFDC)
    clip_set = read_clip_set(tmp_path)
    assert (clip_set.name, clip_set.layout) == ("dfdc-clips", "dfdc-clips")
    assert [(clip.path, clip.label, clip.source, clip.method, clip.split) for clip in clip_set.clips] == [
        ("a.mp4", 1, "b", "fake", None),
        ("b.mp4", 0, "b", "real", None),
    ]


def test_the_parts_of_dfdc_are_one_set(tmp_path: Path) -> None:
    for part in ("dfdc_train_part_0", "dfdc_train_part_1"):
        touch(tmp_path, f"{part}/a.mp4", f"{part}/b.mp4")
        write_json(tmp_path / part / "metadata.json", DFDC)
    assert len(read_clip_set(tmp_path).clips) == 4


def test_a_dfdc_clip_without_a_label_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    write_json(tmp_path / "metadata.json", {"a.mp4": {"label": "MAYBE"}})
    with pytest.raises(UnknownLayoutError, match=r"gives a\.mp4 no label"):
        read_clip_set(tmp_path)


def test_another_program_s_metadata_is_no_dfdc(tmp_path: Path) -> None:
    touch(tmp_path, "metadata.json")
    assert find_clip_set(tmp_path) is None


def test_plain_folders_of_clips_take_the_folder_s_name(tmp_path: Path) -> None:
    clip_set = read_clip_set(touch(tmp_path / "mine", "real/a.mp4", "Fake/b/c.WEBM", "real/notes.txt", "real/d.gif"))
    assert (clip_set.name, clip_set.layout) == ("mine", "clips")
    found = [(clip.path, clip.label, clip.source, clip.method, clip.split) for clip in clip_set.clips]
    assert found == [
        ("Fake/b/c.WEBM", 1, "b/c", "fake", None),
        ("real/a.mp4", 0, "a", "real", None),
        ("real/d.gif", 0, "d", "real", None),
    ]


def test_clips_numbered_anew_in_each_split_folder_are_not_one_source(tmp_path: Path) -> None:
    touch(tmp_path, "train/real/1.mp4", "train/fake/1.mp4", "Val/real/1.mp4", "test/fake/1.mp4")
    clip_set = read_clip_set(tmp_path)
    assert sorted((clip.source, clip.split) for clip in clip_set.clips) == [
        ("test/1", "test"),
        ("train/1", "train"),
        ("train/1", "train"),
        ("valid/1", "valid"),
    ]
    assert "dropped" not in deal_splits(clip_set, seed=0)


@pytest.mark.parametrize("above", ["", "one/two/three"])
def test_a_set_of_clips_is_found_up_to_three_levels_down(tmp_path: Path, above: str) -> None:
    touch(tmp_path / above, f"{FAKES}/033_097.mp4")
    assert read_clip_set(tmp_path).root == tmp_path / above


def test_what_macos_leaves_beside_a_clip_is_no_clip(tmp_path: Path) -> None:
    touch(tmp_path, f"{FAKES}/033_097.mp4", f"{FAKES}/._033_097.mp4")
    assert len(read_clip_set(tmp_path).clips) == 1


def test_several_sets_in_one_folder_are_refused_by_name(tmp_path: Path) -> None:
    touch(tmp_path, f"a/{FAKES}/033_097.mp4", "b/Celeb-real/id1_0003.mp4")
    with pytest.raises(UnknownLayoutError, match="several data sets"):
        read_clip_set(tmp_path)


def test_an_unknown_layout_lists_those_known_and_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayoutError) as caught:
        read_clip_set(touch(tmp_path, "holiday/a.mp4"))
    for word in ("holiday/", "original_sequences/", "Celeb-synthesis/", "metadata.json", "real/ and fake/"):
        assert word in str(caught.value)


@pytest.mark.parametrize("folders", [("original_sequences",), ("Celeb-real",), ("real", "fake")])
def test_a_known_layout_without_a_clip_is_called_empty(tmp_path: Path, folders: tuple[str, ...]) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    with pytest.raises(EmptyDatasetError, match="holds no clip"):
        read_clip_set(tmp_path)


def test_one_class_alone_is_no_plain_layout(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayoutError):
        read_clip_set(touch(tmp_path, "fake/a.mp4"))


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> Any:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(FileAccessError, match="Permission denied"):
        read_clip_set(tmp_path)


def test_the_real_sets_have_the_clips_that_are_on_disk(data_dir: Path) -> None:
    ffpp, celeb_df = read_clip_set(data_dir / "ffpp"), read_clip_set(data_dir / "celeb-df-v2")
    for clip_set in (ffpp, celeb_df):
        splits_of = defaultdict(set)
        for clip in clip_set.clips:
            splits_of[clip.source].add(clip.split)
        assert all(len(splits) == 1 for splits in splits_of.values())
    if data_dir.name == "data" and data_dir.parent.name == "shared":  # a user's own copy has more files
        assert [clip.label for clip in ffpp.clips].count(1) == 59 and len(ffpp.clips) == 85
        assert len(sources(ffpp)) == 16
        assert len(celeb_df.clips) == 6
