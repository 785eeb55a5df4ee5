"""What happens between two steps of a fine-tune: checkpoints sealed, measures logged, a runaway loss caught.

Imports torch and transformers as it loads, like `ml.trainer`, which hangs these into its loop.
"""

from __future__ import annotations

import logging
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import torch
import torch.distributed
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ml.config import FinetuneConfig
from ml.launch import LossDiverged
from ml.progress import Progress
from ml.run_folder import read_json, write_json
from ml.tracking import Run
from ml.verdicts import COMPILE_RATE, SPEC_PASS_RATE, best_to_save, n_steps_too_high

__all__ = [
    "SEAL",
    "DivergenceCallback",
    "MetricsCallback",
    "ProgressCallback",
    "SealCallback",
    "best_folder",
    "wait_for_ranks",
]

log = logging.getLogger(__name__)

SEAL = "sealed.json"

_PROGRESS_SECONDS = 0.5
_METRICS = {
    "loss": "train/loss",
    "learning_rate": "train/learning_rate",
    "grad_norm": "train/grad_norm",
    "eval_loss": "eval/loss",
    SPEC_PASS_RATE: "eval/spec_pass_rate",
    COMPILE_RATE: "eval/compile_rate",
}
"""The Trainer's names and MLflow's."""


def wait_for_ranks() -> None:
    """Returns once every rank is here; at once for a single process."""
    if torch.distributed.is_initialized():
        torch.distributed.barrier()


def best_folder(checkpoints: Path, step: int) -> Path:
    """Where the adapter of a step that was the best is kept."""
    return checkpoints / f"best-{step}"


class SealCallback(TrainerCallback):  # type: ignore[misc]
    """Marks a checkpoint as whole once all ranks have written their part of it; then drops adapters no longer best."""

    def __init__(self, config: FinetuneConfig) -> None:
        self._config = config

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        wait_for_ranks()
        if not state.is_world_process_zero:
            return
        checkpoints = Path(args.output_dir)
        best = best_to_save(self._config, state.log_history)
        seal = {
            "n_steps": state.global_step,
            "n_processes": args.world_size,
            "best_step": best.step if best else None,
        }
        write_json(checkpoints / f"checkpoint-{state.global_step}" / SEAL, seal)
        # each whole checkpoint's best stays: a resumed training may go on from any of them
        kept = {read_json(path).get("best_step") for path in checkpoints.glob(f"checkpoint-*/{SEAL}")}
        for folder in checkpoints.glob("best-*"):
            if int(folder.name.rpartition("-")[2]) not in kept:
                shutil.rmtree(folder)


class DivergenceCallback(TrainerCallback):  # type: ignore[misc]
    """Ends a training whose loss runs away. No checkpoint is written while it does: the one before it stands.

    It goes by the logged losses, which are the same on every rank: all end at once.
    """

    def __init__(self, config: FinetuneConfig) -> None:
        self._config = config
        self._n_steps = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._look(state)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._n_steps > 0:
            control.should_save = False

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._look(state)
        if self._n_steps > 0:
            control.should_save = False
        if self._n_steps >= self._config.n_divergence_steps:
            raise LossDiverged(
                f"the loss has diverged: at step {state.global_step} it has been above {self._config.max_loss_ratio:g} "
                f"times its best mean for {self._n_steps} steps; lower learning_rate, or look at the data; the "
                f"checkpoint before it rose is kept in {args.output_dir}"
            )

    def _look(self, state: TrainerState) -> None:
        ratio = self._config.max_loss_ratio
        self._n_steps = 0 if ratio is None else n_steps_too_high(state.log_history, max_loss_ratio=ratio)


class MetricsCallback(TrainerCallback):  # type: ignore[misc]
    """Losses, rates and memory of rank 0, into the MLflow run and, one line each, into the log."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._since = time.monotonic()
        self._n_tokens = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._since, self._n_tokens = time.monotonic(), _tokens_seen(state)

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, float], **_: Any
    ) -> None:
        metrics = {ours: float(logs[theirs]) for theirs, ours in _METRICS.items() if theirs in logs}
        at = f"step {state.global_step}/{state.max_steps}"
        if "eval_loss" in logs:
            log.info("%s: validation loss %.4f", at, logs["eval_loss"])
        if SPEC_PASS_RATE in logs:
            log.info("%s: %.0f %% as asked, %.0f %% compile", at, 100 * logs[SPEC_PASS_RATE], 100 * logs[COMPILE_RATE])
        if "loss" in logs:
            metrics |= self._measures(state)
            log.info("%s: loss %.4f, %.0f tokens/s", at, logs["loss"], metrics["train/tokens_per_second"])
        if metrics:
            self._run.log_metrics(metrics, step=state.global_step)

    def _measures(self, state: TrainerState) -> dict[str, float]:
        now, n_tokens = time.monotonic(), _tokens_seen(state)
        rate = (n_tokens - self._n_tokens) / max(now - self._since, 1e-9)
        self._since, self._n_tokens = now, n_tokens
        on_gpu = torch.cuda.is_available()
        memory = torch.cuda.max_memory_allocated() if on_gpu else psutil.Process().memory_info().rss
        return {"train/tokens_per_second": rate, "train/memory_bytes": float(memory), "train/tokens": float(n_tokens)}


class ProgressCallback(TrainerCallback):  # type: ignore[misc]
    """Tells the launcher of each step, for its bar: a line twice a second at most, from rank 0."""

    def __init__(self) -> None:
        self._told = self._since = time.monotonic()
        self._n_tokens_before = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._since, self._n_tokens_before = time.monotonic(), _tokens_seen(state)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        now = time.monotonic()
        if now - self._told < _PROGRESS_SECONDS and state.global_step < state.max_steps:
            return
        self._told = now
        loss = next((entry["loss"] for entry in reversed(state.log_history) if "loss" in entry), None)
        rate = (_tokens_seen(state) - self._n_tokens_before) / max(now - self._since, 1e-9)
        # one write: a pipe keeps it whole among the other ranks' lines
        sys.stdout.write(Progress(state.global_step, state.max_steps, loss, rate).line() + "\n")
        sys.stdout.flush()


def _tokens_seen(state: TrainerState) -> int:
    return int(state.num_input_tokens_seen)
