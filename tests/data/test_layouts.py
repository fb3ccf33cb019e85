from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deepfake.classifier.card import CLASS_NAMES
from deepfake.data.layouts import Dataset, read_dataset
from deepfake.errors import EmptyDatasetError, FileAccessError, UnknownLayoutError
from tests.pictures import touch


def rows(dataset: Dataset) -> list[tuple[str, int, str, str | None]]:
    return [(sample.path, sample.label, sample.source, sample.split) for sample in dataset.samples]


def labels(dataset: Dataset) -> dict[str, int]:
    return {sample.path: sample.label for sample in dataset.samples}


def test_kaggle_140k_is_read_with_its_owners_splits(tmp_path: Path) -> None:
    top = "real_vs_fake/real-vs-fake"
    touch(tmp_path, f"{top}/train/real/a.jpg", f"{top}/train/fake/b.jpg", f"{top}/valid/fake/c.jpg", "train.csv")
    touch(tmp_path, f"{top}/test/real/d.jpg")
    dataset = read_dataset(tmp_path)
    assert (dataset.name, dataset.layout, dataset.root) == ("140k", "140k", tmp_path / top)
    assert rows(dataset) == [
        ("test/real/d.jpg", 0, "test/real/d.jpg", "test"),
        ("train/fake/b.jpg", 1, "train/fake/b.jpg", "train"),
        ("train/real/a.jpg", 0, "train/real/a.jpg", "train"),
        ("valid/fake/c.jpg", 1, "valid/fake/c.jpg", "valid"),
    ]


def test_ciplab_is_read(tmp_path: Path) -> None:
    touch(tmp_path, "real_and_fake_face/training_real/real_1.jpg", "real_and_fake_face/training_fake/easy_1_1110.jpg")
    dataset = read_dataset(tmp_path)
    assert (dataset.name, dataset.layout) == ("ciplab", "ciplab")
    assert labels(dataset) == {"training_real/real_1.jpg": 0, "training_fake/easy_1_1110.jpg": 1}
    assert {sample.split for sample in dataset.samples} == {None}


def test_plain_folders_are_read_and_take_the_folders_name(tmp_path: Path) -> None:
    dataset = read_dataset(touch(tmp_path / "mine", "real/a.png", "fake/b.webp"))
    assert (dataset.name, dataset.layout) == ("mine", "folders")
    assert labels(dataset) == {"real/a.png": 0, "fake/b.webp": 1}


@pytest.mark.parametrize("valid", ["valid", "val", "validation", "Val", "VALIDATION"])
def test_the_validation_folder_has_three_names(tmp_path: Path, valid: str) -> None:
    dataset = read_dataset(touch(tmp_path, f"{valid}/real/a.jpg", f"{valid}/fake/b.jpg", "train/real/c.jpg"))
    assert [sample.split for sample in dataset.samples if sample.path.startswith(valid)] == ["valid", "valid"]


@pytest.mark.parametrize("spell", [str.upper, str.title, str.lower])
def test_letter_case_does_not_matter(tmp_path: Path, spell: Callable[[str], str]) -> None:
    plain = read_dataset(touch(tmp_path / "plain", spell("real/a.jpg"), spell("fake/b.jpeg")))
    split = read_dataset(touch(tmp_path / "split", spell("train/real/a.jpg"), spell("test/fake/b.jpg")))
    ciplab = read_dataset(touch(tmp_path / "ciplab", spell("training_real/a.jpg"), spell("training_fake/b.jpg")))
    kaggle = read_dataset(touch(tmp_path / "kaggle", spell("real-vs-fake/train/real/a.jpg")))
    assert [plain.layout, split.layout, ciplab.layout, kaggle.layout] == ["folders", "folders", "ciplab", "140k"]
    assert [plain.counts(), split.counts(), ciplab.counts()] == [{"real": 1, "fake": 1}] * 3


def test_letter_case_does_not_matter_for_dfdc_lfw_and_utkface(tmp_path: Path) -> None:
    touch(tmp_path, "dfdc/Faces_224/x.jpg", "LFW-Deepfunneled/Ann_Lee/a.JPG", "utkFACE/1_0_2_20170109.jpg.chip.JPG")
    (tmp_path / "dfdc/metadata.csv").write_text("videoname,label,original\nx.mp4,Real,\n")
    layouts = [read_dataset(tmp_path / name).layout for name in ("dfdc", "LFW-Deepfunneled", "utkFACE")]
    assert layouts == ["dfdc-faces", "lfw", "utkface"]


def write_dfdc(folder: Path, *lines: str, header: str = "videoname,original_width,label,original") -> Path:
    touch(folder, "faces_224/aaa.jpg")
    (folder / "metadata.csv").write_text("\n".join([header, *lines]) + "\n")
    return folder


def test_dfdc_faces_take_label_and_source_from_the_table(tmp_path: Path) -> None:
    write_dfdc(tmp_path, "aaa.mp4,129,FAKE,ccc.mp4", "bbb.mp4,129,REAL,", "ccc.mp4,129,real,ccc.mp4")
    dataset = read_dataset(tmp_path)
    assert rows(dataset) == [
        ("faces_224/aaa.jpg", 1, "ccc", None),
        ("faces_224/bbb.jpg", 0, "bbb", None),
        ("faces_224/ccc.jpg", 0, "ccc", None),
    ]


def test_a_dfdc_table_without_a_column_names_it(tmp_path: Path) -> None:
    write_dfdc(tmp_path, "aaa.mp4,REAL", header="videoname,label")
    with pytest.raises(UnknownLayoutError, match="original"):
        read_dataset(tmp_path)


def test_a_dfdc_table_with_another_label_quotes_it(tmp_path: Path) -> None:
    write_dfdc(tmp_path, "aaa.mp4,129,MAYBE,")
    with pytest.raises(UnknownLayoutError, match="'MAYBE'"):
        read_dataset(tmp_path)


def test_lfw_is_all_real_and_a_person_is_a_source(tmp_path: Path) -> None:
    touch(tmp_path, "lfw-deepfunneled/Ann_Lee/Ann_Lee_0001.jpg", "lfw-deepfunneled/Ann_Lee/Ann_Lee_0002.jpg")
    touch(tmp_path, "lfw-deepfunneled/Bo_Ek/Bo_Ek_0001.jpg")
    dataset = read_dataset(tmp_path)
    assert dataset.is_all_real
    assert [sample.source for sample in dataset.samples] == ["Ann_Lee", "Ann_Lee", "Bo_Ek"]
    assert dataset.counts() == {"real": 3, "fake": 0}


def test_lfw_in_a_folder_of_its_own_name_still_has_people_as_sources(tmp_path: Path) -> None:
    """Regression: Kaggle's copy is nested, and every file got the one source 'lfw-deepfunneled'."""
    people = "lfw-deepfunneled/lfw-deepfunneled"
    dataset = read_dataset(touch(tmp_path, f"{people}/Ann_Lee/a.jpg", f"{people}/Bo_Ek/b.jpg", "people.csv"))
    assert [sample.source for sample in dataset.samples] == ["Ann_Lee", "Bo_Ek"]


def test_utkface_is_all_real_and_other_names_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "UTKFace/25_1_0_20170116.jpg.chip.jpg", "UTKFace/readme.jpg", "UTKFace/1_0_4_20161219.jpg")
    dataset = read_dataset(tmp_path)
    assert (dataset.layout, dataset.is_all_real) == ("utkface", True)
    assert list(labels(dataset)) == ["1_0_4_20161219.jpg", "25_1_0_20170116.jpg.chip.jpg"]


def test_fake_is_1_in_every_layout(tmp_path: Path) -> None:
    dataset = read_dataset(touch(tmp_path, "real/a.jpg", "fake/b.jpg"))
    assert {sample.path.split("/")[0]: CLASS_NAMES[sample.label] for sample in dataset.samples} == {
        "real": "real",
        "fake": "fake",
    }
    assert CLASS_NAMES.index("fake") == 1


@pytest.mark.parametrize("above", ["", "one", "one/two", "one/two/three"])
def test_a_set_is_found_up_to_three_levels_down(tmp_path: Path, above: str) -> None:
    touch(tmp_path / above, "real/a.jpg", "fake/b.jpg")
    assert read_dataset(tmp_path).root == tmp_path / above


def test_a_set_four_levels_down_is_not_found(tmp_path: Path) -> None:
    touch(tmp_path / "one/two/three/four", "real/a.jpg", "fake/b.jpg")
    with pytest.raises(UnknownLayoutError):
        read_dataset(tmp_path)


def test_pictures_are_found_below_their_class_in_a_fixed_order(tmp_path: Path) -> None:
    names = ["real/z.jpg", "real/deep/er/a.PNG", "fake/m.jpeg", "fake/b.gif", "real/notes.txt", "real/clip.mp4"]
    dataset = read_dataset(touch(tmp_path, *names))
    assert list(labels(dataset)) == ["fake/b.gif", "fake/m.jpeg", "real/deep/er/a.PNG", "real/z.jpg"]


def test_an_unknown_layout_lists_those_known_and_what_was_found(tmp_path: Path) -> None:
    touch(tmp_path, "holiday/a.jpg", "notes.txt")
    with pytest.raises(UnknownLayoutError) as caught:
        read_dataset(tmp_path)
    message = str(caught.value)
    assert "holiday/, notes.txt" in message
    for known in ("real/", "fake/", "training_real/", "faces_224/", "real-vs-fake", "lfw-deepfunneled/", "UTKFace/"):
        assert known in message


def test_a_long_list_of_what_was_found_is_cut(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number:02}.txt" for number in range(20)))
    with pytest.raises(UnknownLayoutError, match=r"11\.txt and 8 more"):
        read_dataset(tmp_path)


def test_an_empty_folder_follows_no_layout(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayoutError, match="Found in it: nothing"):
        read_dataset(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayoutError, match=r"There is no folder .*missing"):
        read_dataset(tmp_path / "missing")


def test_a_file_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayoutError):
        read_dataset(touch(tmp_path, "a.zip") / "a.zip")


@pytest.mark.parametrize("name", ["real/x", "training_real/x"])
def test_a_known_layout_without_a_picture_is_called_empty(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{name}.txt", f"{name.replace('real', 'fake')}.txt")
    with pytest.raises(EmptyDatasetError, match="no picture"):
        read_dataset(tmp_path)


def test_one_class_alone_is_no_layout(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayoutError):
        read_dataset(touch(tmp_path, "fake/a.jpg"))


def test_hidden_folders_are_not_searched(tmp_path: Path) -> None:
    touch(tmp_path, ".cache/real/a.jpg", ".cache/fake/b.jpg")
    with pytest.raises(UnknownLayoutError):
        read_dataset(tmp_path)


def test_a_name_that_is_no_utf8_does_not_stop_the_reading(tmp_path: Path) -> None:
    touch(tmp_path, "real/a.jpg", "fake/b.jpg")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/real/caf\xe9.jpg")).touch()
    assert len(read_dataset(tmp_path).samples) == 3


@pytest.mark.parametrize(
    ("folder", "layout", "real", "fake"),
    [
        ("140k", "140k", 853, 864),
        ("ciplab", "ciplab", 863, 789),
        ("deepfake-faces", "dfdc-faces", 12_600, 12_600),
        ("lfw", "lfw", 1502, 0),
        ("utkface", "utkface", 1500, 0),
    ],
)
def test_the_real_sets_have_the_layout_and_the_counts_that_are_on_disk(
    data_dir: Path, folder: str, layout: str, real: int, fake: int
) -> None:
    dataset = read_dataset(data_dir / folder)
    assert dataset.layout == layout
    if data_dir.name == "data" and data_dir.parent.name == "shared":  # a user's own copy has more files
        assert dataset.counts() == {"real": real, "fake": fake}


def test_several_sets_in_one_folder_are_refused_by_name(tmp_path: Path) -> None:
    """The first one found was once taken in silence, and the others left out."""
    touch(tmp_path, "a/real/1.jpg", "a/fake/1.jpg", "deep/b/training_real/1.jpg", "deep/b/training_fake/1.jpg")
    with pytest.raises(UnknownLayoutError, match="several data sets") as caught:
        read_dataset(tmp_path)
    assert str(tmp_path / "a") in str(caught.value) and str(tmp_path / "deep" / "b") in str(caught.value)


def test_a_second_copy_of_the_same_set_is_not_read_twice(tmp_path: Path) -> None:
    for copy in ("faces", "again/faces"):
        touch(tmp_path, f"{copy}/training_real/1.jpg", f"{copy}/training_fake/1.jpg")
    assert read_dataset(tmp_path).root == tmp_path / "faces"


def write_clip_crops(folder: Path, *rows: str, margin: float = 0.5, name: str = "ffpp") -> Path:
    """What an extraction leaves, without the crops."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extract.json").write_text(json.dumps({"name": name, "settings": {"margin": margin}}))
    header = "file,label,source,clip,frame,time_s,box,method,split"
    (folder / "index.csv").write_text("\n".join([header, *rows]) + "\n")
    return folder


CLIP_ROWS = (
    "crops/b/person1/000030.jpg,fake,033,b.mp4,30,1.2,0 0 9 9,Deepfakes,test",
    "crops/a/person1/000000.jpg,real,033,a.mp4,0,0.0,0 0 9 9,original,",
)


def test_crops_of_clips_say_where_the_face_is_and_which_clip_it_is_from(tmp_path: Path) -> None:
    dataset = read_dataset(write_clip_crops(tmp_path / "one" / "out", *CLIP_ROWS).parent)
    assert (dataset.name, dataset.layout, dataset.root) == ("ffpp", "clip-crops", tmp_path / "one" / "out")
    assert rows(dataset) == [
        ("crops/a/person1/000000.jpg", 0, "033", None),
        ("crops/b/person1/000030.jpg", 1, "033", "test"),
    ]
    assert [(sample.clip, sample.face_share) for sample in dataset.samples] == [("a.mp4", 0.5), ("b.mp4", 0.5)]


def test_crops_of_clips_below_real_and_fake_are_no_folders_of_pictures(tmp_path: Path) -> None:
    touch(write_clip_crops(tmp_path, *CLIP_ROWS), "crops/real/a/person1/0.jpg", "crops/fake/b/person1/0.jpg")
    assert read_dataset(tmp_path).layout == "clip-crops"


def test_another_program_s_index_is_not_read(tmp_path: Path) -> None:
    touch(tmp_path, "real/a.jpg", "fake/b.jpg")
    (tmp_path / "index.csv").write_text("name,size\na.jpg,1\n")
    assert read_dataset(tmp_path).layout == "folders"


def test_crops_of_clips_without_a_margin_are_refused(tmp_path: Path) -> None:
    (write_clip_crops(tmp_path, *CLIP_ROWS) / "extract.json").unlink()
    with pytest.raises(UnknownLayoutError, match=r"extract\.json"):
        read_dataset(tmp_path)
    (tmp_path / "extract.json").write_text("{}")
    with pytest.raises(UnknownLayoutError, match="is damaged"):
        read_dataset(tmp_path)


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(FileAccessError, match="Permission denied"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("table", [b"\x80\xff", b"videoname,label,original\n\x80.mp4,REAL\n", b""])
def test_a_table_that_is_no_text_is_refused_or_read_and_never_a_crash(tmp_path: Path, table: bytes) -> None:
    """A UnicodeDecodeError came through; names that are no UTF-8 are names all the same."""
    (tmp_path / "faces_224").mkdir()
    (tmp_path / "metadata.csv").write_bytes(table)
    try:
        assert len(read_dataset(tmp_path).samples) == 1
    except UnknownLayoutError as error:
        assert "metadata.csv lacks the columns" in str(error)
