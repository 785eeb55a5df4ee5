"""The gate of pretraining: what the model writes for held-out requests, judged by geometry.

Loss is no guide here: syntax comes first, and the copying of numbers arrives late and suddenly. Covers the few
dozen greedy answers that a running pretraining can afford; full scoring is `ml.evaluate`'s.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.schema import GeometrySpec
from corpus.synth.chains import sample_chains
from corpus.synth.generate import Part, sample_examples
from ml.chat import build_messages, extract_scad, format_prompt
from ml.generate import answer_batch, end_ids_of
from ml.geometry_eval import untouched
from ml.metrics import has_numbers, spec_checks
from render import CompileJob, EngineMissing, compile_many

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["GatePrompt", "GateResult", "gate_prompts", "greedy_completions", "run_gate"]

_log = logging.getLogger(__name__)

_BATCH_SIZE = 32
_PARTS = (Part.VALUES, Part.WORDINGS, Part.COMPOSITIONS)


@dataclass(frozen=True)
class GatePrompt:
    group: str
    """values | wordings | compositions | edits"""
    prompt: str
    turns: tuple[tuple[str, str], ...]
    """The conversation before it."""
    spec: GeometrySpec


@dataclass(frozen=True)
class GateResult:
    n: int
    n_passed: int | None
    """Answers that meet the asked geometry; None where no engine is installed."""
    by_group: tuple[tuple[str, int, int], ...]
    """(group, passed, asked)."""

    def __str__(self) -> str:
        if self.n_passed is None:
            return "no engine to judge by"
        return ", ".join(f"{group} {passed}/{n}" for group, passed, n in self.by_group)


def gate_prompts(n: int, *, seed: int, families: tuple[str, ...] = ()) -> tuple[GatePrompt, ...]:
    """Held-out requests, a quarter of them each of new values, wordings, compositions and edits."""
    n_each = max(1, n // (len(_PARTS) + 1))
    prompts: list[GatePrompt] = []
    for part in _PARTS:
        told = (e for e in sample_examples(2 * n_each, seed=seed, part=part, families=families) if e.spec.size_mm)
        prompts += [GatePrompt(part, e.prompt, (), e.spec) for e, _ in zip(told, range(n_each), strict=False)]
    for chain in sample_chains(n_each, seed=seed, is_test=True, families=families):
        first, second = chain[:2]
        prompts.append(GatePrompt("edits", second.prompt, ((first.prompt, first.scad),), second.spec))
    return tuple(prompts)


def run_gate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[GatePrompt],
    *,
    data_dir: Path,
    max_new_tokens: int = 420,
) -> GateResult:
    """Greedy answers to the prompts, compiled. An edit that hands back its source unchanged fails."""
    completions = greedy_completions(model, tokenizer, prompts, max_new_tokens=max_new_tokens)
    scads = [extract_scad(completion) for completion in completions]
    known = sorted({scad for scad in scads if scad is not None})
    try:
        results = compile_many((CompileJob(s) for s in known), engine_name="wasm", n_workers=1, data_dir=data_dir)
        by_scad = dict(zip(known, results, strict=True))
    except EngineMissing as missing:
        _log.warning("the gate can't judge: %s", missing)
        return GateResult(len(prompts), None, ())
    n_passed: Counter[str] = Counter()
    for prompt, scad in zip(prompts, scads, strict=True):
        is_unchanged = bool(prompt.turns) and scad == prompt.turns[-1][1]
        stats = None if scad is None or is_unchanged else by_scad[scad].stats
        n_passed[prompt.group] += not has_numbers(prompt.spec) or spec_checks(prompt.spec, stats).is_passed
    n_asked = Counter(prompt.group for prompt in prompts)
    groups = tuple((group, n_passed[group], n) for group, n in n_asked.items())
    return GateResult(len(prompts), n_passed.total(), groups)


def greedy_completions(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[GatePrompt], *, max_new_tokens: int
) -> list[str]:
    """One completion a prompt, in order, the most likely token at each step; `model` goes on as it was."""
    from transformers import GenerationConfig

    texts = [format_prompt(tokenizer, build_messages(p.prompt, turns=p.turns)) for p in prompts]
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    completions = [""] * len(texts)
    with untouched(model):
        for start in range(0, len(order), _BATCH_SIZE):
            indices = order[start : start + _BATCH_SIZE]
            batch = [texts[i] for i in indices]
            n_longest = max(len(ids) for ids in tokenizer(batch, add_special_tokens=False)["input_ids"])
            config = GenerationConfig(
                max_new_tokens=max(1, min(max_new_tokens, model.config.max_position_embeddings - n_longest)),
                do_sample=False,
                eos_token_id=end_ids_of(model, tokenizer),
                pad_token_id=tokenizer.pad_token_id,
            )
            for i, answer in zip(indices, answer_batch(model, tokenizer, batch, config), strict=True):
                completions[i] = answer.text
    return completions
