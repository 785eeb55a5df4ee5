"""The shape of a base: what its memory and its arithmetic follow from. Read from a folder's config.json, or known here.

Covers LLaMA blocks (q, k, v, o, gate, up, down; RMSNorm; no biases). Nothing is fetched: a hub id is known or it isn't.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.config import ConfigError
from ml.model import base_path

__all__ = ["KNOWN_SHAPES", "ModelShape", "known_shape", "load_shape"]


@dataclass(frozen=True, kw_only=True)
class ModelShape:
    """A LLaMA's sizes, by the names of its config.json where those are clear."""

    hidden_size: int
    n_layers: int
    n_heads: int
    n_kv_heads: int
    """Fewer than n_heads where query heads share keys and values."""
    head_size: int
    intermediate_size: int
    """Width of the MLP."""
    vocab_size: int
    is_tied: bool
    """Are head and embedding one matrix?"""
    n_positions: int
    """Longest sequence the base was made for, in tokens."""

    @property
    def block_matrices(self) -> dict[str, tuple[int, int]]:
        """The linear layers of one block, each as (inputs, outputs)."""
        hidden, q, kv = self.hidden_size, self.n_heads * self.head_size, self.n_kv_heads * self.head_size
        return {
            "q_proj": (hidden, q),
            "k_proj": (hidden, kv),
            "v_proj": (hidden, kv),
            "o_proj": (q, hidden),
            "gate_proj": (hidden, self.intermediate_size),
            "up_proj": (hidden, self.intermediate_size),
            "down_proj": (self.intermediate_size, hidden),
        }

    @property
    def n_block_weights(self) -> int:
        """Of one block's linear layers."""
        return sum(n_in * n_out for n_in, n_out in self.block_matrices.values())

    @property
    def n_head_weights(self) -> int:
        return self.vocab_size * self.hidden_size

    @property
    def n_weights(self) -> int:
        """All of the base, as its publisher counts them."""
        norms = (2 * self.n_layers + 1) * self.hidden_size
        return self.n_layers * self.n_block_weights + norms + (1 if self.is_tied else 2) * self.n_head_weights


def _known(
    *, hidden: int, layers: int, heads: int, kv_heads: int, mlp: int, vocab: int, tied: bool, positions: int
) -> ModelShape:
    return ModelShape(
        hidden_size=hidden,
        n_layers=layers,
        n_heads=heads,
        n_kv_heads=kv_heads,
        head_size=hidden // heads,
        intermediate_size=mlp,
        vocab_size=vocab,
        is_tied=tied,
        n_positions=positions,
    )


_LLAMA_2_7B = _known(hidden=4096, layers=32, heads=32, kv_heads=32, mlp=11008, vocab=32000, tied=False, positions=4096)
_LLAMA_2_13B = _known(hidden=5120, layers=40, heads=40, kv_heads=40, mlp=13824, vocab=32000, tied=False, positions=4096)
_CODE_LLAMA_13B = _known(
    hidden=5120, layers=40, heads=40, kv_heads=40, mlp=13824, vocab=32016, tied=False, positions=16384
)
_LLAMA_31_8B = _known(
    hidden=4096, layers=32, heads=32, kv_heads=8, mlp=14336, vocab=128256, tied=False, positions=131072
)
_LLAMA_32_1B = _known(hidden=2048, layers=16, heads=32, kv_heads=8, mlp=8192, vocab=128256, tied=True, positions=131072)
_LLAMA_32_3B = _known(hidden=3072, layers=28, heads=24, kv_heads=8, mlp=8192, vocab=128256, tied=True, positions=131072)

KNOWN_SHAPES = {
    "meta-llama/Llama-2-7b-hf": _LLAMA_2_7B,
    "meta-llama/Llama-2-7b-chat-hf": _LLAMA_2_7B,
    "meta-llama/Llama-2-13b-hf": _LLAMA_2_13B,
    "meta-llama/Llama-2-13b-chat-hf": _LLAMA_2_13B,
    "codellama/CodeLlama-13b-hf": _CODE_LLAMA_13B,
    "codellama/CodeLlama-13b-Instruct-hf": _CODE_LLAMA_13B,
    "meta-llama/Llama-3.1-8B": _LLAMA_31_8B,
    "meta-llama/Llama-3.1-8B-Instruct": _LLAMA_31_8B,
    "meta-llama/Llama-3.2-1B": _LLAMA_32_1B,
    "meta-llama/Llama-3.2-1B-Instruct": _LLAMA_32_1B,
    "meta-llama/Llama-3.2-3B": _LLAMA_32_3B,
    "meta-llama/Llama-3.2-3B-Instruct": _LLAMA_32_3B,
}
"""Bases that the shipped configs name, and their untuned sisters; from their config.json on the hub."""


def known_shape(base_model: str) -> ModelShape | None:
    """The shape of a `base_model` setting; None for a hub id not known here. Raises ModelMissing or ConfigError."""
    path = base_path(base_model)
    folder = Path(path)
    return _read(folder / "config.json") if folder.is_dir() else KNOWN_SHAPES.get(path)


def load_shape(base_model: str) -> ModelShape:
    """As known_shape, but an unknown hub id is a ConfigError."""
    shape = known_shape(base_model)
    if shape is None:
        raise ConfigError(
            f"base_model={base_model!r}: its shape is not known here; download the model and give its folder, "
            f"or take one of {', '.join(sorted(KNOWN_SHAPES))}"
        )
    return shape


def _read(path: Path) -> ModelShape:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected an object; is it a transformers model's config.json?")
    hidden, heads = _whole(path, values, "hidden_size"), _whole(path, values, "num_attention_heads")
    return ModelShape(
        hidden_size=hidden,
        n_layers=_whole(path, values, "num_hidden_layers"),
        n_heads=heads,
        # what a config.json may leave out, as transformers' LlamaConfig fills it in
        n_kv_heads=_whole(path, values, "num_key_value_heads", heads),
        head_size=_whole(path, values, "head_dim", hidden // heads),
        intermediate_size=_whole(path, values, "intermediate_size"),
        vocab_size=_whole(path, values, "vocab_size"),
        is_tied=values.get("tie_word_embeddings") is True,
        n_positions=_whole(path, values, "max_position_embeddings"),
    )


def _whole(path: Path, values: dict[str, Any], key: str, default: int | None = None) -> int:
    value = values.get(key)
    if value is None:
        value = default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{path}: {key} is {value!r}, expected a whole number above 0: is it a LLaMA's config.json?")
    return value
