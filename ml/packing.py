"""Several examples a sequence, end to end, none of which sees another: batches with hardly any padding.

    loader = DataLoader(
        dataset,
        batch_sampler=PackedBatchSampler(dataset.lengths, max_length=1024, n_rows=4, seed=0),
        collate_fn=PackingCollator(pad_token_id=tokenizer.pad_token_id, max_length=1024),
    )

What keeps the examples apart is `position_ids`, which begin at 0 with each of them: transformers finds the borders by
that and masks what lies across. It looks for them only where it is given no attention mask and no cache, so the batches
hold no mask, and the model's `config.use_cache` must be False; with a cache the examples would see each other.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import TypedDict

import torch
from torch import Tensor

from ml.dataset import IGNORED_LABEL, Item, RankedSampler

__all__ = ["PackedBatch", "PackedBatchSampler", "PackingCollator", "pack"]


class PackedBatch(TypedDict):
    input_ids: Tensor
    """(rows, seq) int64, padded on the right"""
    position_ids: Tensor
    """(rows, seq) int64: 0, 1, 2, … within each example, and within the padding"""
    labels: Tensor
    """(rows, seq) int64; IGNORED_LABEL for prompts, padding and the first token of every example"""


def pack(lengths: Sequence[int], max_length: int, *, order: Sequence[int] | None = None) -> list[list[int]]:
    """Indices in packs of at most `max_length` tokens, every index once.

    Best fit, longest first: each goes where it leaves the least space. That needs at most 11/9 of the fewest packs
    possible (Johnson 1974), and with lengths like ours about 1 % more. Among equal lengths `order` decides, that of the
    indices unless given; it changes which examples meet, never the number of packs.
    """
    order = range(len(lengths)) if order is None else order
    packs: list[list[int]] = []
    by_space: dict[int, list[int]] = {}
    """Packs by what is free in them."""
    spaces: list[int] = []
    """The keys of by_space, ascending."""
    for i in sorted(order, key=lambda i: -lengths[i]):
        length = lengths[i]
        if not 0 < length <= max_length:
            raise ValueError(f"example {i} has {length} tokens; a pack takes 1 to max_length={max_length}")
        position = bisect_left(spaces, length)
        if position < len(spaces):
            space = spaces[position]
            number = by_space[space].pop()
            if not by_space[space]:
                del by_space[space], spaces[position]
            packs[number].append(i)
        else:
            space, number = max_length, len(packs)
            packs.append([i])
        if left := space - length:
            if left not in by_space:
                insort(spaces, left)
            by_space.setdefault(left, []).append(number)
    return packs


class PackedBatchSampler(RankedSampler[list[list[int]]]):
    """Batches of `n_rows` packs; a pack is the indices of the examples in one sequence.

    The order follows from (seed, epoch), and so does which of equally long examples go together. On one rank every
    index comes up exactly once an epoch. With several, rank r takes every r-th batch; at most `n_ranks - 1` batches an
    epoch are left out, so that all take equally many.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        *,
        max_length: int,
        n_rows: int,
        seed: int,
        rank: int = 0,
        n_ranks: int = 1,
        epoch: int = 0,
    ) -> None:
        super().__init__(lengths, seed=seed, rank=rank, n_ranks=n_ranks, epoch=epoch)
        if n_rows < 1:
            raise ValueError(f"n_rows={n_rows} must be 1 or more")
        self._max_length = max_length
        self._n_rows = n_rows
        self._n_packs = len(pack(self._lengths, max_length))

    @property
    def padding_share(self) -> float:
        """What of the packs' places holds no token, 0 to below 1; 0.0 without examples."""
        n_places = self._n_packs * self._max_length
        return 1 - sum(self._lengths) / n_places if n_places else 0.0

    def __len__(self) -> int:
        return -(-self._n_packs // self._n_rows) // self._n_ranks

    def __iter__(self) -> Iterator[list[list[int]]]:
        rng = self._rng()
        order = list(range(len(self._lengths)))
        rng.shuffle(order)
        packs = pack(self._lengths, self._max_length, order=order)
        rng.shuffle(packs)
        batches = [packs[i : i + self._n_rows] for i in range(0, len(packs), self._n_rows)]
        n_shared = len(self) * self._n_ranks
        return iter(batches[self._rank : n_shared : self._n_ranks])


class PackingCollator:
    """Lays the items of each pack end to end, and pads the rows on the right to the longest of them."""

    def __init__(self, pad_token_id: int, max_length: int) -> None:
        self._pad_token_id = pad_token_id
        self._max_length = max_length

    def __call__(self, packs: Sequence[Sequence[Item]]) -> PackedBatch:
        n_longest = max(sum(len(item["input_ids"]) for item in items) for items in packs)
        if n_longest > self._max_length:
            raise ValueError(
                f"a pack has {n_longest} tokens, more than max_length={self._max_length}; "
                "give sampler and collator the same max_length"
            )
        shape = (len(packs), n_longest)
        input_ids = torch.full(shape, self._pad_token_id, dtype=torch.int64)
        position_ids = torch.zeros(shape, dtype=torch.int64)
        labels = torch.full(shape, IGNORED_LABEL, dtype=torch.int64)
        for row, items in enumerate(packs):
            start = 0
            for item in items:
                end = start + len(item["input_ids"])
                input_ids[row, start:end] = item["input_ids"]
                position_ids[row, start:end] = torch.arange(end - start)
                # the token before an example's first is another example's last, and must not learn to predict it
                labels[row, start + 1 : end] = item["labels"][1:]
                start = end
            position_ids[row, start:] = torch.arange(n_longest - start)
        return {"input_ids": input_ids, "position_ids": position_ids, "labels": labels}
