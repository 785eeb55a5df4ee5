"""What a fine-tune leaves behind: its MLflow run, the pictures of its evaluations, its adapter and its report.

Rank 0's part of `ml.train`; the loop itself is `ml.trainer`'s.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import resource
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.config import FinetuneConfig
from ml.model import multiplies_in_bf16, save_adapter
from ml.plan import make_plan
from ml.plan_memory import GB
from ml.plan_shape import known_shape
from ml.run_folder import FinetuneReport, read_json, run_file, write_json
from ml.tracking import Run, Tracking, git_commit, library_versions, start_run
from ml.trainset import TrainSet
from render import open_engine

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from ml.trainer import Judge, ScadTrainer

__all__ = ["EnginePlace", "finish", "judge_into", "own_run", "peak_memory_bytes"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EnginePlace:
    """Which engine evaluations by geometry compile with."""

    name: str = "auto"
    data_dir: Path | None = None
    """Where the wasm engine is installed; None means `var`."""


@contextlib.contextmanager
def own_run(
    output_dir: Path, tracking: Tracking, run_name: str, config: FinetuneConfig, data: TrainSet, *, tokens_root: str
) -> Iterator[Run]:
    """The MLflow run of this training: opened, or continued; ended however the training ends."""
    path = run_file(output_dir)
    known = read_json(path)["run_id"] if path.is_file() else None
    run = start_run(tracking, run_name=run_name, run_id=known, tags={"stage": "finetune"})
    write_json(path, {"run_id": run.run_id, "tracking_uri": tracking.uri, "experiment": tracking.experiment})
    is_ok = False
    try:
        if known is None:  # MLflow refuses a parameter's second value, and a commit may lie between
            versions = {f"version/{name}": version for name, version in library_versions().items()}
            origins = {
                "tokens_version": data.tokens_version,
                "data_digest": data.digest,
                "engine_id": ", ".join(data.engine_ids) or "unknown",
                "git_commit": git_commit(),
            }
            run.log_params({**dataclasses.asdict(config), **origins, **versions})
            run.log_dataset(data.describe(tokens_root), context="training")
            run.log_metrics(_planned(config))
        yield run
        is_ok = True
    finally:
        run.end(is_ok=is_ok)


def judge_into(
    run: Run,
    config: FinetuneConfig,
    data: TrainSet,
    tokenizer: PreTrainedTokenizerBase,
    *,
    tokens_root: str,
    engine: EnginePlace,
) -> Judge | None:
    """What evaluates by geometry and leaves pictures in the run; None where the config asks for none."""
    if config.geometry_eval_every_steps is None:
        return None
    from ml.geometry_eval import GeometryJudge, judge_geometry, judged_examples

    open_engine(engine.name, data_dir=engine.data_dir).close()  # a missing one is told now, not after hundreds of steps
    ids = {row.example_id for row in data.validation}
    judge = GeometryJudge(
        judged_examples(tokens_root, ids, config.n_geometry_prompts),
        tokenizer,
        config.max_length,
        is_bf16=multiplies_in_bf16(config.precision),
        engine=engine.name,
        data_dir=engine.data_dir,
    )

    def judged(model: Any, step: int) -> tuple[float, float]:
        verdict = judge_geometry(model, judge, step=step)
        name = f"samples/step_{step:06d}"
        run.log_file(verdict.contact_sheet_png, f"{name}.png")
        if not run.has_artifact(f"{name}.json"):  # of a resumed training: MLflow would append the same rows again
            run.log_table(verdict.table, f"{name}.json")
        run.log_metrics({"eval/geometry_seconds": verdict.seconds}, step=step)
        return verdict.spec_pass_rate, verdict.compile_rate

    return judged


def _planned(config: FinetuneConfig) -> Mapping[str, float]:
    """The plan's memory by part, to stand beside `measured/peak_gb`; of an unknown hub id there is none."""
    if known_shape(config.base_model) is None:
        return {}
    memory = make_plan(config).memory
    parts = {f"plan/{part.name.replace(' ', '_')}_gb": part.n_bytes / GB for part in memory.parts}
    return {**parts, "plan/total_gb": memory.n_bytes / GB}


def finish(
    output_dir: Path, config: FinetuneConfig, trainer: ScadTrainer, run: Run, peak_memory_bytes: int, started: float
) -> FinetuneReport:
    """Writes the adapter, the best or the last, whole or not at all, and logs it."""
    from ml.callbacks import best_folder
    from ml.trainer import is_stopped

    adapter_dir = output_dir / "adapter"
    temporary = output_dir / ".adapter"
    for folder in (temporary, adapter_dir):  # from a kill between here and the report
        shutil.rmtree(folder, ignore_errors=True)
    state, best = trainer.state, trainer.best()
    if best is None:
        save_adapter(trainer.model, temporary, base_model=config.base_model)
    else:
        log.info("the adapter is that of step %d of %d", best.step, state.global_step)
        shutil.copytree(best_folder(output_dir / "checkpoints", best.step), temporary)
    temporary.rename(adapter_dir)
    seconds = time.monotonic() - started
    run.log_folder(adapter_dir, "adapter")
    measures = {"train/seconds": seconds, "measured/peak_gb": peak_memory_bytes / GB}
    if best is not None:
        measures |= {"best/step": best.step, "best/eval_loss": best.eval_loss}
        measures |= {} if best.spec_pass_rate is None else {"best/spec_pass_rate": best.spec_pass_rate}
    run.log_metrics(measures, step=state.global_step)
    losses = [float(entry["eval_loss"]) for entry in state.log_history if "eval_loss" in entry]
    last_loss = losses[-1] if losses else None
    return FinetuneReport(
        run_id=run.run_id,
        n_steps=state.global_step,
        # not the Trainer's own train_loss: after a resume that one is wrong
        train_loss=float(next(e["loss"] for e in reversed(state.log_history) if "loss" in e)),
        eval_loss=last_loss if best is None else best.eval_loss,
        tokens=int(state.num_input_tokens_seen),
        seconds=seconds,
        adapter_dir=str(adapter_dir.resolve()),
        best_step=best.step if best else None,
        spec_pass_rate=best.spec_pass_rate if best else None,
        is_stopped_early=is_stopped(config, state),
        peak_memory_bytes=peak_memory_bytes,
    )


def peak_memory_bytes(trainer: ScadTrainer) -> int:
    """Of the fullest card, as torch's allocator counts it; on a CPU resident memory of the largest process."""
    import torch

    if torch.cuda.is_available():
        here = max(torch.cuda.max_memory_allocated(card) for card in range(torch.cuda.device_count()))
    else:
        here = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # Linux counts in kB
    peaks = trainer.accelerator.gather(torch.tensor([here], dtype=torch.int64, device=trainer.args.device))
    return int(peaks.max())
