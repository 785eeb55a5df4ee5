"""What a pretraining depends on, what it tells on its way, and what it gives: value types only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ml.pretraining.gate import GateResult

__all__ = ["Arithmetic", "PretrainConfig", "PretrainFailed", "PretrainProgress", "PretrainReport"]


class PretrainFailed(Exception):
    """A pretraining that cannot start or go on; the message is one line with the next step."""


class Arithmetic(StrEnum):
    AUTO = "auto"
    """bf16 where the CPU multiplies it in hardware (avx512_bf16, amx_bf16), else fp32."""
    FP32 = "fp32"
    BF16 = "bf16"
    """Matrix products in bf16, weights and optimizer in fp32. On an EPYC with avx512_bf16 1.6 times as fast as fp32;
    on a CPU that emulates it 0.6 times."""


@dataclass(frozen=True, kw_only=True)
class PretrainConfig:
    """Everything a pretraining depends on. The defaults make the shipped base."""

    out_dir: Path
    """Gets the finished model: config, fp16 weights, tokenizer, generation settings."""
    work_dir: Path
    """Tokenizer, checkpoint and report of the run."""
    data_dir: Path = Path("var")
    """Where the OpenSCAD engine is installed, for the gate."""
    n_tokens: int | None = None
    """Length of the run, prompt and answer tokens; give this or `seconds`."""
    seconds: float | None = None
    """Aim of wall-clock time, turned into a number of tokens by a calibration of about 10 s. A resumed run keeps the
    number it has, unless it is given another `n_tokens`."""
    seed: int = 0
    n_processes: int = 1
    """1, 2 or 4, one thread each: two threads of one process collapse on a busy machine. Gives the same batches."""

    families: tuple[str, ...] = ()
    """Part families to learn; empty: all that the generator does not hold out."""

    is_house_style: bool = True
    """Every part written one way; else in all the generator's ways."""
    copied_weight: float = 0.15
    """Of the tokens that an edit keeps, in the loss."""
    n_tokenizer_lessons: int = 6000
    """Lessons that the tokenizer is made from: about 6 MB of text."""
    vocab_size: int = 2048
    hidden_size: int = 256
    n_layers: int = 6
    intermediate_size: int = 704
    """2.75 times hidden_size; LLaMA has 2.7."""
    head_dim: int = 32
    max_positions: int = 1024

    n_batch_tokens: int = 8192
    """Tokens a step, over all processes."""
    chunk_size: int = 4096
    """Lessons drawn at a time, then sorted into batches of similar length."""
    is_muon: bool = True
    """Muon for the matrices inside the blocks; else AdamW for all."""
    muon_lr: float = 0.02
    adamw_lr: float = 3e-3
    """For what Muon does not train: embeddings and norms."""
    weight_decay: float = 0.1
    warmup_fraction: float = 0.01
    decay_fraction: float = 0.25
    """Of the tokens, at the end: the rates go down to 0."""
    arithmetic: Arithmetic = Arithmetic.AUTO

    n_gate_prompts: int = 96
    """A quarter each of new values, wordings, compositions and edits."""
    gate_seconds: float = 600.0
    """Between two gates; at 10 to 20 s each they cost a few per cent."""
    checkpoint_seconds: float = 120.0
    """Between two checkpoints: the most that a kill can lose."""

    def __post_init__(self) -> None:
        if (self.n_tokens is None) == (self.seconds is None):
            raise ValueError("give n_tokens or seconds, one of them")
        if (self.n_tokens or self.seconds or 0) <= 0:
            raise ValueError("n_tokens and seconds must be positive")
        if self.n_processes not in (1, 2, 4):
            raise ValueError(f"n_processes={self.n_processes} must be 1, 2 or 4")
        if not 0 < self.copied_weight <= 1:
            raise ValueError(f"copied_weight={self.copied_weight} must be above 0 and at most 1")
        if self.hidden_size % self.head_dim:
            raise ValueError(f"hidden_size={self.hidden_size} must be a multiple of head_dim={self.head_dim}")
        if not (self.warmup_fraction >= 0 and 0 < self.decay_fraction <= 1 - self.warmup_fraction):
            raise ValueError(
                f"warmup_fraction={self.warmup_fraction} and decay_fraction={self.decay_fraction}: from 0, and no more "
                "than 1 together"
            )

    @property
    def checkpoint_path(self) -> Path:
        return self.work_dir / "checkpoint.pt"

    @property
    def tokenizer_dir(self) -> Path:
        return self.work_dir / "tokenizer"


@dataclass(frozen=True)
class PretrainProgress:
    n_steps: int
    n_tokens: int
    n_tokens_total: int
    loss: float
    """Of this step: mean over the answer tokens, in nats."""
    tokens_per_second: float
    """Since the process started, gates and data included."""
    gate: GateResult | None = None
    """Set after the steps that were followed by a gate."""


@dataclass(frozen=True)
class PretrainReport:
    n_parameters: int
    n_steps: int
    n_tokens: int
    seconds: float
    """Over all resumptions, from the last checkpoint of each."""
    loss: float
    """Mean over the last 50 steps."""
    n_gate: int
    n_passed: int | None
    """Of the saved weights; None where no engine is installed."""
    gate: str
    """The same by group, in words."""
    n_bytes: int
    """Of the saved weights."""
    arithmetic: str
    seed: int
    out_dir: str
