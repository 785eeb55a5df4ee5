"""The dataset as PyTorch sees it: (inputs, expected outputs), in padded batches of similar length.

    dataset = ScadDataset.from_rows(store.rows("tokens"))
    loader = DataLoader(
        dataset,
        batch_sampler=LengthGroupedBatchSampler(dataset.lengths, 16, seed=0),
        collate_fn=CompletionCollator(pad_token_id=tokenizer.pad_token_id, max_length=1024),
    )
    for batch in loader:
        loss = model(**batch).loss

Works with `transformers.Trainer` as it is (`remove_unused_columns=False`). Token ids come ready-made from the `tokens`
table; nothing here reads text, and no sequence is ever cut short in silence. Batches with hardly any padding are
`ml.packing`'s, tables larger than memory `ml.streaming`'s.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict, TypeVar, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from corpus.schema import TokensRow
from ml.tokenizer import Encoded

__all__ = [
    "IGNORED_LABEL",
    "Batch",
    "CompletionCollator",
    "Item",
    "LengthGroupedBatchSampler",
    "RankedSampler",
    "ScadDataset",
    "TokenBudgetBatchSampler",
    "encoded_of",
    "item_of",
]

BatchT = TypeVar("BatchT")

IGNORED_LABEL = -100
"""The label that torch's cross-entropy leaves out of the loss."""


class Item(TypedDict):
    input_ids: Tensor
    """(seq,) int64"""
    labels: Tensor
    """(seq,) int64: input_ids inside the answers, IGNORED_LABEL outside. Not shifted: LLaMA shifts them itself."""


class Batch(TypedDict):
    input_ids: Tensor
    """(batch, seq) int64, padded on the right"""
    attention_mask: Tensor
    """(batch, seq) int64: 1 for a token, 0 for padding"""
    labels: Tensor
    """(batch, seq) int64, IGNORED_LABEL for prompt and padding"""


def encoded_of(row: TokensRow) -> Encoded:
    """What of a row is trained on. Raises ValueError for one that teaches nothing."""
    encoded = Encoded(row.input_ids, tuple(zip(row.supervised_starts, row.supervised_ends, strict=True)))
    if problem := _problem(encoded):
        raise ValueError(f"example {row.example_id} has {problem}")
    return encoded


def item_of(input_ids: Sequence[int] | NDArray[np.int32], supervised: Iterable[tuple[int, int]]) -> Item:
    """The tensors of one example; `supervised` are the spans of its answers."""
    ids = torch.tensor(input_ids, dtype=torch.int64)
    labels = torch.full_like(ids, IGNORED_LABEL)
    for start, end in supervised:
        labels[start:end] = ids[start:end]
    return {"input_ids": ids, "labels": labels}


def _problem(encoded: Encoded) -> str | None:
    n = len(encoded.input_ids)
    if not encoded.supervised:
        return f"{n} tokens, none of them an answer: nothing to learn"
    borders = [border for span in encoded.supervised for border in span]
    is_in_order = all(a <= b for a, b in itertools.pairwise(borders))
    if not is_in_order or borders[0] < 0 or borders[-1] > n or any(start == end for start, end in encoded.supervised):
        return f"{n} tokens, and {encoded.supervised} are no answers within them; tokenize it again"
    return None


class ScadDataset(Dataset[Item]):
    """Map-style: `dataset[i]` is the i-th example as tensors of its inputs and its expected outputs.

    `dataset[[3, 1]]` is a list of two: what a pack of examples holds.
    """

    def __init__(self, encoded: Sequence[Encoded]) -> None:
        for i, e in enumerate(encoded):
            if problem := _problem(e):
                raise ValueError(f"example {i} has {problem}")
        self._encoded = tuple(encoded)

    @classmethod
    def from_rows(cls, rows: Sequence[TokensRow]) -> ScadDataset:
        return cls([encoded_of(row) for row in rows])

    def __len__(self) -> int:
        return len(self._encoded)

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: Sequence[int]) -> list[Item]: ...

    def __getitem__(self, index: int | Sequence[int]) -> Item | list[Item]:
        if isinstance(index, Sequence):
            return [self[i] for i in index]
        encoded = self._encoded[index]
        return item_of(encoded.input_ids, encoded.supervised)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each example, for the batch samplers."""
        return tuple(len(e.input_ids) for e in self._encoded)


class CompletionCollator:
    """Pads the items of a batch on the right, to the longest of them."""

    def __init__(self, pad_token_id: int, max_length: int) -> None:
        self._pad_token_id = pad_token_id
        self._max_length = max_length

    def __call__(self, items: Sequence[Item]) -> Batch:
        n_longest = max(len(item["input_ids"]) for item in items)
        if n_longest > self._max_length:
            # a source cut off in the middle would teach the model to stop there
            raise ValueError(
                f"an example has {n_longest} tokens, more than max_length={self._max_length}; "
                "drop it when the tokens are made, or raise max_length"
            )
        shape = (len(items), n_longest)
        input_ids = torch.full(shape, self._pad_token_id, dtype=torch.int64)
        attention_mask = torch.zeros(shape, dtype=torch.int64)
        labels = torch.full(shape, IGNORED_LABEL, dtype=torch.int64)
        for i, item in enumerate(items):
            n = len(item["input_ids"])
            input_ids[i, :n] = item["input_ids"]
            attention_mask[i, :n] = 1
            labels[i, :n] = item["labels"]
        return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}


class RankedSampler(Sampler[BatchT]):
    """What the batch samplers share: an order that follows from (seed, epoch), and one rank's part of it."""

    def __init__(self, lengths: Sequence[int], *, seed: int, rank: int, n_ranks: int, epoch: int) -> None:
        if not 0 <= rank < n_ranks:
            raise ValueError(f"rank={rank}, n_ranks={n_ranks} make no sense together")
        self._lengths = tuple(lengths)
        self._seed = seed
        self._rank = rank
        self._n_ranks = n_ranks
        self._epoch = epoch

    def set_epoch(self, epoch: int) -> None:
        """The order of epoch `epoch`; the same seed and epoch always give the same order."""
        self._epoch = epoch

    def _rng(self) -> random.Random:
        return random.Random(f"{self._seed}/{self._epoch}")


class LengthGroupedBatchSampler(RankedSampler[list[int]]):
    """Batches of examples of similar length, in random order: little padding, and no drift from short to long.

    Each epoch shuffles all examples, sorts them by length within pools of 50 batches, and shuffles the batches.
    On one rank every index comes up exactly once an epoch. With several, rank r takes every r-th batch, so that
    the ranks step together on like lengths; at most `n_ranks - 1` batches an epoch are left out, so that all
    take equally many.
    """

    _N_POOL_BATCHES = 50

    def __init__(
        self, lengths: Sequence[int], batch_size: int, *, seed: int, rank: int = 0, n_ranks: int = 1, epoch: int = 0
    ) -> None:
        super().__init__(lengths, seed=seed, rank=rank, n_ranks=n_ranks, epoch=epoch)
        if batch_size < 1:
            raise ValueError(f"batch_size={batch_size} must be 1 or more")
        self._batch_size = batch_size

    def __len__(self) -> int:
        n_batches = -(-len(self._lengths) // self._batch_size)
        return n_batches // self._n_ranks

    def __iter__(self) -> Iterator[list[int]]:
        rng = self._rng()
        order = list(range(len(self._lengths)))
        rng.shuffle(order)
        n_pool = self._N_POOL_BATCHES * self._batch_size
        batches: list[list[int]] = []
        for start in range(0, len(order), n_pool):
            pool = sorted(order[start : start + n_pool], key=self._lengths.__getitem__)
            batches += [pool[i : i + self._batch_size] for i in range(0, len(pool), self._batch_size)]
        # neighbours in length go to the ranks of one step: none waits for another's longer batch
        steps = [batches[i : i + self._n_ranks] for i in range(0, len(batches) - self._n_ranks + 1, self._n_ranks)]
        rng.shuffle(steps)
        return iter([step[self._rank] for step in steps])


class TokenBudgetBatchSampler(RankedSampler[list[int]]):
    """Batches of like lengths with at most `max_tokens` places, padding counted: many short examples or few long ones.

    For a GPU whose memory the longest batch decides: of our conversations up to 2,048 tokens, batches of 8 take up to
    15,760 places, batches of as many tokens on average 3,520; and 0.2 % of them are padding instead of 3.7 %. The order
    follows from (seed, epoch), the number of batches from the lengths alone. Ranks as in LengthGroupedBatchSampler.
    """

    def __init__(
        self, lengths: Sequence[int], max_tokens: int, *, seed: int, rank: int = 0, n_ranks: int = 1, epoch: int = 0
    ) -> None:
        super().__init__(lengths, seed=seed, rank=rank, n_ranks=n_ranks, epoch=epoch)
        longest = max(lengths, default=0)
        if longest > max_tokens:
            raise ValueError(f"max_tokens={max_tokens} is too few: the longest example has {longest} tokens")
        self._max_tokens = max_tokens
        self._n_batches = len(self._batches(range(len(lengths))))

    def __len__(self) -> int:
        return self._n_batches // self._n_ranks

    def __iter__(self) -> Iterator[list[int]]:
        rng = self._rng()
        batches = self._batches(rng.sample(range(len(self._lengths)), len(self._lengths)))
        # others each epoch: left out at one end, the longest would never be seen
        for i in sorted(rng.sample(range(len(batches)), len(batches) % self._n_ranks), reverse=True):
            del batches[i]
        steps = [batches[i : i + self._n_ranks] for i in range(0, len(batches), self._n_ranks)]
        rng.shuffle(steps)
        return iter([step[self._rank] for step in steps])

    def _batches(self, order: Sequence[int]) -> list[list[int]]:
        """From short to long; among equal lengths in `order`."""
        batches: list[list[int]] = []
        for i in sorted(order, key=self._lengths.__getitem__):
            if batches and (len(batches[-1]) + 1) * self._lengths[i] <= self._max_tokens:
                batches[-1].append(i)
            else:
                batches.append([i])
        return batches
