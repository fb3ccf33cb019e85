from __future__ import annotations

from collections import Counter, defaultdict

from deepfake.data.splits import assign_splits, rows_of


def deal(sources: list[str], *, seed: int = 0, all_real: bool = False) -> tuple[str, ...]:
    return assign_splits([None] * len(sources), sources, all_real=all_real, seed=seed).splits


MANY = [f"clip{number}" for number in range(4000)]


def test_sources_are_dealt_70_15_15() -> None:
    counts = Counter(deal(MANY))
    # four standard deviations of a binomial of 4000: 116 at 70 %, 90 at 15 %
    assert abs(counts["train"] - 2800) < 116
    assert abs(counts["valid"] - 600) < 90
    assert abs(counts["test"] - 600) < 90
    assert counts.total() == 4000


def test_no_two_splits_share_a_source() -> None:
    sources = [f"clip{number % 50}" for number in range(1000)]
    splits_of = defaultdict(set)
    for source, split in zip(sources, deal(sources), strict=True):
        splits_of[source].add(split)
    assert all(len(splits) == 1 for splits in splits_of.values())
    assert set.union(*splits_of.values()) == {"train", "valid", "test"}


def test_the_same_seed_deals_the_same_hand_and_another_seed_another() -> None:
    assert deal(MANY, seed=3) == deal(MANY, seed=3)
    assert deal(MANY, seed=3) != deal(MANY, seed=4)


def test_a_source_keeps_its_split_when_other_files_come_or_go_or_change_places() -> None:
    whole = dict(zip(MANY, deal(MANY), strict=True))
    half = MANY[1500:3500][::-1]
    assert dict(zip(half, deal(half), strict=True)) == {source: whole[source] for source in half}


def test_a_set_of_real_faces_alone_teaches_nothing() -> None:
    counts = Counter(deal(MANY, all_real=True))
    assert counts["train"] == 0
    assert abs(counts["test"] - 2000) < 127


def test_the_owners_splits_are_kept() -> None:
    owner = ["train", "valid", "test", "train"]
    plan = assign_splits(owner, ["a", "b", "c", "d"], all_real=False, seed=0)
    assert plan.splits == tuple(owner)
    assert plan.num_dropped == 0


def test_of_twins_in_the_owners_splits_the_one_in_the_latest_split_stays() -> None:
    plan = assign_splits(
        ["train", "test", "train", "valid", "valid", "test", "train"],
        ["a", "a", "b", "b", "c", "c", "d"],
        all_real=False,
        seed=0,
    )
    assert plan.splits == ("dropped", "test", "dropped", "valid", "dropped", "test", "train")
    assert plan.num_dropped == 3


def test_twins_within_one_split_both_stay() -> None:
    plan = assign_splits(["train", "train", "valid"], ["a", "a", "b"], all_real=False, seed=0)
    assert plan.splits == ("train", "train", "valid")


def test_where_the_owner_gives_no_validation_split_a_part_of_training_becomes_it() -> None:
    owner = ["train"] * 4000 + ["test"] * 10
    sources = [*MANY, *(f"test{number}" for number in range(10))]
    plan = assign_splits(owner, sources, all_real=False, seed=0)
    counts = Counter(plan.splits)
    assert counts["test"] == 10
    assert abs(counts["valid"] - 600) < 90
    assert counts["train"] + counts["valid"] == 4000


def test_the_validation_part_is_taken_by_source() -> None:
    sources = [f"clip{number % 40}" for number in range(800)]
    plan = assign_splits(["train"] * 800, sources, all_real=False, seed=0)
    assert len(set(zip(sources, plan.splits, strict=True))) == 40
    assert set(plan.splits) == {"train", "valid", "test"}


def test_a_source_named_in_no_utf8_is_dealt_like_any_other() -> None:
    assert deal(["caf\udce9"])[0] in {"train", "valid", "test"}


def test_nothing_to_split_is_no_error() -> None:
    assert assign_splits([], [], all_real=False, seed=0).splits == ()


def test_rows_of_a_split_are_numbers_in_order() -> None:
    splits = ("train", "test", "dropped", "train")
    assert rows_of(splits, "train").tolist() == [0, 3]
    assert rows_of(splits, "valid").tolist() == []
    assert rows_of(splits, "all").tolist() == [0, 1, 3]


def test_a_set_without_a_test_split_of_its_own_gets_one_from_its_training_files() -> None:
    sources = [f"s{i}" for i in range(400)]
    plan = assign_splits(["train"] * 300 + ["valid"] * 100, sources, all_real=False, seed=0)
    assert plan.splits[300:] == ("valid",) * 100
    assert 25 <= plan.splits[:300].count("test") <= 65
    assert "valid" not in plan.splits[:300]
