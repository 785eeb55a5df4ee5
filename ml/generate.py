"""Sampling: prompts in, completions out, in batches; and one prompt with its answers compiled and chosen from.

An adapter is merged onto the full-precision base unless the base is asked for in int8 or nf4: merged is as fast as the
base alone, and differs from the int8 it was trained on by about 1 % of the logits (measured on the shipped size), so a
greedy answer may differ where two tokens are nearly even. Grammar-constrained decoding and repair are not here yet.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.chat import build_messages, extract_scad, format_prompt
from ml.config import SHIPPED_BASE, Precision, Quantization
from ml.model import base_path, load_adapter, load_base, load_merged
from ml.tokenizer import load_tokenizer
from render import CompileJob, CompileResult, Engine

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedTokenizerBase

__all__ = [
    "Completion",
    "FinishReason",
    "Generator",
    "Verified",
    "answer_batch",
    "end_ids_of",
    "foreign_numbers",
    "generate_verified",
]

log = logging.getLogger(__name__)

_SMALL = 50_000_000


class FinishReason(StrEnum):
    STOP = "stop"
    """The model ended its answer."""
    LENGTH = "length"
    """It was cut off; what there is of it may be half a source."""


@dataclass(frozen=True)
class Completion:
    text: str
    finish_reason: FinishReason
    n_prompt_tokens: int
    n_completion_tokens: int
    seconds: float
    """Its share of the time of its batch."""


class Generator:
    """A base with or without an adapter, ready to answer."""

    def __init__(
        self,
        base_model: str = SHIPPED_BASE,
        adapter_dir: Path | None = None,
        *,
        quantization: Quantization = Quantization.NONE,
        precision: Precision = Precision.AUTO,
    ) -> None:
        from transformers import GenerationConfig

        self._tokenizer = load_tokenizer(base_path(base_model))
        if quantization is Quantization.NONE:
            model: Any = load_merged(base_model, adapter_dir, precision=precision)
        else:
            model = load_base(base_model, quantization=quantization, precision=precision)
            model = load_adapter(model, adapter_dir) if adapter_dir else model
        self._model = model.eval()
        self._end_ids = end_ids_of(model, self._tokenizer)
        # an instruct model's own defaults (temperature 0.6, top_p 0.9) would fill what ours leaves open
        model.generation_config = GenerationConfig()
        self._max_positions = int(model.config.max_position_embeddings)

    def generate(
        self,
        prompts: Sequence[str],
        *,
        histories: Sequence[Sequence[tuple[str, str]]] = (),
        max_new_tokens: int = 512,
        temperature: float = 0.0,
        n_samples: int = 1,
        batch_size: int = 32,
        seed: int = 0,
    ) -> list[Completion]:
        """`n_samples` answers to each prompt, prompt by prompt in order; greedy at temperature 0.

        `histories` holds for each prompt the (prompt, source) turns before it; none where it is empty. The same call
        gives the same answers. A prompt that leaves no room in the model's context gets an empty answer that was cut
        off.
        """
        import torch

        if n_samples < 1 or batch_size < 1 or max_new_tokens < 1 or temperature < 0:
            raise ValueError("n_samples, batch_size and max_new_tokens must be 1 or more, temperature 0 or more")
        if temperature == 0 and n_samples > 1:
            raise ValueError("greedy answers are all the same: n_samples > 1 needs a temperature above 0")
        turns = histories or [()] * len(prompts)
        texts = [
            format_prompt(self._tokenizer, build_messages(prompt, turns=before))
            for prompt, before in zip(prompts, turns, strict=True)
        ]
        lengths = [len(ids) for ids in self._tokenizer(texts, add_special_tokens=False)["input_ids"]] if texts else []
        answers: dict[int, list[Completion]] = {}
        # longest first: a batch that is too large for the memory fails at once; like lengths pad little
        order = sorted(range(len(texts)), key=lambda i: -lengths[i])
        fitting = [i for i in order if lengths[i] < self._max_positions]
        for i in set(order) - set(fitting):
            log.warning("a prompt of %d tokens leaves no room in a context of %d", lengths[i], self._max_positions)
            answers[i] = [Completion("", FinishReason.LENGTH, lengths[i], 0, 0.0)] * n_samples
        with torch.random.fork_rng(), torch.inference_mode(), _one_thread_if_small(self._model):
            torch.manual_seed(seed)
            for start in range(0, len(fitting), batch_size):
                batch = fitting[start : start + batch_size]
                n_new = min(max_new_tokens, self._max_positions - lengths[batch[0]])
                config = self._generation_config(n_new, temperature, n_samples)
                completions = answer_batch(self._model, self._tokenizer, [texts[i] for i in batch], config)
                for position, i in enumerate(batch):
                    answers[i] = completions[position * n_samples : (position + 1) * n_samples]
        return [completion for i in range(len(texts)) for completion in answers[i]]

    def _generation_config(self, max_new_tokens: int, temperature: float, n_samples: int) -> GenerationConfig:
        from transformers import GenerationConfig

        sampling = {"do_sample": True, "temperature": temperature, "top_k": 0} if temperature > 0 else {}
        return GenerationConfig(
            max_new_tokens=max_new_tokens,
            num_return_sequences=n_samples,
            eos_token_id=self._end_ids,
            pad_token_id=self._tokenizer.pad_token_id,
            **sampling,
        )


def end_ids_of(model: Any, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The tokens that end an answer: the tokenizer's, and the model's own."""
    own_ends = model.generation_config.eos_token_id  # a list on LLaMA 3: end of text, of message, of turn
    return sorted({tokenizer.eos_token_id, *(own_ends if isinstance(own_ends, list) else [own_ends])} - {None})


def answer_batch(
    model: Any, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], config: GenerationConfig
) -> list[Completion]:
    """`config.num_return_sequences` answers to each text, in order; `config.eos_token_id` is a list. For callers that
    have the model in evaluation mode, without gradients."""
    started = time.monotonic()
    inputs = tokenizer(
        list(texts), add_special_tokens=False, padding=True, padding_side="left", return_tensors="pt"
    )  # answers begin where prompts end
    input_ids = inputs["input_ids"].to(model.device)  # (batch, seq)
    attention_mask = inputs["attention_mask"].to(model.device)
    output = model.generate(input_ids=input_ids, attention_mask=attention_mask, generation_config=config)
    new_ids = output[:, input_ids.shape[1] :].tolist()
    n_prompts = attention_mask.sum(dim=1).repeat_interleave(len(new_ids) // len(texts)).tolist()
    seconds = (time.monotonic() - started) / len(new_ids)
    return [_completion(tokenizer, ids, config, n, seconds) for ids, n in zip(new_ids, n_prompts, strict=True)]


def _completion(
    tokenizer: PreTrainedTokenizerBase,
    ids: Sequence[int],
    config: GenerationConfig,
    n_prompt_tokens: int,
    seconds: float,
) -> Completion:
    end = next((i for i, token in enumerate(ids) if token in config.eos_token_id), None)
    kept = ids if end is None else ids[:end]
    text = str(tokenizer.decode(kept, skip_special_tokens=True, clean_up_tokenization_spaces=False))
    reason = FinishReason.LENGTH if end is None else FinishReason.STOP
    return Completion(text, reason, n_prompt_tokens, len(kept) + (end is not None), seconds)


@contextlib.contextmanager
def _one_thread_if_small(model: Any) -> Iterator[None]:
    """A small model on a CPU runs on one thread meanwhile: its matrices are too small to share.

    On two busy cores, 160 answers of a 2.9 M model took 34 s on one thread, and more than 200 s on two.
    """
    import torch

    n_threads = torch.get_num_threads()
    if model.device.type == "cpu" and model.num_parameters() < _SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


@dataclass(frozen=True)
class Verified:
    """The best of some answers to one prompt, with its verdict."""

    scad: str | None
    """None where no answer held a source."""
    completion: Completion
    result: CompileResult | None
    foreign_numbers: tuple[float, ...]
    """Numbers among its parameters that the prompt does not mention."""
    n_attempts: int

    @property
    def is_strict(self) -> bool:
        """It compiled without a gap to a closed solid."""
        return self.result is not None and self.result.is_strict


def generate_verified(
    generator: Generator,
    prompt: str,
    *,
    engine: Engine,
    n_attempts: int = 4,
    temperature: float = 0.7,
    max_new_tokens: int = 512,
    timeout_seconds: float = 10.0,
    max_memory_bytes: int = 1 << 30,
    seed: int = 0,
) -> Verified:
    """The greedy answer if it is strict and its parameters come from the prompt; else the best of `n_attempts`.

    Best: strict before compiled before neither, then fewest foreign numbers, then the earliest.
    """

    def verify(completion: Completion) -> Verified:
        scad = extract_scad(completion.text)
        if scad is None:
            return Verified(None, completion, None, (), n_attempts)
        result = engine.compile(CompileJob(scad), timeout_seconds=timeout_seconds, max_memory_bytes=max_memory_bytes)
        return Verified(scad, completion, result, foreign_numbers(prompt, scad), n_attempts)

    (greedy,) = generator.generate([prompt], max_new_tokens=max_new_tokens)
    first = verify(greedy)
    if n_attempts == 1 or (first.is_strict and not first.foreign_numbers):
        return first
    sampled = generator.generate(
        [prompt], max_new_tokens=max_new_tokens, temperature=temperature, n_samples=n_attempts - 1, seed=seed
    )
    return min((first, *map(verify, sampled)), key=_badness)


def _badness(verified: Verified) -> tuple[bool, bool, int]:
    is_compiled = verified.result is not None and verified.result.is_compiled
    return (not verified.is_strict, not is_compiled, len(verified.foreign_numbers))


_NUMBER = r"\d+(?:\.\d+)?"
_PARAMETER = re.compile(rf"^\w+ *= *(-?{_NUMBER}) *;", re.MULTILINE)


def foreign_numbers(prompt: str, scad: str) -> tuple[float, ...]:
    """The numbers among `name = number;` lines that do not stand in the prompt; numbers in words are not read."""
    asked = {float(n) for n in re.findall(_NUMBER, prompt)}
    return tuple(n for n in (float(text) for text in _PARAMETER.findall(scad)) if n not in asked)
