"""Evaluation by geometry while a model trains: answers to validation prompts, compiled and measured.

Loss is no guide to whether parts come out right: syntax comes first, and the copying of numbers arrives late and
suddenly. Covers the few dozen greedy answers that a training can afford between two steps, and leaves weights,
gradients, training mode and random numbers as they were; full scoring is `ml.evaluate`'s, which judges here too.
"""

from __future__ import annotations

import hashlib
import logging
import random
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.rows import from_dict
from corpus.schema import ExampleRow
from corpus.store import Store
from ml.chat import build_messages, format_prompt
from ml.evaluate import contact_sheet, generation_row, score, table
from ml.generate import Completion, answer_batch, end_ids_of
from ml.metrics import has_numbers
from ml.trainset import DataUnusable

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["GeometryJudge", "GeometryVerdict", "greedy_answers", "judge_geometry", "judged_examples", "untouched"]

log = logging.getLogger(__name__)

_BATCH_SIZE = 32
_CACHE_BYTES = 4_000_000_000
"""Of keys and values while sampling: less than what the activations and logits of a training step have left free."""
_PROMPT_SET = "validation, in training"


@dataclass(frozen=True)
class GeometryVerdict:
    n: int
    spec_pass_rate: float
    """Of all prompts, 0 to 1: sides, volume, pieces and genus as asked."""
    compile_rate: float
    contact_sheet_png: bytes
    table: tuple[dict[str, Any], ...]
    """A line a prompt: what was asked, what came."""
    seconds: float


@dataclass(frozen=True)
class GeometryJudge:
    """What an evaluation needs beside the model."""

    examples: tuple[ExampleRow, ...]
    tokenizer: PreTrainedTokenizerBase
    max_length: int
    """Tokens of prompt and answer together."""
    is_bf16: bool = False
    """Are matrices multiplied in bf16, as in training?"""
    engine: str = "auto"
    data_dir: Path | None = None
    """Where the wasm engine is installed; None means `var`."""
    n_workers: int = 2


def judged_examples(root: str | Path, example_ids: Collection[str], n_prompts: int) -> tuple[ExampleRow, ...]:
    """`n_prompts` of these examples whose spec says something measurable, always the same. Raises DataUnusable.

    Chosen by a hash of their ids, since ids of a kind stand together.
    """
    told = [row for row in _examples(Store(root), example_ids) if has_numbers(row.spec)]
    if not told:
        raise DataUnusable(
            f"none of the {len(example_ids)} validation examples has a spec in the examples table under {root}, so "
            "geometry cannot judge; set geometry_eval_every_steps to null"
        )
    told.sort(key=lambda row: hashlib.sha256(row.example_id.encode()).digest())
    return tuple(told[:n_prompts])


def _examples(store: Store, example_ids: Collection[str]) -> Iterator[ExampleRow]:
    """The newest rows of these ids: a few hundred of perhaps a million, so that the others stay Arrow."""
    import pyarrow as pa
    from pyarrow import compute

    wanted = pa.array(sorted(example_ids), pa.string())
    manifest = store.manifest("examples")
    for part in manifest.parts if manifest else ():
        for batch in store.read_part("examples", part):
            rows = batch.filter(compute.is_in(batch["example_id"], value_set=wanted)).to_pylist()
            yield from (from_dict(ExampleRow, row) for row in rows)


def judge_geometry(model: Any, judge: GeometryJudge, *, step: int) -> GeometryVerdict:
    """Greedy answers, compiled and measured. Raises EvaluationFailed where the engine keeps failing, EngineMissing."""
    import torch

    started = time.monotonic()
    with untouched(model), torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=judge.is_bf16):
        answers = greedy_answers(model, judge.tokenizer, judge.examples, max_length=judge.max_length)
    generations = [
        generation_row(example, answer, model_id=f"step {step}", prompt_set_id=_PROMPT_SET, seed=0)
        for example, answer in zip(judge.examples, answers, strict=True)
    ]
    with _same_random_numbers():
        scored = score(
            generations, judge.examples, engine_name=judge.engine, n_workers=judge.n_workers, data_dir=judge.data_dir
        )
    n = len(scored)
    spec_pass_rate = sum(s.score.is_spec_passed for s in scored) / n
    return GeometryVerdict(
        n=n,
        spec_pass_rate=spec_pass_rate,
        compile_rate=sum(s.score.is_compiled for s in scored) / n,
        contact_sheet_png=contact_sheet(scored, title=f"step {step}: {spec_pass_rate:.0%} of {n} as asked"),
        table=tuple(asdict(entry) for entry in table(scored)),
        seconds=time.monotonic() - started,
    )


def greedy_answers(
    model: Any, tokenizer: PreTrainedTokenizerBase, examples: Sequence[ExampleRow], *, max_length: int
) -> list[Completion]:
    """One answer an example, to its prompt after its history, in order."""
    from transformers import GenerationConfig

    texts = [
        format_prompt(tokenizer, build_messages(e.prompt, turns=[(t.prompt, t.scad) for t in e.history]))
        for e in examples
    ]
    lengths = [len(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    order = sorted(range(len(texts)), key=lambda i: -lengths[i])
    answers: dict[int, Completion] = {}
    end_ids = end_ids_of(model, tokenizer)
    batch_size = _batch_size(model, max_length)
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        # what the shortest prompt leaves of max_length, as far as the longest has positions
        n_new = min(max_length - lengths[batch[-1]], int(model.config.max_position_embeddings) - lengths[batch[0]])
        config = GenerationConfig(
            max_new_tokens=max(1, n_new),
            do_sample=False,
            use_cache=True,
            eos_token_id=end_ids,
            pad_token_id=tokenizer.pad_token_id,
        )
        answers |= zip(batch, answer_batch(model, tokenizer, [texts[i] for i in batch], config), strict=True)
    return [answers[i] for i in range(len(texts))]


def _batch_size(model: Any, max_length: int) -> int:
    """As many as the cache has room for: 13B at 2,048 tokens 2, 8B with its shared heads 14, a small one all."""
    shape = model.config
    n_heads = shape.num_key_value_heads or shape.num_attention_heads
    width = getattr(shape, "head_dim", None) or shape.hidden_size // shape.num_attention_heads
    n_bytes = 2 * shape.num_hidden_layers * n_heads * width * model.dtype.itemsize * max_length
    return int(min(_BATCH_SIZE, max(1, _CACHE_BYTES // n_bytes)))


@contextmanager
def untouched(model: Any) -> Iterator[None]:
    """`model` answers without gradients or dropout, and goes on as it was: each part in its mode, each generator."""
    import torch

    modes = [(module, module.training) for module in model.modules()]
    attention = model.config._attn_implementation
    model.set_attn_implementation("sdpa")  # that of training on a CPU knows no cache and no padding on the left
    model.eval()
    try:
        with _same_random_numbers(), torch.no_grad():  # inference mode would taint buffers that training uses
            yield
    finally:
        model.set_attn_implementation(attention)
        for module, mode in modes:
            module.training = mode


@contextmanager
def _same_random_numbers() -> Iterator[None]:
    """Whatever draws random numbers inside, the next ones outside are those that would have come."""
    import numpy as np
    import torch

    pythons, numpys = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        try:
            yield
        finally:
            random.setstate(pythons)
            np.random.set_state(numpys)
