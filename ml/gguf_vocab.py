"""A tokenizer as GGUF holds it: tokens with types and scores, merges, special ids, and the name of a pre-tokenizer.

Two kinds: byte-level BPE ("gpt2": ours, LLaMA 3) and BPE with byte fallback, as sentencepiece makes it ("llama":
LLaMA 2). llama.cpp splits text by the named expressions that are compiled into it, not by the tokenizer's own, so for
a byte-level tokenizer the name is chosen by measurement, on our own prompts and
sources. Covers reading; `ml.export_gguf` writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["GgufUnsupported", "PreTokenizerMatch", "Vocab", "match_pre_tokenizer", "measure_texts", "read_vocab"]


class GgufUnsupported(Exception):
    """A model or tokenizer that llama.cpp's LLaMA can't hold; the message names what is in the way."""


@dataclass(frozen=True)
class PreTokenizerMatch:
    """How near llama.cpp's own splitting comes to the tokenizer's."""

    name: str
    """`tokenizer.ggml.pre`."""
    n_texts: int
    n_texts_differ: int
    """Of those, texts with at least one other token; 0 is exact on these texts."""
    extra_tokens: float
    """Tokens that llama.cpp makes over the tokenizer's own, less 1: 0.1 is a tenth more."""


@dataclass(frozen=True)
class Vocab:
    model: str
    """`tokenizer.ggml.model`: gpt2 or llama."""
    pre: PreTokenizerMatch | None
    """None for `llama`, which splits nothing before it merges."""
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    """gguf.TokenType, one a token."""
    scores: tuple[float, ...]
    """`llama` only: the higher, the earlier a pair is merged into this token."""
    merges: tuple[str, ...]
    """`gpt2` only: "left right"."""
    bos_id: int | None
    eos_id: int | None
    pad_id: int | None
    unk_id: int | None
    is_bos_added: bool
    is_eos_added: bool
    is_space_prefixed: bool
    chat_template: str | None


# What `tokenizer.ggml.pre` means to llama.cpp (src/llama-vocab.cpp, build of llama-cpp-python 0.3.36): the expressions
# are applied one after the other, and what matches none is a piece too. The first of equals is taken. Not here: those
# that split less (`superbpe`, `poro-chat`): they merge across the tokenizer's own borders into tokens that the model
# never met there, and with `superbpe` the base got 34 of 40 prompts right; with all others, as with its own, 39.
_CONTRACTIONS = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_WORD = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"
_PRE_TOKENIZERS: dict[str, tuple[str, ...]] = {
    "llama-bpe": (rf"{_CONTRACTIONS}|{_WORD}|\p{{N}}{{1,3}}|{_REST}",),
    "qwen2": (rf"{_CONTRACTIONS}|{_WORD}|\p{{N}}|{_REST}",),
    "seed-coder": (rf"{_CONTRACTIONS}|{_WORD}|\p{{N}}{{1}}| ?[^\s\p{{L}}\p{{N}}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+",),
    "gpt-2": (_GPT2,),
    "starcoder": (r"\p{N}", _GPT2),
    "deepseek-coder": (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", r"[一-龥ࠀ-一가-퟿]+", r"\p{N}"),
}
_WHOLE_PIECES_FIRST = frozenset({"llama-bpe"})
"""A piece that is a token is taken as it is, without its merges."""

_SPLIT_PROBE = "I'm sure they'LL  say\n\n \t3 33 333 3333.5 x=-4;\n  (a_b)--c; é 日本 naïve\r\n"


def read_vocab(tokenizer: PreTrainedTokenizerBase, *, n_rows: int, texts: Sequence[str] | None = None) -> Vocab:
    """The tokenizer's vocabulary, filled up to `n_rows`, the rows of the embedding.

    `texts` decide the pre-tokenizer; None: generated prompts and sources. Raises GgufUnsupported.
    """
    from gguf import TokenType

    backend: dict[str, Any] = json.loads(tokenizer.backend_tokenizer.to_str())
    model = backend["model"]
    if model["type"] != "BPE":
        raise GgufUnsupported(f"a tokenizer of type {model['type']} has no GGUF form here; only BPE has")
    is_bytes = bool(model.get("byte_fallback"))
    if not is_bytes and not _is_byte_level(backend):
        raise GgufUnsupported("the tokenizer is neither byte-level BPE nor BPE with byte fallback")
    if not is_bytes and backend.get("normalizer"):
        kind = backend["normalizer"]["type"]
        raise GgufUnsupported(f"the tokenizer normalizes text ({kind}) before it splits it; llama.cpp would not")
    ids: dict[str, int] = tokenizer.get_vocab()
    if max(ids.values()) >= n_rows:
        raise GgufUnsupported(f"token {max(ids.values())} has no row in an embedding of {n_rows}; resize the model")
    by_id = {number: token for token, number in ids.items()}
    added = {entry["id"]: entry for entry in backend["added_tokens"]}
    types = []
    for number in range(n_rows):
        token = by_id.get(number)
        if token is None:
            types.append(TokenType.UNUSED)
        elif token == model.get("unk_token") and is_bytes:
            types.append(TokenType.UNKNOWN)
        elif number in added:
            types.append(TokenType.CONTROL if added[number]["special"] else TokenType.USER_DEFINED)
        elif is_bytes and re.fullmatch(r"<0x[0-9A-F]{2}>", token):
            types.append(TokenType.BYTE)
        else:
            types.append(TokenType.NORMAL)
    pairs = [tuple(m) if isinstance(m, list) else tuple(m.split(" ", 1)) for m in model["merges"]]
    probe = tokenizer("a")["input_ids"]
    return Vocab(
        model="llama" if is_bytes else "gpt2",
        pre=None if is_bytes else match_pre_tokenizer(tokenizer, measure_texts() if texts is None else texts),
        tokens=tuple(by_id.get(number, f"[PAD{number}]") for number in range(n_rows)),
        types=tuple(int(t) for t in types),
        scores=_scores(by_id, pairs, n_rows) if is_bytes else (),
        merges=() if is_bytes else tuple(f"{left} {right}" for left, right in pairs),
        bos_id=tokenizer.bos_token_id,
        eos_id=tokenizer.eos_token_id,
        pad_id=tokenizer.pad_token_id,
        unk_id=tokenizer.unk_token_id,
        is_bos_added=tokenizer.bos_token_id is not None and probe[0] == tokenizer.bos_token_id,
        is_eos_added=tokenizer.eos_token_id is not None and probe[-1] == tokenizer.eos_token_id,
        is_space_prefixed=is_bytes and tokenizer.tokenize("a")[0].startswith("▁"),
        chat_template=_chat_template(tokenizer),
    )


def match_pre_tokenizer(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> PreTokenizerMatch:
    """The pre-tokenizer of llama.cpp that gives the tokenizer's own tokens, or the one that adds the fewest."""
    from tokenizers import Tokenizer

    texts = [*texts, _SPLIT_PROBE]
    expected = [tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"] for text in texts]
    n_tokens = sum(map(len, expected))
    matches = []
    for name, expressions in _PRE_TOKENIZERS.items():
        backend = json.loads(tokenizer.backend_tokenizer.to_str())
        backend["model"]["ignore_merges"] = name in _WHOLE_PIECES_FIRST
        splits = [
            {"type": "Split", "pattern": {"Regex": e}, "behavior": "Isolated", "invert": False} for e in expressions
        ]
        bytes_ = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
        backend["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [*splits, bytes_]}
        other = Tokenizer.from_str(json.dumps(backend))
        got = [other.encode(text, add_special_tokens=False).ids for text in texts]
        n_differ = sum(a != b for a, b in zip(expected, got, strict=True))
        matches.append(PreTokenizerMatch(name, len(texts), n_differ, sum(map(len, got)) / n_tokens - 1))
    return min(matches, key=lambda match: (match.n_texts_differ > 0, abs(match.extra_tokens)))


def measure_texts(*, n_examples: int = 100, seed: int = 7) -> list[str]:
    """Prompts and sources that the generator gives, `2 * n_examples` texts, always the same."""
    from corpus.synth.generate import Part, sample_examples

    return [text for e in sample_examples(n_examples, seed=seed, part=Part.VALUES) for text in (e.prompt, e.scad)]


def _is_byte_level(backend: dict[str, Any]) -> bool:
    pre = backend.get("pre_tokenizer") or {}
    return any(step.get("type") == "ByteLevel" for step in pre.get("pretokenizers", [pre]))


def _scores(by_id: dict[int, str], pairs: Sequence[tuple[str, ...]], n_rows: int) -> tuple[float, ...]:
    """A token's score is less by one than that of the token merged before it, as sentencepiece's own scores are.

    The merges stand in that order; a token that several pairs make counts by its first. Letters and bytes are never
    the result of a merge, so theirs does not matter: the lowest.
    """
    ranks: dict[str, int] = {}
    for left, right in pairs:
        ranks.setdefault(left + right, len(ranks))
    return tuple(-float(ranks.get(by_id.get(number, ""), len(ranks))) for number in range(n_rows))


def _chat_template(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """Without a mark for the beginning, GGUF's default stands in (id 11 for "gpt2", a letter): the template would
    write it, so it is told that there is none."""
    template = tokenizer.chat_template
    if not isinstance(template, str):
        return None
    return template if tokenizer.bos_token is not None else "{%- set bos_token = '' -%}" + template
