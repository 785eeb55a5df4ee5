"""What a fine-tune works through: tokens, steps, floating-point operations, and time at a measured speed.

Memory is `ml.plan_memory`'s; `ml.plan` puts the two together. Needs no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ml.config import ConfigError, FinetuneConfig
from ml.plan_memory import count_lora_weights
from ml.plan_shape import ModelShape

__all__ = ["DataSize", "WorkPlan", "flops_a_token", "plan_work", "tokens_table_size"]


@dataclass(frozen=True)
class DataSize:
    """Training examples, as the base's own tokenizer counts them."""

    n_examples: int
    n_tokens: int
    """Prompts and answers; no padding."""
    tokenizer_id: str | None = None
    """The tokenizer that counted, where it is known."""


@dataclass(frozen=True)
class WorkPlan:
    """What a fine-tune works through. Padding is left out."""

    n_steps: int
    """Of the optimizer."""
    n_tokens: int
    n_examples_a_step: float
    """More than the sequences a step where they are packed."""
    n_flops: float
    n_seconds: float | None
    """None without a measured tokens/s."""


def tokens_table_size(tables_root: str | Path) -> DataSize | None:
    """The training rows of the newest tokens table, whichever base's tokenizer made it; None where there are none."""
    import pyarrow.compute as pc

    from corpus.store import Store

    store = Store(tables_root)
    if store.manifest("tokens") is None:
        return None
    table = store.read("tokens", columns=["tokenizer_id", "split", "input_ids"])
    train = table.filter(pc.equal(table["split"], "train"))
    if train.num_rows == 0:
        return None
    n_tokens = pc.sum(pc.list_value_length(train["input_ids"])).as_py()
    return DataSize(train.num_rows, n_tokens, train["tokenizer_id"][0].as_py())


def plan_work(
    config: FinetuneConfig, shape: ModelShape, data: DataSize, *, tokens_per_second: float | None = None
) -> WorkPlan:
    """Steps as transformers' Trainer counts them: a step at an epoch's end may gather fewer batches.

    Packed, the sequences are taken as full: best-fit decreasing leaves a few per cent empty.
    `tokens_per_second` is that of all processes together.
    """
    if data.n_examples < 1 or data.n_tokens < data.n_examples:
        raise ConfigError(f"{data.n_examples} examples of {data.n_tokens} tokens: there is nothing to train on")
    n_sequences = math.ceil(data.n_tokens / config.max_length) if config.is_packed else data.n_examples
    n_batches = max(1, math.ceil(n_sequences / config.batch_size_per_process) // config.n_processes)
    n_steps_an_epoch = math.ceil(n_batches / config.gradient_accumulation_steps)
    n_steps = config.n_steps or math.ceil((config.n_epochs or 1) * n_steps_an_epoch)
    n_tokens = round(data.n_tokens * n_steps / n_steps_an_epoch)
    mean_context = config.max_length if config.is_packed else data.n_tokens / data.n_examples
    return WorkPlan(
        n_steps=n_steps,
        n_tokens=n_tokens,
        n_examples_a_step=data.n_examples / n_steps_an_epoch,
        n_flops=n_tokens * flops_a_token(config, shape, context=mean_context),
        n_seconds=None if tokens_per_second is None else n_tokens / tokens_per_second,
    )


def flops_a_token(config: FinetuneConfig, shape: ModelShape, *, context: float) -> float:
    """Floating-point operations to train on one token.

    Full training is 6·N a token: 2·N forward, 2·N for the gradients of the activations, 2·N for those of the weights
    (Kaplan et al. 2020, section 2.1). A frozen base skips the last: 4·N; checkpointing computes the blocks once more:
    6·N again. N counts matrices, the head but not the embedding's look-up; LoRA's own weights cost the full 6 (8 with
    checkpointing). Attention adds 4·layers·width·context forward (Chowdhery et al. 2022, appendix B), twice that
    backward; the causal half that a kernel may skip is counted.
    """
    again = 2 if config.is_gradient_checkpointing else 0
    n_blocks = shape.n_layers * shape.n_block_weights
    attention = 4 * shape.n_layers * shape.n_heads * shape.head_size * context
    n_lora = count_lora_weights(config, shape, shape.n_layers)
    return (4 + again) * n_blocks + 4 * shape.n_head_weights + (6 + again) * n_lora + (3 + again // 2) * attention
