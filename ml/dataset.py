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
table; nothing here reads text, and no sequence is ever cut short in silence.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TypedDict

import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from corpus.schema import TokensRow
from ml.tokenizer import Encoded

__all__ = ["IGNORED_LABEL", "Batch", "CompletionCollator", "Item", "LengthGroupedBatchSampler", "ScadDataset"]

IGNORED_LABEL = -100
"""The label that torch's cross-entropy leaves out of the loss."""


class Item(TypedDict):
    input_ids: Tensor
    """(seq,) int64"""
    labels: Tensor
    """(seq,) int64: input_ids, IGNORED_LABEL where the prompt is. Not shifted: LLaMA shifts them itself."""


class Batch(TypedDict):
    input_ids: Tensor
    """(batch, seq) int64, padded on the right"""
    attention_mask: Tensor
    """(batch, seq) int64: 1 for a token, 0 for padding"""
    labels: Tensor
    """(batch, seq) int64, IGNORED_LABEL for prompt and padding"""


class ScadDataset(Dataset[Item]):
    """Map-style: `dataset[i]` is the i-th example as tensors of its inputs and its expected outputs."""

    def __init__(self, encoded: Sequence[Encoded]) -> None:
        for i, e in enumerate(encoded):
            if not 0 <= e.n_prompt_tokens < len(e.input_ids):
                raise ValueError(
                    f"example {i} has {len(e.input_ids)} tokens, {e.n_prompt_tokens} of them prompt: nothing to learn"
                )
        self._encoded = tuple(encoded)

    @classmethod
    def from_rows(cls, rows: Sequence[TokensRow]) -> ScadDataset:
        return cls([Encoded(row.input_ids, row.n_prompt_tokens) for row in rows])

    def __len__(self) -> int:
        return len(self._encoded)

    def __getitem__(self, index: int) -> Item:
        encoded = self._encoded[index]
        input_ids = torch.tensor(encoded.input_ids, dtype=torch.int64)
        labels = input_ids.clone()
        labels[: encoded.n_prompt_tokens] = IGNORED_LABEL
        return {"input_ids": input_ids, "labels": labels}

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each example, for LengthGroupedBatchSampler."""
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


class LengthGroupedBatchSampler(Sampler[list[int]]):
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
        if batch_size < 1 or not 0 <= rank < n_ranks:
            raise ValueError(f"batch_size={batch_size}, rank={rank}, n_ranks={n_ranks} make no sense together")
        self._lengths = tuple(lengths)
        self._batch_size = batch_size
        self._seed = seed
        self._rank = rank
        self._n_ranks = n_ranks
        self._epoch = epoch

    def set_epoch(self, epoch: int) -> None:
        """The order of epoch `epoch`; the same seed and epoch always give the same order."""
        self._epoch = epoch

    def __len__(self) -> int:
        n_batches = -(-len(self._lengths) // self._batch_size)
        return n_batches // self._n_ranks

    def __iter__(self) -> Iterator[list[int]]:
        rng = random.Random(f"{self._seed}/{self._epoch}")
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
