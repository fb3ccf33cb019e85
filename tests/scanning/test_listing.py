from __future__ import annotations

from deepfake.scanning import listing
from deepfake.scanning.listing import deal_batches, listing_bytes, read_listing
from deepfake.scanning.sources import FoundFile


def files(*sizes: int | None) -> list[FoundFile]:
    return [FoundFile(path=f"{number:03d}.jpg", size_bytes=size) for number, size in enumerate(sizes)]


def test_every_file_is_in_one_batch() -> None:
    batches = deal_batches(files(*range(100)))
    assert sorted(path for batch in batches for path in batch) == [f"{number:03d}.jpg" for number in range(100)]
    assert [len(batch) for batch in sorted(batches, key=len)] == [4, 32, 32, 32]


def test_files_of_one_size_are_together_even_where_a_batch_grows_too_long() -> None:
    """Thirty of different sizes, forty of size 1000: these could be copies of each other."""
    batches = deal_batches(files(*range(30), *[1000] * 40))
    assert sorted(len(batch) for batch in batches) == [30, 40]


def test_files_of_unknown_size_fill_batches_like_any_others() -> None:
    assert sorted(len(batch) for batch in deal_batches(files(*[None] * 40))) == [8, 32]


def test_a_batch_of_large_files_is_short() -> None:
    batches = deal_batches(files(*[60_000_000 + number for number in range(4)]))
    assert [len(batch) for batch in batches] == [1, 1, 1, 1]


def test_more_files_of_one_size_than_a_worker_should_hold_are_shared_out(monkeypatch) -> None:
    monkeypatch.setattr(listing, "_MAX_TOGETHER", 50)
    assert sorted(len(batch) for batch in deal_batches(files(*[7] * 120))) == [20, 50, 50]


def test_the_same_seed_deals_the_same_batches_and_another_one_another_order() -> None:
    some = files(*range(200))
    assert deal_batches(some) == deal_batches(some)
    assert deal_batches(some) != deal_batches(some, seed=1)
    assert sorted(deal_batches(some)) == sorted(deal_batches(some, seed=1))


def test_a_listing_that_was_written_is_read_again_with_names_that_are_no_utf8() -> None:
    odd = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    read = read_listing(listing_bytes([["a.jpg", odd], ["b.jpg"]]))
    assert (read.num_files, read.num_batches) == (3, 2)
    assert [read.paths_of(0), read.paths_of(1)] == [["a.jpg", odd], ["b.jpg"]]
    assert [read.num_files_of(0), read.num_files_of(1)] == [2, 1]
