"""The endless stream of training batches for pretraining, straight from the part generator.

Every example is drawn once and forgotten; the stream is a function of the seed alone, so any position in it can be
come back to, and the number of processes only shares out the work. Covers generation, tokens and batches;
the optimisation is `ml.pretrain`'s.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch.distributed as dist

from corpus.starter import FAMILIES, SynthExample, sample_examples
from ml.dataset import Batch, CompletionCollator, LengthGroupedBatchSampler, ScadDataset
from ml.tokenizer import Encoded, encode_example, train_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

__all__ = ["Position", "Stream", "StreamBatch", "base_families", "gate_examples", "train_base_tokenizer"]

_log = logging.getLogger(__name__)

N_PARTS = 4
"""A chunk is drawn in four parts, each of its own seed: up to four processes share the drawing."""
N_TOKENIZER_EXAMPLES = 4000
"""About 500 kB of text: with 40 % of it the last merge of 1,024 is still seen hundreds of times."""


@dataclass(frozen=True)
class Position:
    """A place in the stream: `n_batches` batches of chunk `chunk` have been trained on."""

    chunk: int = 0
    n_batches: int = 0


@dataclass(frozen=True)
class StreamBatch:
    batch: Batch
    """This rank's share of the batch."""
    n_tokens: int
    """Tokens of the whole batch, all ranks, without padding."""
    after: Position
    """Where the stream goes on once this batch has been trained on."""


def base_families(names: Sequence[str] = ()) -> tuple[str, ...]:
    """The families the base is pretrained on: those of group `base`, or the ones named."""
    unknown = sorted(set(names) - set(FAMILIES))
    if unknown:
        raise ValueError(f"no family {unknown}; there are {sorted(FAMILIES)}")
    return tuple(names) or tuple(name for name, family in FAMILIES.items() if family.group == "base")


def draw(n: int, *, seed: str, families: Sequence[str], wording_pools: Sequence[str], split: str) -> list[SynthExample]:
    """`n` examples; `seed` is any string, so that streams of one run can be told apart by name."""
    number = random.Random(seed).getrandbits(48)
    return list(
        sample_examples(n, seed=number, families=tuple(families), wording_pools=tuple(wording_pools), split=split)
    )


def train_base_tokenizer(
    *, seed: int, families: Sequence[str], wording_pools: Sequence[str], vocab_size: int, max_length: int
) -> PreTrainedTokenizerFast:
    examples = draw(
        N_TOKENIZER_EXAMPLES, seed=f"{seed}/tokenizer", families=families, wording_pools=wording_pools, split="train"
    )
    texts = (text for example in examples for text in (example.prompt, example.scad))
    return train_tokenizer(texts, vocab_size=vocab_size, model_max_length=max_length)


def gate_examples(
    n: int, *, seed: int, families: Sequence[str], wording_pools: Sequence[str]
) -> tuple[SynthExample, ...]:
    """Held-out examples of the same families and wordings: numbers that training never sees."""
    return tuple(draw(n, seed=f"{seed}/gate", families=families, wording_pools=wording_pools, split="test"))


class Stream:
    """Batches from any position on, for one of `n_ranks` processes that all take part."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        *,
        seed: int,
        families: Sequence[str],
        wording_pools: Sequence[str],
        batch_size: int,
        chunk_size: int,
        max_length: int,
        rank: int = 0,
        n_ranks: int = 1,
    ) -> None:
        if N_PARTS % n_ranks or batch_size % n_ranks or chunk_size % (N_PARTS * batch_size):
            raise ValueError(
                f"n_processes={n_ranks} must divide {N_PARTS} and batch_size={batch_size}; "
                f"chunk_size={chunk_size} must be a multiple of {N_PARTS} batches"
            )
        self.tokenizer = tokenizer
        self._seed = seed
        self._families = tuple(families)
        self._wording_pools = tuple(wording_pools)
        self._batch_size = batch_size
        self._chunk_size = chunk_size
        self._max_length = max_length
        self._rank = rank
        self._n_ranks = n_ranks
        self._collate = CompletionCollator(int(tokenizer.pad_token_id), max_length)

    def batches(self, start: Position) -> Iterator[StreamBatch]:
        """Never ends."""
        position = start
        while True:
            yield from self._chunk_batches(position)
            position = Position(position.chunk + 1)

    def _chunk_batches(self, start: Position) -> Iterator[StreamBatch]:
        dataset = ScadDataset(self._chunk(start.chunk))
        lengths = dataset.lengths
        sampler = LengthGroupedBatchSampler(lengths, self._batch_size, seed=self._seed, epoch=start.chunk)
        # over-long examples were dropped, so the last batch may be short: left out, for every rank needs a share
        whole = [indices for indices in sampler if len(indices) == self._batch_size]
        for i, indices in enumerate(whole[start.n_batches :], start.n_batches + 1):
            share = indices[self._rank :: self._n_ranks]  # sorted by length: equal shares of work
            yield StreamBatch(
                batch=self._collate([dataset[j] for j in share]),
                n_tokens=sum(lengths[j] for j in indices),
                after=Position(start.chunk, i),
            )

    def _chunk(self, chunk: int) -> list[Encoded]:
        """All examples of a chunk, the same on every rank; each rank draws some of the parts."""
        mine = {part: self._part(chunk, part) for part in range(self._rank, N_PARTS, self._n_ranks)}
        if self._n_ranks == 1:
            return [encoded for part in range(N_PARTS) for encoded in mine[part]]
        gathered: list[dict[int, list[Encoded]] | None] = [None] * self._n_ranks
        dist.all_gather_object(gathered, mine)
        parts = {part: examples for of_rank in gathered if of_rank for part, examples in of_rank.items()}
        return [encoded for part in range(N_PARTS) for encoded in parts[part]]

    def _part(self, chunk: int, part: int) -> list[Encoded]:
        examples = draw(
            self._chunk_size // N_PARTS,
            seed=f"{self._seed}/train/{chunk}/{part}",
            families=self._families,
            wording_pools=self._wording_pools,
            split="train",
        )
        encoded = [encode_example(self.tokenizer, e.prompt, e.scad) for e in examples]
        fitting = [e for e in encoded if len(e.input_ids) <= self._max_length]
        if len(fitting) < len(encoded):
            _log.info("%d of %d examples exceed %d tokens", len(encoded) - len(fitting), len(encoded), self._max_length)
        return fitting
