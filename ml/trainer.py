"""transformers.Trainer with our batches, our checkpoints' seal, and our measures.

Imports torch and transformers as it loads: import it inside the function that trains. What is ours:
- batches of similar length whose order depends on (seed, epoch) alone, so that a resumed run sees what an undisturbed
  one would have;
- a checkpoint counts once it is sealed, after every rank has written its part: a half-written one is passed over;
- a loss that is not finite ends the run at once.
"""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path
from typing import Any

import psutil
import torch
import torch.distributed
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ml.config import FinetuneConfig
from ml.dataset import CompletionCollator, Item, LengthGroupedBatchSampler, ScadDataset
from ml.launch import NonFiniteLoss
from ml.model import multiplies_in_bf16
from ml.run_folder import write_json
from ml.tracking import Run

__all__ = [
    "MetricsCallback",
    "ScadTrainer",
    "SealCallback",
    "last_checkpoint",
    "make_trainer",
    "remove_unsealed",
    "training_arguments",
    "wait_for_ranks",
]

log = logging.getLogger(__name__)

_SEAL = "sealed.json"


class _EpochLoader(DataLoader[Item]):
    """A loader that hands the epoch on to its batch sampler; the Trainer calls this."""

    def set_epoch(self, epoch: int) -> None:
        assert isinstance(self.batch_sampler, LengthGroupedBatchSampler)
        self.batch_sampler.set_epoch(epoch)


class ScadTrainer(Trainer):  # type: ignore[misc]
    """The Trainer's loop over a ScadDataset."""

    def get_train_dataloader(self) -> DataLoader[Item]:
        # the sampler shards by rank itself, so accelerate need not wrap the loader
        dataset: ScadDataset = self.train_dataset
        sampler = LengthGroupedBatchSampler(
            dataset.lengths,
            self.args.per_device_train_batch_size,
            seed=self.args.seed,
            rank=self.args.process_index,
            n_ranks=self.args.world_size,
        )
        return _EpochLoader(dataset, batch_sampler=sampler, collate_fn=self.data_collator)

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss):
            raise NonFiniteLoss(
                f"the loss became {loss.item()} at step {self.state.global_step + 1}; lower learning_rate, or look at "
                f"the data; checkpoints up to then are kept in {self.args.output_dir}"
            )
        return loss


class SealCallback(TrainerCallback):  # type: ignore[misc]
    """Marks a checkpoint as whole once all ranks have written their part of it."""

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        wait_for_ranks()
        if state.is_world_process_zero:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            write_json(folder / _SEAL, {"n_steps": state.global_step, "n_processes": args.world_size})


class MetricsCallback(TrainerCallback):  # type: ignore[misc]
    """Losses, rate and memory of rank 0, into the MLflow run and, one line each, into the log."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._since = time.monotonic()
        self._n_tokens = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._since, self._n_tokens = time.monotonic(), _tokens_seen(state)

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, float], **_: Any
    ) -> None:
        names = {"loss": "train/loss", "learning_rate": "train/learning_rate", "grad_norm": "train/grad_norm"}
        metrics = {ours: float(logs[theirs]) for theirs, ours in names.items() if theirs in logs}
        if "eval_loss" in logs:
            metrics["eval/loss"] = float(logs["eval_loss"])
            log.info("step %d/%d: validation loss %.4f", state.global_step, state.max_steps, logs["eval_loss"])
        if "loss" in logs:
            metrics |= self._measures(state)
            log.info(
                "step %d/%d: loss %.4f, %.0f tokens/s",
                *(state.global_step, state.max_steps, logs["loss"], metrics["train/tokens_per_second"]),
            )
        if metrics:
            self._run.log_metrics(metrics, step=state.global_step)

    def _measures(self, state: TrainerState) -> dict[str, float]:
        now, n_tokens = time.monotonic(), _tokens_seen(state)
        rate = (n_tokens - self._n_tokens) / max(now - self._since, 1e-9)
        self._since, self._n_tokens = now, n_tokens
        on_gpu = torch.cuda.is_available()
        memory = torch.cuda.max_memory_allocated() if on_gpu else psutil.Process().memory_info().rss
        return {"train/tokens_per_second": rate, "train/memory_bytes": float(memory), "train/tokens": float(n_tokens)}


def _tokens_seen(state: TrainerState) -> int:
    return int(state.num_input_tokens_seen)


def training_arguments(
    config: FinetuneConfig, checkpoints: Path, *, has_eval: bool, has_bar: bool
) -> TrainingArguments:
    """The Trainer's arguments; the same for gloo on a CPU and NCCL on GPUs but for the three marked."""
    on_gpu = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(checkpoints),
        use_cpu=not on_gpu,  # by device
        ddp_backend="nccl" if on_gpu else "gloo",  # by device
        bf16=multiplies_in_bf16(config.precision),  # by device
        per_device_train_batch_size=config.batch_size_per_process,
        per_device_eval_batch_size=config.batch_size_per_process,
        gradient_accumulation_steps=config.gradient_accumulation_steps,
        max_steps=config.n_steps or -1,
        num_train_epochs=config.n_epochs or 1,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.scheduler.value,
        warmup_steps=config.n_warmup_steps,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim="adamw_torch",
        logging_strategy="steps",
        logging_steps=config.log_every_steps,
        logging_first_step=True,  # where it started
        logging_nan_inf_filter=False,  # on, it would write the mean where the loss is NaN
        eval_strategy="steps" if has_eval else "no",
        eval_steps=config.eval_every_steps,
        save_strategy="steps",
        save_steps=config.checkpoint_every_steps,
        save_total_limit=config.n_checkpoints_kept,
        seed=config.seed,
        data_seed=config.seed,
        disable_tqdm=not has_bar,
        report_to="none",  # ml.train owns the MLflow run
        remove_unused_columns=False,
        label_names=["labels"],
        prediction_loss_only=True,
        include_num_input_tokens_seen="non_padding",
        ddp_find_unused_parameters=False,
        dataloader_num_workers=0,  # the tensors are made from ids in memory
        dataloader_pin_memory=on_gpu,
    )


def make_trainer(
    model: Any,
    config: FinetuneConfig,
    arguments: TrainingArguments,
    *,
    train: ScadDataset,
    validation: ScadDataset | None,
    pad_token_id: int,
    run: Run | None,
) -> ScadTrainer:
    """`run` is rank 0's; the other ranks log nothing."""
    trainer = ScadTrainer(
        model=model,
        args=arguments,
        train_dataset=train,
        eval_dataset=validation,
        data_collator=CompletionCollator(pad_token_id, config.max_length),
        callbacks=[SealCallback(), *([MetricsCallback(run)] if run else [])],
    )
    trainer.remove_callback(PrinterCallback)  # it prints each log as a dict
    return trainer


def wait_for_ranks() -> None:
    """Returns once every rank is here; at once for a single process."""
    if torch.distributed.is_initialized():
        torch.distributed.barrier()


def last_checkpoint(checkpoints: Path) -> Path | None:
    """The newest sealed checkpoint."""
    sealed = [path.parent for path in checkpoints.glob(f"checkpoint-*/{_SEAL}")]
    return max(sealed, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


def remove_unsealed(checkpoints: Path) -> None:
    """Removes what a kill left half-written: the Trainer's own pruning would count it as a checkpoint."""
    for folder in checkpoints.glob("checkpoint-*"):
        if not (folder / _SEAL).is_file():
            log.warning("%s was left half-written; it is passed over", folder)
            shutil.rmtree(folder)
