"""Examples as token rows: encoded once, with the answers' places beside them, so that training reads no text.

The turns of a conversation are examples of their own, each with the turns before it as history; the longest that fits
the model teaches all of them at once, so only that one becomes a row. An example too long for the model is rejected
with a reason, never truncated: a source cut off in the middle would teach the model to stop there. Covers the table's
rows; batches are `ml.dataset`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.schema import ExampleRow, RejectedRow, TokensRow
from ml.tokenizer import encode_example, fingerprint

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["Tokenized", "tokenize_examples"]

log = logging.getLogger(__name__)

_Turns = tuple[tuple[str, str], ...]
"""(prompt, scad) pairs from the first on."""


@dataclass(frozen=True)
class Tokenized:
    """What became of a set of examples: each is a row, covered by one, or rejected."""

    rows: list[TokensRow]
    """In the order of their examples."""
    rejected: list[RejectedRow]
    n_covered: int
    """Examples without a row of their own: a longer one of the same conversation teaches their answer inside."""


def tokenize_examples(rows: Sequence[ExampleRow], tokenizer: PreTrainedTokenizerBase, *, max_length: int) -> Tokenized:
    """The token rows of `rows`; those with more than `max_length` tokens are rejected as `too_long`."""
    tokenizer_id = fingerprint(tokenizer)
    conversations = [_conversation(row) for row in rows]
    covered: set[tuple[str, _Turns]] = set()
    tokens: dict[int, TokensRow] = {}
    rejected: dict[int, RejectedRow] = {}
    n_covered = 0
    # the longest of each conversation first: it decides which of the others are needed
    for i in sorted(range(len(rows)), key=lambda i: (-len(conversations[i]), i)):
        row, turns = rows[i], conversations[i]
        if (row.split, turns) in covered:
            n_covered += 1
            continue
        encoded = encode_example(tokenizer, row.prompt, row.scad, turns=turns[:-1])
        n_tokens = len(encoded.input_ids)
        if n_tokens > max_length:
            detail = f"{n_tokens} tokens, the limit is {max_length}"
            rejected[i] = RejectedRow(row.example_id, "tokenize", "too_long", detail, row.source)
            continue
        if len(encoded.supervised) == len(turns):
            covered.update((row.split, turns[:n]) for n in range(1, len(turns)))
        starts, ends = zip(*encoded.supervised, strict=True)
        tokens[i] = TokensRow(row.example_id, tokenizer_id, row.split, encoded.input_ids, starts, ends)
    log.info(
        "%d examples tokenized, %d more are earlier turns of these, %d too long", len(tokens), n_covered, len(rejected)
    )
    return Tokenized([tokens[i] for i in sorted(tokens)], [rejected[i] for i in sorted(rejected)], n_covered)


def _conversation(row: ExampleRow) -> _Turns:
    return (*((turn.prompt, turn.scad) for turn in row.history), (row.prompt, row.scad))
