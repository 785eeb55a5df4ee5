"""What a fine-tune holds in a card's memory, by part, from the base's shape alone: arithmetic, no torch, no weights.

The activations and logits were held against a trace of every allocation of a step at real sizes, with a base in bf16 or
fp32, on a CPU (docs/training_plan.md): no GPU has measured them.
Covers LLaMA blocks with LoRA; whether it fits, tokens and time are `ml.plan`'s.
GB is 10^9 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from ml.config import ConfigError, FinetuneConfig, Precision, Quantization, Split
from ml.plan_shape import ModelShape

__all__ = ["GB", "MemoryPlan", "Part", "count_lora_weights", "plan_memory"]

GB = 10**9

CONTEXT_BYTES = 600_000_000
"""CUDA context with the kernels of torch and bitsandbytes, and cuBLAS' workspaces; outside of torch's allocator."""
PROCESS_BYTES = 700_000_000
"""What a process on a CPU takes before it loads a model: Python, torch, transformers, peft."""
NCCL_BYTES = 300_000_000
"""NCCL's channels and buffers, where several processes exchange gradients."""
FRAGMENTATION = 0.05
"""Of what torch allocates: blocks of its allocator that are free but of the wrong size. An allowance, not a formula."""

_LOGITS_BYTES = 12
"""A logit, at its dearest: in the backward pass of cross-entropy its log-softmax, the gradient of the picked ones and
that of the logits lie side by side, all fp32 (transformers' ForCausalLMLoss casts to fp32 first)."""
_NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
"""A weight in nf4 with double quantization: 4 bits, an int8 scale a block of 64, an fp32 one a 256 of those
(Dettmers et al. 2023, QLoRA, section 3)."""
_ADAM_BYTES = 8
"""AdamW's two moments a weight, fp32."""


@dataclass(frozen=True)
class Part:
    """One line of the plan."""

    name: str
    n_bytes: int
    why: str


@dataclass(frozen=True)
class MemoryPlan:
    """The fullest card of a fine-tune at its fullest moment."""

    parts: tuple[Part, ...]
    """They add up to `n_bytes`."""
    n_cards: int
    batch_size: int
    """Sequences that a process takes at once."""
    n_logits_bytes: int
    n_layer_bytes: int
    """One layer in the backward pass. Never at once with the logits: the larger of the two stands in `parts`."""

    @property
    def n_bytes(self) -> int:
        return sum(part.n_bytes for part in self.parts)

    @property
    def largest(self) -> Part:
        return max(self.parts, key=lambda part: part.n_bytes)


def plan_memory(config: FinetuneConfig, shape: ModelShape, *, batch_size: int | None = None) -> MemoryPlan:
    """The parts of the fullest card; `batch_size` replaces the config's. Raises ConfigError for unknown targets."""
    batch = batch_size or config.batch_size_per_process
    n_cards = config.n_cards or config.n_processes
    # `layers` gives each card its share of the blocks, and the last one the head and the logits too
    n_blocks = -(-shape.n_layers // n_cards) if config.split is Split.LAYERS else shape.n_layers
    n_bytes = _compute_bytes(config)
    n_tokens = batch * config.max_length
    n_trained = _n_trained_weights(config, shape, n_blocks)
    saved, passing = _activation_bytes(config, shape)
    workspace = _workspace_bytes(config, shape)
    layer = n_tokens * passing + workspace + (n_tokens * saved if config.is_gradient_checkpointing else 0)
    logits = _LOGITS_BYTES * n_tokens * shape.vocab_size
    states = n_tokens * (shape.hidden_size * n_bytes * (n_blocks + 1))
    kept = states if config.is_gradient_checkpointing else states // (n_blocks + 1) + n_tokens * saved * n_blocks
    peak = ("logits", logits) if logits >= layer else ("one layer", layer)
    parts = [
        Part("weights", _weight_bytes(config, shape, n_blocks), f"{n_blocks} blocks, {_words(config)}"),
        Part("embeddings", _embedding_bytes(config, shape), "embeddings and head, never quantized"),
        Part("adapter", 4 * n_trained, f"{n_trained:,} trained weights, fp32"),
        Part("gradients", _gradient_bytes(config, n_trained), "of the adapter, fp32, and DDP's buckets of them"),
        Part("optimizer", _ADAM_BYTES * n_trained, "AdamW's two moments, fp32"),
        Part("activations", kept, "kept for the backward pass: " + _kept_words(config)),
        Part(*peak, "logits and loss" if peak[0] == "logits" else "recomputed, with gradients and workspace"),
    ]
    allocated = sum(part.n_bytes for part in parts)
    parts.append(Part("allowance", _allowance_bytes(config, allocated), "context, NCCL, 5 % fragmentation"))
    return MemoryPlan(tuple(parts), n_cards, batch, logits, layer)


def count_lora_weights(config: FinetuneConfig, shape: ModelShape, n_blocks: int) -> int:
    """A target of in × out gets r·in + out·r weights (Hu et al. 2021); DoRA adds a magnitude for each output."""
    n_block, n_outside = 0, 0
    for name in config.lora_target_modules:
        n_in, n_out = _sizes(name, shape)
        n = config.lora_rank * (n_in + n_out) + (n_out if config.lora_use_dora else 0)
        if name in shape.block_matrices:
            n_block += n
        else:
            n_outside += n
    return n_block * n_blocks + n_outside


def _sizes(name: str, shape: ModelShape) -> tuple[int, int]:
    known = {
        **shape.block_matrices,
        "lm_head": (shape.hidden_size, shape.vocab_size),
        "embed_tokens": (shape.vocab_size, shape.hidden_size),
    }
    if name not in known:
        raise ConfigError(f"lora_target_modules: a LLaMA has no {name!r}; it has {', '.join(known)}")
    return known[name]


def _n_trained_weights(config: FinetuneConfig, shape: ModelShape, n_blocks: int) -> int:
    n_whole = 0
    for name in config.lora_modules_to_save:
        n_in, n_out = _sizes(name, shape)
        n_whole += n_in * n_out
    return count_lora_weights(config, shape, n_blocks) + n_whole


def _is_half(config: FinetuneConfig) -> bool:
    """`auto` is bf16 on a card, fp32 on a CPU; that a card's size is given tells which."""
    return config.precision is Precision.BF16 or (
        config.precision is Precision.AUTO and config.card_memory_gb is not None
    )


def _compute_bytes(config: FinetuneConfig) -> int:
    return 2 if _is_half(config) else 4


def _weight_bytes(config: FinetuneConfig, shape: ModelShape, n_blocks: int) -> int:
    """LLM.int8() keeps a byte a weight and an fp32 scale a row (Dettmers et al. 2022); nf4 see _NF4_BYTES."""
    n_weights = sum(n_in * n_out for n_in, n_out in shape.block_matrices.values())
    n_rows = sum(n_out for _, n_out in shape.block_matrices.values())
    if config.quantization is Quantization.INT8:
        block = n_weights + 4 * n_rows
    elif config.quantization is Quantization.NF4:
        block = round(n_weights * _NF4_BYTES)
    else:
        block = n_weights * _compute_bytes(config)
    norms = (2 * n_blocks + 1) * shape.hidden_size * _compute_bytes(config)
    return block * n_blocks + norms


def _embedding_bytes(config: FinetuneConfig, shape: ModelShape) -> int:
    """In the compute dtype. peft's `prepare_model_for_kbit_training` would double them; `ml.model` does without."""
    # split by layers, the last card holds the head alone
    n_matrices = 1 if shape.is_tied or config.split is Split.LAYERS else 2
    return n_matrices * shape.vocab_size * shape.hidden_size * _compute_bytes(config)


def _gradient_bytes(config: FinetuneConfig, n_trained: int) -> int:
    """fp32; DDP copies them into buckets of its own before it sends them."""
    return n_trained * (8 if config.n_processes > 1 else 4)


def _activation_bytes(config: FinetuneConfig, shape: ModelShape) -> tuple[int, int]:
    """Bytes a token and layer: what the backward pass of one layer needs, and what passes through it meanwhile.

    As torch's autograd saves it (compare Korthikanti et al. 2022, section 4, for a block whose weights are trained):
    both norms' fp32 inputs; q, k, v and the attention's answer, k and v spread to all heads; gate, silu(gate) and up;
    and the inputs of the LoRA targets. A frozen matrix saves no input. With dropout each target has a copy and a mask
    of its own; peft casts the input of a layer that isn't quantized to fp32, so there too each has a copy.
    """
    n_bytes, targets = _compute_bytes(config), set(config.lora_target_modules)
    q_size = shape.n_heads * shape.head_size
    saved = 2 * 4 * shape.hidden_size + n_bytes * (4 * q_size + 3 * shape.intermediate_size) + 4 * shape.n_heads
    is_cast = config.quantization is Quantization.NONE and _is_half(config)
    # a byte on a card; a CPU's mask has its input's dtype
    mask = 0 if config.lora_dropout == 0 else 1 if config.card_memory_gb is not None else 4 if is_cast else n_bytes
    for group in (("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",)):
        ours = [name for name in group if name in targets]
        width = shape.block_matrices[group[0]][0]
        if mask or is_cast:
            saved += len(ours) * width * (n_bytes + mask)
        elif ours and group != ("o_proj",):  # its input is the attention's answer, saved already
            saved += width * n_bytes
        saved += len(ours) * config.lora_rank * n_bytes
    n_wide = (6 if mask else 4) if is_cast else 2  # gradients as wide as the MLP, alive at once; fp32 where cast
    passing = n_bytes * max(3 * shape.hidden_size, n_wide * shape.intermediate_size)
    return saved, passing


def _workspace_bytes(config: FinetuneConfig, shape: ModelShape) -> int:
    """The largest matrix, dequantized for its gradient; peft's DoRA builds the update and an identity too, fp32."""
    largest = max(n_in * n_out for n_in, n_out in shape.block_matrices.values())
    widest = max(n_in for n_in, _ in shape.block_matrices.values())
    dequantized = 0 if config.quantization is Quantization.NONE else largest * _compute_bytes(config)
    return dequantized + (4 * (3 * largest + widest**2) if config.lora_use_dora else 0)


def _allowance_bytes(config: FinetuneConfig, n_allocated: int) -> int:
    if config.card_memory_gb is None:
        return PROCESS_BYTES + round(FRAGMENTATION * n_allocated)
    nccl = NCCL_BYTES if config.n_processes > 1 else 0
    return CONTEXT_BYTES + nccl + round(FRAGMENTATION * n_allocated)


def _words(config: FinetuneConfig) -> str:
    if config.quantization is Quantization.NONE:
        return "bf16" if _is_half(config) else "fp32"
    return config.quantization.value


def _kept_words(config: FinetuneConfig) -> str:
    return "one hidden state a layer" if config.is_gradient_checkpointing else "all of every layer"
