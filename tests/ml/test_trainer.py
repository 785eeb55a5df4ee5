"""The loop in one process: labels, geometry as the judge, best adapter, early end, divergence, bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from finetune_case import TinyCase
from transformers import TrainerCallback, set_seed

from corpus.store import Store
from ml.attention import attend_by_example
from ml.config import FinetuneConfig, load_config
from ml.dataset import IGNORED_LABEL, CompletionCollator, ScadDataset
from ml.launch import LossDiverged
from ml.model import attach_lora, load_base
from ml.train import _run_to_end
from ml.trainer import (
    Judge,
    ScadTrainer,
    is_finished,
    last_checkpoint,
    make_trainer,
    n_real_tokens,
    only_labelled,
    training_arguments,
)

N_STEPS = 8


def _config(case: TinyCase, **values: object) -> FinetuneConfig:
    settings = {
        "base_model": str(case.base),
        "n_processes": 1,
        "max_length": 256,
        "batch_size_per_process": 4,
        "n_steps": N_STEPS,
        "n_warmup_steps": 0,
        "lora_rank": 4,
        "log_every_steps": 1,
        "eval_every_steps": 2,
        "checkpoint_every_steps": 2,
        "max_eval_examples": 4,
    }
    return load_config("tiny", {**settings, **values})


def _trainer(case: TinyCase, config: FinetuneConfig, root: Path, judge: Judge | None = None) -> ScadTrainer:
    rows = Store(case.tables).rows("tokens")
    set_seed(config.seed)
    base = load_base(config.base_model, quantization=config.quantization)
    attend_by_example(base)
    return make_trainer(
        attach_lora(base, config),
        config,
        training_arguments(config, root / "checkpoints", has_eval=True),
        train=ScadDataset.from_rows([row for row in rows if row.split == "train"]),
        validation=ScadDataset.from_rows([row for row in rows if row.split == "validation"][:4]),
        pad_token_id=0,
        run=None,
        judge=judge,
    )


def _scripted(rates: Mapping[int, float]) -> Judge:
    """A judge whose verdict depends on the step alone."""
    return lambda model, step: (rates[step], 1.0)


def _bytes(folder: Path) -> bytes:
    return (folder / "adapter_model.safetensors").read_bytes()


class _Crash(TrainerCallback):  # type: ignore[misc]
    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 5:
            raise KeyboardInterrupt


def test_logits_for_labels_only_give_the_same_loss_and_gradients(tiny_case: TinyCase) -> None:
    rows = Store(tiny_case.tables).rows("tokens")[:5]
    dataset = ScadDataset.from_rows(rows)
    batch = CompletionCollator(0, 256)([dataset[i] for i in range(5)])
    assert not batch["attention_mask"].all()  # some are padded
    assert n_real_tokens(batch["labels"]) == batch["attention_mask"].sum()
    model = load_base(str(tiny_case.base))
    found: list[tuple[float, torch.Tensor]] = []
    for inputs in (batch, only_labelled(batch)):
        output = model(**inputs)
        output.loss.backward()
        assert model.lm_head.weight.grad is not None
        found.append((output.loss.item(), model.lm_head.weight.grad.clone()))
        model.zero_grad()
    assert output.logits.shape == ((batch["labels"] != IGNORED_LABEL).sum(), 320)
    assert found[1][0] == pytest.approx(found[0][0], abs=1e-6)
    torch.testing.assert_close(found[1][1], found[0][1], rtol=0, atol=1e-6)


def test_the_best_by_geometry_is_kept_and_an_interruption_changes_no_byte(tiny_case: TinyCase, tmp_path: Path) -> None:
    config = _config(tiny_case, geometry_eval_every_steps=2, n_checkpoints_kept=2)
    judge = _scripted({2: 0.25, 4: 0.75, 6: 0.5, 8: 0.5})
    undisturbed = _trainer(tiny_case, config, tmp_path / "a", judge)
    undisturbed.train()
    interrupted = _trainer(tiny_case, config, tmp_path / "b", judge)
    interrupted.add_callback(_Crash())
    with pytest.raises(KeyboardInterrupt):
        interrupted.train()
    resumed = _trainer(tiny_case, config, tmp_path / "b", judge)
    _run_to_end(resumed, config, tmp_path / "b" / "checkpoints")
    folders = [tmp_path / name / "checkpoints" for name in ("a", "b")]
    for trainer, folder in zip((undisturbed, resumed), folders, strict=True):
        best = trainer.best()
        assert best is not None
        assert (best.step, best.spec_pass_rate) == (4, 0.75)
        assert sorted(path.name for path in folder.iterdir()) == ["best-4", "checkpoint-6", "checkpoint-8"]
    for name in ("best-4", "checkpoint-8"):
        assert _bytes(folders[0] / name) == _bytes(folders[1] / name)
    assert _bytes(folders[0] / "best-4") != _bytes(folders[0] / "checkpoint-8")


def test_training_ends_once_it_gets_no_better_and_takes_no_step_more(tiny_case: TinyCase, tmp_path: Path) -> None:
    config = _config(tiny_case, geometry_eval_every_steps=2, early_stopping_patience=2)
    judge = _scripted({2: 0.5, 4: 0.25, 6: 0.25, 8: 1.0})
    trainer = _trainer(tiny_case, config, tmp_path, judge)
    trainer.train()
    assert trainer.state.global_step == 6
    assert is_finished(config, trainer.state)
    again = _trainer(tiny_case, config, tmp_path, judge)
    _run_to_end(again, config, tmp_path / "checkpoints")
    assert again.state.global_step == 6
    assert again.best() == trainer.best()
    for (name, theirs), (_, ours) in zip(trainer.model.named_parameters(), again.model.named_parameters(), strict=True):
        assert torch.equal(theirs.detach().cpu(), ours.detach().cpu()), name


def test_a_packed_epoch_sees_each_token_once_and_a_lost_report_costs_no_step_more(
    tiny_case: TinyCase, tmp_path: Path
) -> None:
    config = _config(tiny_case, is_packed=True, n_steps=None, n_epochs=1, eval_every_steps=100)
    trainer = _trainer(tiny_case, config, tmp_path)
    trainer.train()
    lengths = [len(row.input_ids) for row in Store(tiny_case.tables).rows("tokens") if row.split == "train"]
    assert trainer.state.num_input_tokens_seen == sum(lengths)
    assert trainer.state.global_step < len(lengths) / 4 / 2  # several examples a row
    again = _trainer(tiny_case, config, tmp_path)
    _run_to_end(again, config, tmp_path / "checkpoints")
    assert again.state.global_step == trainer.state.global_step


def test_a_runaway_loss_ends_the_run_and_keeps_the_checkpoint_before(tiny_case: TinyCase, tmp_path: Path) -> None:
    config = _config(
        tiny_case,
        n_steps=60,
        learning_rate=10.0,  # each step moves each weight by some of it
        n_warmup_steps=40,
        lora_modules_to_save=["embed_tokens"],  # else the logits of a random base stay within bounds
        max_loss_ratio=1.5,
        n_divergence_steps=4,
        eval_every_steps=100,
        checkpoint_every_steps=1,
    )
    trainer = _trainer(tiny_case, config, tmp_path)
    with pytest.raises(LossDiverged, match=r"above 1\.5 times its best mean for 4 steps; lower learning_rate"):
        trainer.train()
    checkpoint = last_checkpoint(tmp_path / "checkpoints")
    assert checkpoint is not None
    losses = {entry["step"]: entry["loss"] for entry in trainer.state.log_history if "loss" in entry}
    assert int(checkpoint.name.rpartition("-")[2]) == trainer.state.global_step - 4
    assert max(losses[step] for step in range(1, trainer.state.global_step - 3)) < 1.5 * losses[1]
