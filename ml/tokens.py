"""Examples as token rows: encoded once, with the prompt's length beside them, so that training reads no text.

An example too long for the model is rejected with a reason, never truncated: a source cut off in the middle
would teach the model to stop there. Covers the table's rows; batches are `ml.dataset`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.schema import ExampleRow, RejectedRow, TokensRow
from ml.tokenizer import encode_example, fingerprint

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["tokenize_examples"]

log = logging.getLogger(__name__)


def tokenize_examples(
    rows: Sequence[ExampleRow], tokenizer: PreTrainedTokenizerBase, *, max_length: int
) -> tuple[list[TokensRow], list[RejectedRow]]:
    """The token rows of `rows` in their order, and those that have more than `max_length` tokens."""
    tokenizer_id = fingerprint(tokenizer)
    tokens: list[TokensRow] = []
    rejected: list[RejectedRow] = []
    for row in rows:
        turns = [(turn.prompt, turn.scad) for turn in row.history]
        encoded = encode_example(tokenizer, row.prompt, row.scad, turns=turns)
        n_tokens = len(encoded.input_ids)
        if n_tokens > max_length:
            detail = f"{n_tokens} tokens, the limit is {max_length}"
            rejected.append(RejectedRow(row.example_id, "tokenize", "too_long", detail, row.source))
            continue
        tokens.append(TokensRow(row.example_id, tokenizer_id, row.split, encoded.input_ids, encoded.n_prompt_tokens))
    log.info("%d examples tokenized, %d too long", len(tokens), len(rejected))
    return tokens, rejected
