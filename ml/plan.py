"""What a fine-tune will take, told before anything loads: memory a card, tokens, steps, arithmetic, and time.

    plan = make_plan(load_config("llama-2-7b-2x3090"))
    print(plan_text(plan))
    check_plan(plan)  # ConfigError where it can't fit, with what would

Needs neither torch nor weights; `ml.plan_memory` has the formulas of the memory, `ml.plan_work` those of the rest.
An estimate, not a promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from ml.config import ConfigError, FinetuneConfig, Quantization, Split
from ml.plan_memory import GB, MemoryPlan, plan_memory
from ml.plan_shape import ModelShape, load_shape
from ml.plan_work import DataSize, WorkPlan, plan_work

__all__ = [
    "Plan",
    "check_plan",
    "largest_batch_size",
    "make_plan",
    "plan_document",
    "plan_text",
]

_TIGHT = 0.95
"""Above this share of a card the plan says that it is tight: the formulas are off by 5 to 10 %."""


@dataclass(frozen=True)
class Plan:
    config: FinetuneConfig
    shape: ModelShape
    memory: MemoryPlan
    largest_batch_size: int | None
    """The largest batch_size_per_process that fits, 0 for none; None without card_memory_gb."""
    work: WorkPlan | None
    """None without data."""
    tokenizer_id: str | None
    """Whose tokens `work` counts; another base's tokenizer counts otherwise."""

    @property
    def is_fitting(self) -> bool:
        return _fits(self.config, self.memory)


def make_plan(config: FinetuneConfig, *, data: DataSize | None = None, tokens_per_second: float | None = None) -> Plan:
    """The plan of a config whose base is a folder or a known hub id. Raises ConfigError, ml.model.ModelMissing."""
    shape = load_shape(config.base_model)
    memory = plan_memory(config, shape)
    work = None if data is None else plan_work(config, shape, data, tokens_per_second=tokens_per_second)
    counted_by = None if data is None else data.tokenizer_id
    return Plan(config, shape, memory, largest_batch_size(config, shape), work, counted_by)


def check_plan(plan: Plan) -> None:
    """Refuses a fine-tune that can't be, naming the largest part and what would fit. Raises ConfigError."""
    config, memory = plan.config, plan.memory
    if config.max_length > plan.shape.n_positions:
        raise ConfigError(
            f"max_length={config.max_length} is more than the {plan.shape.n_positions} positions of "
            f"{config.base_model}; set it to that or less"
        )
    if plan.is_fitting:
        return
    changes = list(_changes_that_fit(config, plan.shape))
    advice = f"any of these fits: {'; '.join(changes)}" if changes else "no single setting helps: take a smaller base"
    raise ConfigError(
        f"{config.base_model} needs {_gb(memory.n_bytes)} GB a card, card_memory_gb={config.card_memory_gb:g}; "
        f"most of it is {memory.largest.name} ({_gb(memory.largest.n_bytes)} GB); {advice}"
    )


def largest_batch_size(config: FinetuneConfig, shape: ModelShape) -> int | None:
    """The largest batch_size_per_process that fits, 0 where not even 1 does; None without card_memory_gb."""
    if config.card_memory_gb is None:
        return None
    low, high = 0, 1
    while _fits(config, plan_memory(config, shape, batch_size=high)):  # memory grows with the batch: this ends
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        is_fitting = _fits(config, plan_memory(config, shape, batch_size=middle))
        low, high = (middle, high) if is_fitting else (low, middle)
    return low


def _fits(config: FinetuneConfig, memory: MemoryPlan) -> bool:
    return config.card_memory_gb is None or memory.n_bytes <= config.card_memory_gb * GB


def _changes_that_fit(config: FinetuneConfig, shape: ModelShape) -> Iterator[str]:
    """Single settings that make it fit, the gentlest first."""
    if n := largest_batch_size(config, shape):
        yield f"batch_size_per_process={n}"
    changes: list[tuple[str, dict[str, Any]]] = []
    if not config.is_gradient_checkpointing:
        changes.append(("is_gradient_checkpointing=true", {"is_gradient_checkpointing": True}))
    if config.lora_use_dora:
        changes.append(("lora_use_dora=false", {"lora_use_dora": False}))
    if config.quantization is Quantization.NONE:
        changes.append(("quantization=int8", {"quantization": Quantization.INT8}))
    if config.quantization is not Quantization.NF4:
        changes.append(("quantization=nf4", {"quantization": Quantization.NF4}))
    if config.split is Split.DDP and config.n_processes > 1:
        layers = {"split": Split.LAYERS, "n_cards": config.n_processes, "n_processes": 1}
        changes.append((f"split=layers with n_processes=1 and n_cards={config.n_processes}", layers))
    for label, values in changes:
        changed = replace(config, **values)
        if _fits(changed, plan_memory(changed, shape)):
            yield label
    for length in (2**k for k in range(config.max_length.bit_length(), 7, -1)):  # 256 and up: less holds no design
        shorter = replace(config, max_length=length)
        if length < config.max_length and _fits(shorter, plan_memory(shorter, shape)):
            yield f"max_length={length}"
            return


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as JSON takes it."""
    return {
        "base_model": plan.config.base_model,
        "n_base_weights": plan.shape.n_weights,
        "n_cards": plan.memory.n_cards,
        "card_memory_bytes": None if plan.config.card_memory_gb is None else round(plan.config.card_memory_gb * GB),
        "is_fitting": plan.is_fitting,
        "n_bytes": plan.memory.n_bytes,
        "parts": [asdict(part) for part in plan.memory.parts],
        "n_logits_bytes": plan.memory.n_logits_bytes,
        "n_layer_bytes": plan.memory.n_layer_bytes,
        "largest_batch_size": plan.largest_batch_size,
        "work": None if plan.work is None else asdict(plan.work),
        "tokenizer_id": plan.tokenizer_id,
    }


def plan_text(plan: Plan) -> str:
    """The plan as a table for people."""
    config, memory = plan.config, plan.memory
    unit = "card" if config.card_memory_gb is not None else "process on a CPU"
    lines = [
        f"{config.base_model}: {plan.shape.n_weights / 1e9:.3g} B weights, {config.quantization}; {memory.n_cards} × "
        f"{unit}, {config.batch_size_per_process} × {config.max_length} tokens at once",
        "",
        *(f"  {part.name:<12} {_gb(part.n_bytes):>7} GB   {part.why}" for part in memory.parts),
        f"  {'in all':<12} {_gb(memory.n_bytes):>7} GB   {_verdict(plan)}",
    ]
    if plan.work is not None:
        work = plan.work
        time = "" if work.n_seconds is None else f", {work.n_seconds / 3600:.2f} h"
        lines += [
            "",
            f"  {work.n_steps:,} steps of {work.n_examples_a_step:.0f} examples, {work.n_tokens:,} tokens, "
            f"{work.n_flops:.2g} floating-point operations{time}",
        ]
        if plan.tokenizer_id is not None:
            lines.append(f"  (tokens as tokenizer {plan.tokenizer_id} of the tokens table counts; other bases' differ)")
    return "\n".join(lines)


def _verdict(plan: Plan) -> str:
    card = plan.config.card_memory_gb
    if card is None:
        return "a process; card_memory_gb is null, so nothing is refused"
    if not plan.is_fitting:
        return f"does NOT fit a card of {card:g} GB; the largest batch that does: {plan.largest_batch_size}"
    share = plan.memory.n_bytes / (card * GB)
    tight = ", which is tight" if share > _TIGHT else ""
    return f"{share:.0%} of a card of {card:g} GB{tight}; the largest batch that fits: {plan.largest_batch_size}"


def _gb(n_bytes: int) -> str:
    return f"{n_bytes / GB:.1f}" if n_bytes >= 10 * GB else f"{n_bytes / GB:.{2 if n_bytes >= GB else 3}f}"
