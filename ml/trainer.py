"""transformers.Trainer with our batches, our checkpoints' seal, and geometry as the judge.

Imports torch and transformers as it loads: import it inside the function that trains. What is ours:
- batches whose order depends on (seed, epoch) alone, so that a resumed run sees what an undisturbed one would have;
- examples packed several a row where the config says so, and logits only where there is a label: prompts and padding
  cost no product with the vocabulary;
- a checkpoint counts once it is sealed, after every rank has written its part: a half-written one is passed over;
- evaluations by geometry, whose best adapter is kept, and an end once they no longer get better;
- a loss that is not finite ends the run at once.
What happens between two steps is in `ml.callbacks`, what a log says of the training in `ml.verdicts`.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import torch.distributed
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainerState, TrainingArguments

from ml.callbacks import (
    SEAL,
    DivergenceCallback,
    MetricsCallback,
    ProgressCallback,
    SealCallback,
    best_folder,
    wait_for_ranks,
)
from ml.config import FinetuneConfig
from ml.dataset import IGNORED_LABEL, CompletionCollator, Item, LengthGroupedBatchSampler, RankedSampler, ScadDataset
from ml.launch import NonFiniteLoss
from ml.model import multiplies_in_bf16, save_adapter
from ml.packing import PackedBatchSampler, PackingCollator
from ml.tracking import Run
from ml.verdicts import COMPILE_RATE, SPEC_PASS_RATE, Evaluation, best_to_save, evaluations, n_since_best

__all__ = [
    "ScadTrainer",
    "is_finished",
    "last_checkpoint",
    "make_trainer",
    "n_real_tokens",
    "only_labelled",
    "remove_unsealed",
    "training_arguments",
    "wait_for_ranks",
]

log = logging.getLogger(__name__)

_RANK_TIMEOUT_SECONDS = 3 * 3600
"""How long ranks wait for each other: rank 0 samples and compiles meanwhile. One that died is told by torchrun."""

Judge = Callable[[Any, int], tuple[float, float]]
"""(model, step) -> (share as asked, share that compiles); rank 0's."""


class _EpochLoader(DataLoader[Item]):
    """A loader that hands the epoch on to its batch sampler; the Trainer calls this."""

    def set_epoch(self, epoch: int) -> None:
        assert isinstance(self.batch_sampler, RankedSampler)
        self.batch_sampler.set_epoch(epoch)


class ScadTrainer(Trainer):  # type: ignore[misc]
    """The Trainer's loop over a ScadDataset."""

    def __init__(self, config: FinetuneConfig, judge: Judge | None, *, pad_token_id: int, **arguments: Any) -> None:
        super().__init__(data_collator=CompletionCollator(pad_token_id, config.max_length), **arguments)
        self._config = config
        self._judge = judge
        self._pad_token_id = pad_token_id

    def get_train_dataloader(self) -> DataLoader[Item]:
        # the samplers shard by rank themselves, so accelerate need not wrap the loader
        dataset: ScadDataset = self.train_dataset
        seed, rank, n_ranks = self.args.seed, self.args.process_index, self.args.world_size
        n_rows = self.args.per_device_train_batch_size
        if not self._config.is_packed:
            grouped = LengthGroupedBatchSampler(dataset.lengths, n_rows, seed=seed, rank=rank, n_ranks=n_ranks)
            return _EpochLoader(dataset, batch_sampler=grouped, collate_fn=self.data_collator)
        max_length = self._config.max_length
        packed = PackedBatchSampler(
            dataset.lengths, max_length=max_length, n_rows=n_rows, seed=seed, rank=rank, n_ranks=n_ranks
        )
        collator = PackingCollator(self._pad_token_id, max_length)
        return _EpochLoader(dataset, batch_sampler=packed, collate_fn=collator)

    def compute_loss(self, model: Any, inputs: dict[str, Tensor], *args: Any, **kwargs: Any) -> Any:
        # layers split over cards: the head is not on the first one, where accelerate's hooks put every input
        kept = inputs if self.is_model_parallel else only_labelled(inputs)
        return super().compute_loss(model, kept, *args, **kwargs)

    def training_step(self, model: Any, inputs: dict[str, Tensor], *args: Any, **kwargs: Any) -> Tensor:
        loss: Tensor = super().training_step(model, inputs, *args, **kwargs)
        if not torch.isfinite(loss):
            raise NonFiniteLoss(
                f"the loss became {loss.item()} at step {self.state.global_step + 1}; lower learning_rate, or look at "
                f"the data; checkpoints up to then are kept in {self.args.output_dir}"
            )
        n_tokens = self.accelerator.gather(n_real_tokens(inputs["labels"]).to(self.args.device))
        self.state.num_input_tokens_seen += int(n_tokens.sum())
        return loss

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        metrics: dict[str, float] = super().evaluate(*args, **kwargs)
        every, step = self._config.geometry_eval_every_steps, self.state.global_step
        if every is not None and (step % every == 0 or step >= self.state.max_steps):
            rates = self._judged(step)
            self.log(rates)
            metrics |= rates
        if self._config.is_best_saved:
            self._weigh_up(step)
        return metrics

    def best(self) -> Evaluation | None:
        """The evaluation whose adapter is the one to save; None where the last one is."""
        return best_to_save(self._config, self.state.log_history)

    def _judged(self, step: int) -> dict[str, float]:
        """Rank 0's verdict, on every rank; the others wait for it."""
        rates = torch.zeros(2, dtype=torch.float64)
        if self._judge is not None:
            rates = torch.tensor(self._judge(self.model, step), dtype=torch.float64)
        if torch.distributed.is_initialized():
            rates = rates.to(self.args.device)
            torch.distributed.broadcast(rates, src=0)
        spec_pass_rate, compile_rate = rates.tolist()
        return {SPEC_PASS_RATE: spec_pass_rate, COMPILE_RATE: compile_rate}

    def _weigh_up(self, step: int) -> None:
        """Keeps the adapter if it is the best so far; asks for the end if the best is too long ago."""
        best = self.best()
        if best is not None and best.step == step and self.is_world_process_zero():
            _keep_best(self.model, Path(self.args.output_dir), step, base_model=self._config.base_model)
        if is_stopped(self._config, self.state):
            log.info("step %d: no better evaluation since step %d: training ends early", step, best.step if best else 0)
            self.control.should_training_stop = True


def n_real_tokens(labels: Tensor) -> Tensor:
    """Tokens of a batch that are no padding: each row of labels (rows, seq) ends with an answer, which has labels."""
    places = torch.arange(1, labels.shape[1] + 1, device=labels.device)
    return ((labels != IGNORED_LABEL) * places).amax(dim=1).sum()


def only_labelled(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Inputs that give the same loss with logits for the labelled positions only, (n_labelled, vocab).

    Padding needs no mask: it is on the right, where causal attention never looks, and has no labels. Without one the
    attention kernels take their fast causal path. Examples packed in one row are kept apart by their position_ids.
    """
    labels = inputs["labels"]  # (batch, seq) int64
    targets = torch.nn.functional.pad(labels[:, 1:], (0, 1), value=IGNORED_LABEL)  # position t predicts token t + 1
    is_taught = targets != IGNORED_LABEL  # (batch, seq) bool
    kept = {name: value for name, value in inputs.items() if name != "attention_mask"}
    return {**kept, "shift_labels": targets[is_taught], "logits_to_keep": is_taught}


def training_arguments(config: FinetuneConfig, checkpoints: Path, *, has_eval: bool) -> TrainingArguments:
    """The Trainer's arguments; the same for gloo on a CPU and NCCL on GPUs but for the three marked."""
    on_gpu = torch.cuda.is_available()
    backend = "nccl" if on_gpu else "gloo"
    return TrainingArguments(
        output_dir=str(checkpoints),
        use_cpu=not on_gpu,  # by device
        ddp_backend=backend if "LOCAL_RANK" in os.environ else None,  # by device; named, it would look for ranks
        ddp_timeout=_RANK_TIMEOUT_SECONDS,
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
        disable_tqdm=True,  # ml.launch draws the bar
        report_to="none",  # ml.train owns the MLflow run
        remove_unused_columns=False,
        label_names=["labels"],
        prediction_loss_only=True,
        include_num_input_tokens_seen="no",  # ScadTrainer counts: the Trainer takes all of a packed row for tokens
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
    judge: Judge | None = None,
    has_progress: bool = False,
) -> ScadTrainer:
    """`run`, `judge` and the progress lines are rank 0's; the other ranks log nothing."""
    trainer = ScadTrainer(
        config,
        judge,
        model=model,
        args=arguments,
        train_dataset=train,
        eval_dataset=validation,
        pad_token_id=pad_token_id,
        callbacks=[
            SealCallback(config),
            DivergenceCallback(config),
            *([MetricsCallback(run)] if run else []),
            *([ProgressCallback()] if has_progress else []),
        ],
    )
    trainer.remove_callback(PrinterCallback)  # it prints each log as a dict
    return trainer


def is_stopped(config: FinetuneConfig, state: TrainerState) -> bool:
    """Has the best evaluation been too long ago?"""
    if config.early_stopping_patience is None:
        return False
    tried = evaluations(state.log_history, has_geometry=config.has_geometry)
    return n_since_best(tried) >= config.early_stopping_patience


def is_finished(config: FinetuneConfig, state: TrainerState) -> bool:
    """Is a checkpoint's training at its end, so that not one step more may follow?"""
    return state.global_step >= state.max_steps or is_stopped(config, state)


def last_checkpoint(checkpoints: Path) -> Path | None:
    """The newest sealed checkpoint."""
    sealed = [path.parent for path in checkpoints.glob(f"checkpoint-*/{SEAL}")]
    return max(sealed, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


def remove_unsealed(checkpoints: Path) -> None:
    """Removes what a kill left half-written: the Trainer's own pruning would count it as a checkpoint."""
    for folder in checkpoints.glob("checkpoint-*"):
        if not (folder / SEAL).is_file():
            log.warning("%s was left half-written; it is passed over", folder)
            shutil.rmtree(folder)


def _keep_best(model: Any, checkpoints: Path, step: int, *, base_model: str) -> None:
    """Whole or not at all; a resumed training that comes by again writes it anew."""
    folder, temporary = best_folder(checkpoints, step), checkpoints / ".best"
    shutil.rmtree(temporary, ignore_errors=True)
    save_adapter(model, temporary, base_model=base_model)
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
