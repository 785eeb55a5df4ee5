"""The endless stream of training batches for pretraining: lessons as tokens with weights, in batches of like length.

Every lesson is drawn once and forgotten; the stream is a function of the seed alone, so any position in it can be
come back to, and the number of processes only shares out the work. In an edited source the tokens that were copied from
the source before count little: there are ten times as many of them, and handing the source back unchanged would be a
good answer otherwise. Covers tokens and batches; what is taught is `ml.pretraining.lessons`', the optimisation
`ml.pretraining.learner`'s.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist
from torch import Tensor

from ml.pretraining.lessons import Lesson, draw_lessons
from ml.tokenizer import ASSISTANT_TOKEN, USER_TOKEN, train_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

__all__ = [
    "Position",
    "Stream",
    "StreamBatch",
    "TokenizedLesson",
    "WeightedBatch",
    "encode_lesson",
    "train_base_tokenizer",
]

N_PARTS = 4
"""A chunk is drawn in four parts, each of its own seed: up to four processes share the drawing."""


@dataclass(frozen=True)
class TokenizedLesson:
    """A lesson as tokens."""

    input_ids: tuple[int, ...]
    weights: tuple[float, ...]
    """Of each token as something to predict: 0 for what is only read."""


@dataclass(frozen=True)
class WeightedBatch:
    input_ids: Tensor
    """(batch, seq) int64, padded on the right."""
    weights: Tensor
    """(batch, seq) float32; 0 for padding."""


@dataclass(frozen=True)
class Position:
    """A place in the stream: `n_batches` batches of chunk `chunk` have been trained on."""

    chunk: int = 0
    n_batches: int = 0


@dataclass(frozen=True)
class StreamBatch:
    batch: WeightedBatch
    """This rank's share of the batch."""
    n_tokens: int
    """Tokens of the whole batch, all ranks, without padding."""
    after: Position
    """Where the stream goes on once this batch has been trained on."""


def train_base_tokenizer(
    *, seed: int, families: tuple[str, ...], n_lessons: int, vocab_size: int, max_length: int
) -> PreTrainedTokenizerFast:
    lessons = draw_lessons(n_lessons, seed=f"{seed}/tokenizer", families=families)
    texts = (text for lesson in lessons for turn in lesson.turns for text in (turn.prompt, turn.scad))
    return train_tokenizer(texts, vocab_size=vocab_size, model_max_length=max_length)


def encode_lesson(
    tokenizer: PreTrainedTokenizerBase, lesson: Lesson, *, max_length: int, copied_weight: float
) -> TokenizedLesson | None:
    """The lesson's first turns, as many as fit; None where none is taught. As `ml.chat`'s template would have it."""
    user, assistant = tokenizer.convert_tokens_to_ids([USER_TOKEN, ASSISTANT_TOKEN])
    texts = [text for turn in lesson.turns for text in (turn.prompt, turn.scad)]
    encoded = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    ids: list[int] = []
    weights: list[float] = []
    before: list[int] | None = None
    for turn, prompt, scad in zip(lesson.turns, encoded[::2], encoded[1::2], strict=True):
        answer = [*scad, tokenizer.eos_token_id]
        if len(ids) + len(prompt) + len(answer) + 2 > max_length:
            break
        ids += [user, *prompt, assistant, *answer]
        own = _answer_weights(before, answer, copied_weight) if turn.is_taught else [0.0] * len(answer)
        weights += [0.0] * (len(prompt) + 2) + own
        before = answer
    return TokenizedLesson(tuple(ids), tuple(weights)) if any(weights) else None


def _answer_weights(before: Sequence[int] | None, answer: Sequence[int], copied_weight: float) -> list[float]:
    """1 for what an edit changed and for the place where copying goes on after it, less for what it kept."""
    weights = [1.0] * len(answer)
    if before is not None:
        for block in SequenceMatcher(None, before, answer, autojunk=False).get_matching_blocks():
            is_start = block.a == 0 and block.b == 0
            for i in range(block.b + (not is_start), block.b + block.size):
                weights[i] = copied_weight
    return weights


class Stream:
    """Batches from any position on, for one of `n_ranks` processes that all take part."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        *,
        seed: int,
        families: tuple[str, ...],
        n_batch_tokens: int,
        chunk_size: int,
        max_length: int,
        is_house_style: bool = True,
        copied_weight: float = 0.15,
        rank: int = 0,
        n_ranks: int = 1,
    ) -> None:
        if N_PARTS % n_ranks:
            raise ValueError(f"n_processes={n_ranks} must divide {N_PARTS}")
        self.tokenizer = tokenizer
        self._seed = seed
        self._families = families
        self._n_batch_tokens = n_batch_tokens
        self._chunk_size = chunk_size
        self._max_length = max_length
        self._is_house_style = is_house_style
        self._copied_weight = copied_weight
        self._rank = rank
        self._n_ranks = n_ranks
        self._pad_id = int(tokenizer.pad_token_id)
        self.n_chunk_tokens = 0
        """Of the chunk drawn last."""

    def batches(self, start: Position) -> Iterator[StreamBatch]:
        """Never ends."""
        position = start
        while True:
            yield from self._chunk_batches(position)
            position = Position(position.chunk + 1)

    def _chunk_batches(self, start: Position) -> Iterator[StreamBatch]:
        sequences = self._chunk(start.chunk)
        self.n_chunk_tokens = sum(len(s.input_ids) for s in sequences)
        batches = self._grouped(sequences, random.Random(f"{self._seed}/order/{start.chunk}"))
        for i, batch in enumerate(batches[start.n_batches :], start.n_batches + 1):
            share = [sequences[j] for j in batch[self._rank :: self._n_ranks]]  # by length: equal shares of work
            n_tokens = sum(len(sequences[j].input_ids) for j in batch)
            yield StreamBatch(self._padded(share), n_tokens, Position(start.chunk, i))

    def _grouped(self, sequences: Sequence[TokenizedLesson], rng: random.Random) -> list[list[int]]:
        """Indices in batches of like length and about `n_batch_tokens` tokens, N_PARTS sequences or more in each."""
        order = list(range(len(sequences)))
        rng.shuffle(order)
        order.sort(key=lambda i: len(sequences[i].input_ids))
        batches: list[list[int]] = [[]]
        n_tokens = 0
        for i in order:
            if n_tokens >= self._n_batch_tokens and len(batches[-1]) >= N_PARTS:
                batches.append([])
                n_tokens = 0
            batches[-1].append(i)
            n_tokens += len(sequences[i].input_ids)
        if len(batches[-1]) < N_PARTS:
            batches.pop()  # every rank needs a share
        rng.shuffle(batches)
        return batches

    def _padded(self, sequences: Sequence[TokenizedLesson]) -> WeightedBatch:
        n_longest = max(len(s.input_ids) for s in sequences)
        input_ids = torch.full((len(sequences), n_longest), self._pad_id, dtype=torch.int64)
        weights = torch.zeros((len(sequences), n_longest))
        for i, s in enumerate(sequences):
            input_ids[i, : len(s.input_ids)] = torch.tensor(s.input_ids)
            weights[i, : len(s.weights)] = torch.tensor(s.weights)
        return WeightedBatch(input_ids, weights)

    def _chunk(self, chunk: int) -> list[TokenizedLesson]:
        """All sequences of a chunk, the same on every rank; each rank draws some of the parts."""
        mine = {part: self._part(chunk, part) for part in range(self._rank, N_PARTS, self._n_ranks)}
        if self._n_ranks == 1:
            return [s for part in range(N_PARTS) for s in mine[part]]
        gathered: list[dict[int, list[TokenizedLesson]] | None] = [None] * self._n_ranks
        dist.all_gather_object(gathered, mine)
        parts = {part: sequences for of_rank in gathered if of_rank for part, sequences in of_rank.items()}
        return [s for part in range(N_PARTS) for s in parts[part]]

    def _part(self, chunk: int, part: int) -> list[TokenizedLesson]:
        seed = f"{self._seed}/train/{chunk}/{part}"
        lessons = draw_lessons(
            self._chunk_size // N_PARTS, seed=seed, families=self._families, is_house_style=self._is_house_style
        )
        encoded = (
            encode_lesson(self.tokenizer, lesson, max_length=self._max_length, copied_weight=self._copied_weight)
            for lesson in lessons
        )
        return [s for s in encoded if s is not None]
