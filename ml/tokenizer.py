"""Byte-level BPE with single digits: train it, load it, and encode a conversation with its answers marked.

Digits are never merged: a number the model has not seen is still spelled in tokens it has seen often, and copying it
from prompt to source is copying tokens. Loads any LLaMA's own tokenizer as well; says nothing about batches
(`ml.dataset`) or token tables (`ml.tokens`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml.chat import CHAT_TEMPLATE, ensure_chat_template, format_example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

__all__ = [
    "ASSISTANT_TOKEN",
    "END_TOKEN",
    "PAD_TOKEN",
    "USER_TOKEN",
    "Encoded",
    "encode_example",
    "fingerprint",
    "load_tokenizer",
    "train_tokenizer",
]

PAD_TOKEN = "<pad>"
USER_TOKEN = "<|user|>"
ASSISTANT_TOKEN = "<|assistant|>"
END_TOKEN = "<|end|>"

# Pieces that merges may not cross, first match wins:
#   the end of a parameter's line with its Customizer range (`; // [5:250]` and the newline: a few hundred there are)
#   | one digit
#   | a word, its underscores in it, and the call it opens: `translate([`, `cylinder(d = `, `hole_diameter`
#   | punctuation with the white space after it, so that `;\n  ` and the ` = ` before a number are one token each
#   | a newline and its indent | other white space.
# On the generator's sources 208 tokens an example, where pieces of words and digits alone took 265 (2,048 tokens).
_PIECES = (
    r"; // \[[0-9.:-]+\]\n?|\p{N}| ?\p{L}[\p{L}_]*(?:\(\[?(?:[a-z]+ = )?)?"
    r"| ?[^\s\p{L}\p{N}]+(?:\n *| (?!\p{L}))?|\n *|\s+"
)


@dataclass(frozen=True)
class Encoded:
    input_ids: tuple[int, ...]
    supervised: tuple[tuple[int, int], ...]
    """Half-open spans of input_ids that are answers, each with its end mark, in order; the loss knows no others."""


def train_tokenizer(
    texts: Iterable[str], *, vocab_size: int = 1024, model_max_length: int = 1024
) -> PreTrainedTokenizerFast:
    """A tokenizer of at most `vocab_size` tokens that encodes any UTF-8 without loss, the same for the same texts."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    specials = [PAD_TOKEN, USER_TOKEN, ASSISTANT_TOKEN, END_TOKEN]
    n_least = len(specials) + 256
    if vocab_size < n_least:
        raise ValueError(f"vocab_size={vocab_size} is too small: 256 bytes and {len(specials)} marks need {n_least}")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD_TOKEN,
        eos_token=END_TOKEN,
        additional_special_tokens=[USER_TOKEN, ASSISTANT_TOKEN],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,  # on, it would eat the space in `a , b`
        model_max_length=model_max_length,
        padding_side="right",
    )


def load_tokenizer(path: str | Path) -> PreTrainedTokenizerBase:
    """The tokenizer of a local folder or a hub id, with a chat template and a padding token in any case."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(path))
    ensure_chat_template(tokenizer)
    if tokenizer.pad_token is None:
        # LLaMA ships none; padding is masked by position, never by its id, so the end mark can stand in
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def encode_example(
    tokenizer: PreTrainedTokenizerBase, prompt: str, scad: str, *, turns: Sequence[tuple[str, str]] = ()
) -> Encoded:
    """A conversation as one sequence of token ids, every answer of it supervised; `turns` are those before the last.

    Up to each supervised answer the ids are the very ones that generation starts from at that turn. Where a tokenizer
    merges over the border of an earlier turn, or a template writes it otherwise once it is past, that can't be had:
    then the last answer alone is supervised.
    """
    pairs = [*turns, (prompt, scad)]
    parts = [format_example(tokenizer, asked, told, turns=pairs[:i]) for i, (asked, told) in enumerate(pairs)]
    prompts = _ids(tokenizer, [asked for asked, _ in parts])
    wholes = _ids(tokenizer, [asked + told for asked, told in parts])
    input_ids = wholes[-1]
    if not _starts_with(input_ids, prompts[-1]):
        # the answer's first characters would merge with the prompt's last: encoded apart, the border stays exact
        input_ids = [*prompts[-1], *_ids(tokenizer, [parts[-1][1]])[0]]
    spans = [(len(asked), len(whole)) for asked, whole in zip(prompts[:-1], wholes[:-1], strict=True)]
    is_exact = all(
        _starts_with(input_ids, whole) and _starts_with(whole, asked)
        for asked, whole in zip(prompts[:-1], wholes[:-1], strict=True)
    )
    last = (len(prompts[-1]), len(input_ids))
    return Encoded(tuple(input_ids), (*spans, last) if is_exact else (last,))


def _ids(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[list[int]]:
    encoded: list[list[int]] = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    return encoded


def _starts_with(ids: list[int], start: list[int]) -> bool:
    return ids[: len(start)] == start


def fingerprint(tokenizer: PreTrainedTokenizerBase) -> str:
    """A tokenizer_id for `TokensRow`: 12 hex digits that change with vocabulary, merges or chat template."""
    backend = tokenizer.backend_tokenizer.to_str()
    return hashlib.sha256(f"{backend}\0{tokenizer.chat_template}".encode()).hexdigest()[:12]
