"""The gate of pretraining: what the model writes for held-out prompts, judged as source and as geometry.

Loss is no guide here: syntax comes first, and the copying of numbers arrives late and suddenly. Covers the few
dozen greedy answers that a running pretraining can afford; full scoring is `ml.evaluate`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from corpus.schema import GeometrySpec
from corpus.starter import SynthExample
from ml.chat import build_messages, extract_scad, format_prompt
from ml.metrics import spec_checks
from render import EngineMissing, compile_scad, open_engine

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from render import Engine

__all__ = ["GateResult", "greedy_completions", "run_gate"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GateResult:
    n: int
    n_exact: int
    """Answers equal to the reference source, character for character."""
    n_spec_passed: int | None
    """Answers that meet the asked geometry; None where no engine is installed."""

    def __str__(self) -> str:
        spec = "no engine" if self.n_spec_passed is None else f"{self.n_spec_passed}/{self.n}"
        return f"exact {self.n_exact}/{self.n}, spec {spec}"


def run_gate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[SynthExample],
    *,
    data_dir: Path,
    max_new_tokens: int = 400,
) -> GateResult:
    """Greedy answers to the examples' prompts. An exact answer meets the spec by construction and isn't compiled."""
    completions = greedy_completions(model, tokenizer, [e.prompt for e in examples], max_new_tokens=max_new_tokens)
    scads = [extract_scad(completion) for completion in completions]
    is_exact = [scad == example.scad for scad, example in zip(scads, examples, strict=True)]
    others = [
        (scad, example.spec)
        for scad, example, exact in zip(scads, examples, is_exact, strict=True)
        if scad is not None and not exact
    ]
    try:
        with open_engine("wasm", data_dir=data_dir) as engine:
            n_others = sum(_is_spec_passed(scad, spec, engine) for scad, spec in others)
    except EngineMissing as missing:
        _log.warning("the gate compares sources only: %s", missing)
        return GateResult(len(examples), sum(is_exact), None)
    return GateResult(len(examples), sum(is_exact), sum(is_exact) + n_others)


def greedy_completions(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[str], *, max_new_tokens: int
) -> list[str]:
    """One completion a prompt, all in one batch, the most likely token at each step."""
    texts = [format_prompt(tokenizer, build_messages(prompt)) for prompt in prompts]
    encoded = tokenizer(texts, add_special_tokens=False, padding=True, padding_side="left", return_tensors="pt")
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        output = model.generate(
            input_ids=encoded["input_ids"],
            attention_mask=encoded["attention_mask"],
            max_new_tokens=max_new_tokens,
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    model.train(was_training)
    n_prompt_tokens = encoded["input_ids"].shape[1]
    return [str(text) for text in tokenizer.batch_decode(output[:, n_prompt_tokens:], skip_special_tokens=True)]


def _is_spec_passed(scad: str, spec: GeometrySpec, engine: Engine) -> bool:
    return spec_checks(spec, compile_scad(scad, engine=engine).stats).is_passed
