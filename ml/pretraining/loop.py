"""The loop of pretraining: steps, checkpoints, gates, and the calibration that turns seconds into tokens.

Every rank runs it. Nothing that decides about weights reads the clock, but for that calibration. What a step
does is `ml.pretrain_model`'s.
"""

from __future__ import annotations

import copy
import dataclasses
import io
import logging
import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist

from ml.pretraining.config import Arithmetic, PretrainConfig, PretrainFailed, PretrainProgress, PretrainReport
from ml.pretraining.gate import GatePrompt, GateResult, gate_prompts, run_gate
from ml.pretraining.learner import Learner, lr_factor, save_model
from ml.pretraining.stream import Position, Stream
from ml.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["train"]

log = logging.getLogger(__name__)

_N_CALIBRATION_STEPS = 12
_OVERHEAD = 0.93
"""Share of the wall clock that is left for steps: gates and checkpoints take the rest."""
# settings that a resumed run may change: they have no part in the weights
_FREE_SETTINGS = frozenset({
    "out_dir", "work_dir", "data_dir", "n_tokens", "seconds", "n_processes", "n_gate_prompts", "gate_seconds",
    "checkpoint_seconds",
})  # fmt: skip


def train(
    config: PretrainConfig, *, rank: int, on_progress: Callable[[PretrainProgress], None] | None = None
) -> PretrainReport | None:
    """One rank's part of the run, from the checkpoint if there is one; the report on rank 0, None on the others."""
    tokenizer = load_tokenizer(config.tokenizer_dir)
    arithmetic = _resolve(config.arithmetic)
    learner = Learner(config, tokenizer, arithmetic=arithmetic)
    stream = Stream(
        tokenizer,
        seed=config.seed,
        families=config.families,
        n_batch_tokens=config.n_batch_tokens,
        chunk_size=config.chunk_size,
        max_length=config.max_positions,
        is_house_style=config.is_house_style,
        copied_weight=config.copied_weight,
        rank=rank,
        n_ranks=config.n_processes,
    )
    run = _Run.resumed(config, learner) or _Run(_n_tokens(config, learner, stream))
    prompts: tuple[GatePrompt, ...] = ()
    if rank == 0:
        prompts = gate_prompts(config.n_gate_prompts, seed=config.seed, families=config.families)
        log.info("%.2f M parameters, %s, %s", learner.n_parameters / 1e6, arithmetic, run)
    for progress in _steps(config, learner, stream, run, rank=rank):
        if rank == 0 and on_progress is not None:
            on_progress(progress)
        if rank == 0 and run.is_gate_due(config.gate_seconds):
            gate = run_gate(learner.model, tokenizer, prompts, data_dir=config.data_dir)
            if on_progress is not None:
                on_progress(dataclasses.replace(progress, gate=gate))
    if rank != 0:
        return None
    n_bytes = save_model(learner.model, tokenizer, config.out_dir)
    gate = _final_gate(config, tokenizer, prompts)
    return PretrainReport(
        n_parameters=learner.n_parameters,
        n_steps=run.n_steps,
        n_tokens=run.n_tokens,
        seconds=run.seconds,
        loss=sum(run.losses) / len(run.losses),
        n_gate=gate.n,
        n_passed=gate.n_passed,
        gate=str(gate),
        n_bytes=n_bytes,
        arithmetic=arithmetic.value,
        seed=config.seed,
        out_dir=str(config.out_dir),
    )


class _Run:
    """Where a run stands, and its clock."""

    def __init__(self, n_tokens_total: int) -> None:
        self.n_tokens_total = n_tokens_total
        self.n_tokens = 0
        self.n_steps = 0
        self.position = Position()
        self.losses: deque[float] = deque(maxlen=50)
        self._n_tokens_before = 0
        self._seconds_before = 0.0
        self._started = self._gated = self._saved = time.monotonic()

    def __str__(self) -> str:
        return f"{self.n_tokens / 1e6:.2f} of {self.n_tokens_total / 1e6:.2f} M tokens"

    @property
    def seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._started

    @property
    def tokens_per_second(self) -> float:
        return (self.n_tokens - self._n_tokens_before) / max(time.monotonic() - self._started, 1e-9)

    def is_gate_due(self, every_seconds: float) -> bool:
        if time.monotonic() - self._gated < every_seconds:
            return False
        self._gated = time.monotonic()
        return True

    def is_checkpoint_due(self, every_seconds: float) -> bool:
        return time.monotonic() - self._saved >= every_seconds

    def save(self, config: PretrainConfig, learner: Learner) -> None:
        """Publishes the checkpoint by renaming it: a kill leaves the one before."""
        state = {
            "settings": _binding_settings(config),
            "n_tokens_total": self.n_tokens_total,
            "n_tokens": self.n_tokens,
            "n_steps": self.n_steps,
            "position": dataclasses.astuple(self.position),
            "losses": list(self.losses),
            "seconds": self.seconds,
            **learner.state(),
        }
        buffer = io.BytesIO()  # torch itself reports a full disk as a bug of its own, a file says what it is
        torch.save(state, buffer)
        temporary = config.checkpoint_path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(config.checkpoint_path)
        self._saved = time.monotonic()

    @classmethod
    def resumed(cls, config: PretrainConfig, learner: Learner) -> _Run | None:
        """The run of the checkpoint, its state loaded into `learner`; None where there is no checkpoint."""
        if not config.checkpoint_path.is_file():
            return None
        state = torch.load(config.checkpoint_path, weights_only=True)
        ours = _binding_settings(config)
        other = sorted(name for name, value in ours.items() if state["settings"].get(name) != value)
        if other:
            raise PretrainFailed(
                f"{config.checkpoint_path} was made with another {', '.join(other)}: "
                "give the same settings, or delete it to start again"
            )
        learner.load(state)
        # a new length is taken at its word: the schedule goes on from the same share of the new total
        run = cls(config.n_tokens or state["n_tokens_total"])
        run.n_tokens = run._n_tokens_before = state["n_tokens"]
        run.n_steps = state["n_steps"]
        run.position = Position(*state["position"])
        run.losses.extend(state["losses"])
        run._seconds_before = state["seconds"]
        return run


def _steps(
    config: PretrainConfig, learner: Learner, stream: Stream, run: _Run, *, rank: int
) -> Iterator[PretrainProgress]:
    """Steps to the end of the run, checkpoints among them."""
    for item in stream.batches(run.position):
        if run.n_tokens >= run.n_tokens_total:
            return
        factor = lr_factor(
            run.n_tokens / run.n_tokens_total,
            warmup_fraction=config.warmup_fraction,
            decay_fraction=config.decay_fraction,
        )
        loss = learner.step(item.batch, factor=factor)
        if not math.isfinite(loss):
            raise PretrainFailed(f"the loss became {loss} at step {run.n_steps}; lower muon_lr or adamw_lr")
        run.n_tokens += item.n_tokens
        run.n_steps += 1
        run.position = item.after
        run.losses.append(loss)
        if rank == 0 and run.is_checkpoint_due(config.checkpoint_seconds):
            run.save(config, learner)
        yield PretrainProgress(run.n_steps, run.n_tokens, run.n_tokens_total, loss, run.tokens_per_second)


def _n_tokens(config: PretrainConfig, learner: Learner, stream: Stream) -> int:
    """The length of a fresh run: as asked, or what `config.seconds` has room for at the measured speed.

    All ranks take the trial steps together; the learner is put back as it was.
    """
    if config.n_tokens is not None:
        return config.n_tokens
    assert config.seconds is not None  # PretrainConfig sees to it
    untouched = copy.deepcopy(learner.state())
    n_tokens = n_chunk = 0
    seconds_drawing = seconds_stepping = 0.0
    started = time.monotonic()
    for i, item in enumerate(stream.batches(Position())):
        if i == 0:
            seconds_drawing = time.monotonic() - started  # the whole first chunk was drawn for this batch
        before = time.monotonic()
        learner.step(item.batch, factor=0.1)
        if i > 1:  # the first two allocate
            seconds_stepping += time.monotonic() - before
            n_tokens += item.n_tokens
        if i == _N_CALIBRATION_STEPS:
            n_chunk = stream.n_chunk_tokens
            break
    learner.load(untouched)
    seconds_a_token = seconds_stepping / n_tokens + seconds_drawing / n_chunk
    total = torch.tensor([_OVERHEAD * config.seconds / seconds_a_token], dtype=torch.float64)
    if dist.is_initialized():
        dist.broadcast(total, src=0)
    return int(total.item())


def _binding_settings(config: PretrainConfig) -> dict[str, Any]:
    settings = {k: v for k, v in dataclasses.asdict(config).items() if k not in _FREE_SETTINGS}
    settings["arithmetic"] = _resolve(config.arithmetic).value
    return settings


def _resolve(arithmetic: Arithmetic) -> Arithmetic:
    """AUTO made definite for this CPU."""
    if arithmetic is not Arithmetic.AUTO:
        return arithmetic
    has = torch.cpu.get_capabilities()
    return Arithmetic.BF16 if has.get("avx512_bf16") or has.get("amx_bf16") else Arithmetic.FP32


def _final_gate(
    config: PretrainConfig, tokenizer: PreTrainedTokenizerBase, prompts: tuple[GatePrompt, ...]
) -> GateResult:
    """The gate on the saved weights, as their user will load them."""
    from transformers import LlamaForCausalLM

    saved = LlamaForCausalLM.from_pretrained(config.out_dir, dtype=torch.float32)
    return run_gate(saved, tokenizer, prompts, data_dir=config.data_dir)
