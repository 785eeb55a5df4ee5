"""A stream of a token table: every example once, in an order of its own, from any place on, in bounded memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from corpus.schema import TokensRow
from corpus.store import Store, StoreError
from ml.dataset import IGNORED_LABEL, CompletionCollator
from ml.packing import PackingCollator
from ml.streaming import StreamingScadDataset

N = 700


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Seven parts; the first token of an example is its number. Rows of another split and tokenizer among them."""
    store = Store(tmp_path_factory.mktemp("tables"))
    rng = random.Random(0)
    for part in range(7):
        numbers = range(part * N // 7, (part + 1) * N // 7)
        rows = [_row(f"e{i}", i, rng.randint(3, 40)) for i in numbers]
        rows.append(_row(f"v{part}", 5000 + part, 9, split="validation"))
        rows.append(_row(f"o{part}", 6000 + part, 9, tokenizer_id="other"))
        store.append("tokens", rows)
    return store


def _row(name: str, number: int, n: int, *, tokenizer_id: str = "tok", split: str = "train") -> TokensRow:
    return TokensRow(name, tokenizer_id, split, (number, *range(1, n)), (1, n - 1), (2, n))


def stream(store: Store, **changes: Any) -> StreamingScadDataset:
    values: dict[str, Any] = {"tokenizer_id": "tok", "batch_size": 4, "seed": 0, "n_buffered": 90}
    return StreamingScadDataset(store, **{**values, **changes})


def numbers(batch: list[Any]) -> list[int]:
    """Of the examples in a batch, packed or not."""
    return [n for entry in batch for n in (numbers(entry) if isinstance(entry, list) else [int(entry["input_ids"][0])])]


def epoch_of(dataset: StreamingScadDataset) -> list[list[int]]:
    return [numbers(batch) for batch in dataset]


@pytest.mark.parametrize("packed_length", [None, 64])
@pytest.mark.parametrize("n_buffered", [30, 90, 5000])
def test_an_epoch_yields_every_example_once(store: Store, packed_length: int | None, n_buffered: int) -> None:
    batches = epoch_of(stream(store, packed_length=packed_length, n_buffered=n_buffered))
    assert sorted(n for batch in batches for n in batch) == list(range(N))
    if packed_length is None:
        assert [len(batch) for batch in batches] == [4] * (N // 4)


def test_the_order_follows_from_seed_and_epoch(store: Store) -> None:
    dataset = stream(store)
    first = epoch_of(dataset)
    assert epoch_of(dataset) == first == epoch_of(stream(store))
    dataset.set_epoch(1)
    assert epoch_of(dataset) == epoch_of(stream(store, epoch=1)) != first
    assert epoch_of(stream(store, seed=1)) != first


def test_parts_and_rows_are_mixed(store: Store) -> None:
    flat = [n for batch in epoch_of(stream(store)) for n in batch]
    n_in_order = sum(b > a for a, b in pairwise(flat))
    assert 0.4 * N < n_in_order < 0.6 * N


@settings(deadline=None, max_examples=12)
@given(cut=st.integers(0, N // 4), is_packed=st.booleans())
def test_a_resumed_epoch_goes_on_as_an_undisturbed_one(store: Store, cut: int, is_packed: bool) -> None:
    length = 64 if is_packed else None
    whole = epoch_of(stream(store, packed_length=length, epoch=2))
    before = stream(store, packed_length=length, epoch=2)
    seen = [numbers(batch) for _, batch in zip(range(cut), before, strict=False)]
    after = stream(store, packed_length=length)
    after.load_state_dict(before.state_dict())
    assert seen + list(DataLoader(after, batch_size=None, collate_fn=numbers)) == whole


def test_the_order_does_not_depend_on_the_number_of_workers(store: Store) -> None:
    alone = epoch_of(stream(store))
    resumed = stream(store)
    resumed.load_state_dict(stream(store).state_dict(n_batches=10))
    # a process forked from one with pyarrow's threads may die
    workers = {"num_workers": 2, "multiprocessing_context": "forkserver"}
    assert list(DataLoader(resumed, batch_size=None, collate_fn=numbers, **workers)) == alone[10:]
    assert epoch_of(resumed) == alone[10:]


def test_a_state_of_another_stream_is_refused(store: Store) -> None:
    state = stream(store).state_dict()
    for changes in ({"seed": 1}, {"batch_size": 5}, {"packed_length": 64}, {"n_buffered": 91}, {"version": 2}):
        with pytest.raises(ValueError, match="make the stream as it was"):
            stream(store, **changes).load_state_dict(state)


@pytest.mark.parametrize("packed_length", [None, 64])
def test_ranks_take_equally_many_batches_of_like_lengths_and_share_none(
    store: Store, packed_length: int | None
) -> None:
    of_ranks = [epoch_of(stream(store, packed_length=packed_length, rank=rank, n_ranks=3)) for rank in range(3)]
    assert len({len(batches) for batches in of_ranks}) == 1
    seen = [n for batches in of_ranks for batch in batches for n in batch]
    assert len(seen) == len(set(seen))
    assert N - len(seen) <= 2 * 4 * (1 if packed_length is None else 20)


def test_no_more_examples_are_held_than_the_buffer_takes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted at the source: what has been read and not yet yielded."""
    dataset = stream(store, n_buffered=60)
    n_read = 0
    read = dataset._rows

    def counted(rng: random.Random) -> Iterator[Any]:
        nonlocal n_read
        for row in read(rng):
            n_read += 1
            yield row

    monkeypatch.setattr(dataset, "_rows", counted)
    n_yielded = most = 0
    for batch in dataset:
        most = max(most, n_read - n_yielded)
        n_yielded += len(batch)
    assert n_read == n_yielded == N
    assert most <= 60


def test_a_buffer_too_small_for_its_batches_says_so(store: Store) -> None:
    with pytest.raises(ValueError, match="raise n_buffered"):
        epoch_of(stream(store, packed_length=2000, n_buffered=20))
    with pytest.raises(ValueError, match="a batch for every rank"):
        stream(store, n_buffered=3)


def test_the_collators_take_what_the_stream_yields(store: Store) -> None:
    padded = next(iter(DataLoader(stream(store), batch_size=None, collate_fn=CompletionCollator(0, 64))))
    assert padded["input_ids"].shape == padded["labels"].shape
    packs = stream(store, packed_length=64, batch_size=2)
    packed = next(iter(DataLoader(packs, batch_size=None, collate_fn=PackingCollator(0, 64))))
    assert packed["input_ids"].shape == packed["position_ids"].shape
    is_told = packed["labels"] != IGNORED_LABEL
    assert torch.equal(packed["labels"][is_told], packed["input_ids"][is_told])


def test_a_store_without_tokens_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cad-copilot finetune"):
        stream(Store(tmp_path))
