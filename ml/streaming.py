"""Training batches straight from the parts of a token table: for one that does not fit in memory.

    stream = StreamingScadDataset(store, tokenizer_id=fingerprint(tokenizer), batch_size=16, seed=0)
    loader = DataLoader(stream, batch_size=None, collate_fn=CompletionCollator(pad_token_id, max_length))
    for batch in loader:
        ...
    torch.save(stream.state_dict(), path)

An epoch reads the parts in random order into a buffer, and makes batches of what is in it with the very samplers of
tables in memory: like lengths together, or packs. The order follows from (seed, epoch) alone, not from the number of
DataLoader workers, so a resumed epoch goes on as an undisturbed one would. Every rank and worker reads all parts, a few
microseconds a row; the batches are shared out among them. Covers one version of one table, chosen when it is made.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, Sampler, get_worker_info

from corpus.store import Part, Store, StoreError
from ml.dataset import Item, LengthGroupedBatchSampler, item_of
from ml.packing import PackedBatchSampler

__all__ = ["StreamingScadDataset"]

_COLUMNS = ("tokenizer_id", "split", "input_ids", "supervised_starts", "supervised_ends")


@dataclass(frozen=True)
class _Stored:
    """An example in the buffer: 4 bytes a token, where a tuple of Python's numbers takes 40."""

    input_ids: NDArray[np.int32]
    supervised: tuple[tuple[int, int], ...]

    def item(self) -> Item:
        return item_of(self.input_ids, self.supervised)


class StreamingScadDataset(IterableDataset[list[Any]]):
    """Yields whole batches: lists of items, or with `packed_length` lists of packs of items.

    On one rank every example comes up exactly once an epoch. With several, each yields equally many batches of an
    epoch, of like lengths at the same time; at most `n_ranks - 1` batches at its end are left out.
    """

    def __init__(
        self,
        store: Store,
        *,
        tokenizer_id: str,
        batch_size: int,
        seed: int,
        version: int | None = None,
        split: str = "train",
        packed_length: int | None = None,
        n_buffered: int = 8192,
        rank: int = 0,
        n_ranks: int = 1,
        epoch: int = 0,
    ) -> None:
        """`batch_size` examples a batch; with `packed_length` so many packs of at most that many tokens."""
        if batch_size < 1 or not 0 <= rank < n_ranks or n_buffered < batch_size * n_ranks:
            raise ValueError(
                f"batch_size={batch_size}, rank={rank}, n_ranks={n_ranks}, n_buffered={n_buffered} make no sense "
                "together: the buffer must hold a batch for every rank"
            )
        manifest = store.manifest("tokens", version)
        if manifest is None:
            raise StoreError("there is no tokens table yet; make one with `cad-copilot finetune`")
        self._store = store
        self._parts = manifest.parts
        self._tokenizer_id = tokenizer_id
        self._split = split
        self._batch_size = batch_size
        self._packed_length = packed_length
        self._n_buffered = n_buffered
        self._rank = rank
        self._n_ranks = n_ranks
        self._epoch = epoch
        self._n_batches = 0
        """Taken of this epoch."""
        self._n_skipped = 0
        """Of it, before the next iteration."""
        self._identity = {
            **{"content_hash": manifest.content_hash, "tokenizer_id": tokenizer_id, "split": split, "seed": seed},
            **{"batch_size": batch_size, "packed_length": packed_length, "n_buffered": n_buffered, "n_ranks": n_ranks},
        }
        self._seed = seed

    def set_epoch(self, epoch: int) -> None:
        """The order of epoch `epoch`, from its beginning."""
        if epoch != self._epoch:
            self._epoch, self._n_batches, self._n_skipped = epoch, 0, 0

    def state_dict(self, *, n_batches: int | None = None) -> dict[str, Any]:
        """Where the stream is. Give `n_batches`, those taken of this epoch, if DataLoader workers iterate: what they
        read ahead, this copy doesn't see."""
        return {
            "epoch": self._epoch,
            "n_batches": self._n_batches if n_batches is None else n_batches,
            "of": dict(self._identity),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The next iteration yields the rest of that epoch. Raises ValueError for another table or other settings."""
        for name, value in self._identity.items():
            if state["of"].get(name) != value:
                raise ValueError(
                    f"the state is of a stream with {name}={state['of'].get(name)!r}, this one has {value!r}: its "
                    "batches would be others; make the stream as it was, or begin the epoch anew"
                )
        self._epoch, self._n_skipped = state["epoch"], state["n_batches"]
        self._n_batches = self._n_skipped

    def __iter__(self) -> Iterator[list[Any]]:
        worker = get_worker_info()
        n_workers, number = (worker.num_workers, worker.id) if worker else (1, 0)
        n_skipped, self._n_skipped = self._n_skipped, 0  # iterated once more, the epoch begins at its beginning
        self._n_batches = n_skipped
        for n_before, (pool, batch) in enumerate(self._batches()):
            if n_before < n_skipped:
                continue
            # DataLoader asks its workers in turn: dealt out like this, the batches arrive in their order
            if (n_before - n_skipped) % n_workers == number:
                self._n_batches = n_before + 1
                yield [
                    pool[entry].item() if isinstance(entry, int) else [pool[i].item() for i in entry] for entry in batch
                ]

    def _batches(self) -> Iterator[tuple[list[_Stored], list[Any]]]:
        """(examples in the buffer, a batch of indices into it) for this rank, a buffer at a time."""
        rng = random.Random(f"{self._seed}/{self._epoch}")
        rows = self._rows(rng)
        pool: list[_Stored] = []
        is_last = False
        while not is_last:
            pool += islice(rows, self._n_buffered - len(pool))
            is_last = len(pool) < self._n_buffered
            steps = self._steps([len(stored.input_ids) for stored in pool], seed=rng.getrandbits(48))
            if not is_last:  # who would make a batch that isn't full, or is left over by the ranks, waits
                steps = [step for step in steps if all(len(batch) == self._batch_size for batch in step)]
            if not steps and not is_last:
                raise ValueError(
                    f"n_buffered={self._n_buffered} examples don't fill {self._batch_size} packs of "
                    f"{self._packed_length} tokens for {self._n_ranks} ranks; raise n_buffered"
                )
            for step in steps:
                yield pool, step[self._rank]
            used = {i for step in steps for batch in step for entry in batch for i in _indices(entry)}
            pool = [stored for i, stored in enumerate(pool) if i not in used]

    def _steps(self, lengths: list[int], *, seed: int) -> list[tuple[list[Any], ...]]:
        """Batches of a buffer, one for each rank a step."""
        ranks = range(self._n_ranks)
        samplers: list[Sampler[list[Any]]]
        if self._packed_length is None:
            samplers = [
                LengthGroupedBatchSampler(lengths, self._batch_size, seed=seed, rank=rank, n_ranks=self._n_ranks)
                for rank in ranks
            ]
        else:
            length, n_rows = self._packed_length, self._batch_size
            samplers = [
                PackedBatchSampler(
                    lengths, max_length=length, n_rows=n_rows, seed=seed, rank=rank, n_ranks=self._n_ranks
                )
                for rank in ranks
            ]
        return list(zip(*samplers, strict=True))

    def _rows(self, rng: random.Random) -> Iterator[_Stored]:
        """The table's rows of this tokenizer and split, the parts in random order."""
        parts = list(self._parts)
        rng.shuffle(parts)
        for part in parts:
            yield from self._part_rows(part)

    def _part_rows(self, part: Part) -> Iterator[_Stored]:
        for batch in self._store.read_part("tokens", part, columns=_COLUMNS):
            is_ours = pc.and_(
                pc.equal(batch.column("tokenizer_id"), self._tokenizer_id), pc.equal(batch.column("split"), self._split)
            )
            ours = batch.filter(is_ours)
            starts, ends = ours.column("supervised_starts").to_pylist(), ours.column("supervised_ends").to_pylist()
            for i, ids in enumerate(ours.column("input_ids")):
                # astype copies: a view would keep the 4,096 rows round it in memory
                spans = tuple(zip(starts[i], ends[i], strict=True))
                yield _Stored(ids.values.to_numpy().astype(np.int32), spans)


def _indices(entry: int | list[int]) -> Iterable[int]:
    """Of a batch's entry: one example, or a pack of them."""
    return (entry,) if isinstance(entry, int) else entry
