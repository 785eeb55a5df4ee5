"""One process of a fine-tune: `torchrun --nproc-per-node=2 -m ml.train --config tiny ...`.

Without torchrun, `python -m ml.train` starts the config's number of processes itself. Rank 0 owns the MLflow run and
all files but the other ranks' parts of a checkpoint. A run that was killed goes on with `--resume`: from the last
whole checkpoint, in the same MLflow run, to the same weights. Exit codes are `ml.launch.ExitCode`.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import errno
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.store import StoreError
from ml.config import ConfigError, FinetuneConfig, load_config, parse_overrides
from ml.launch import ExitCode, FinetuneReport, NonFiniteLoss, TrainingFailed, launch
from ml.model import ModelMissing, attach_lora, base_path, load_base, quiet_libraries, save_adapter
from ml.run_folder import (
    OutputUnusable,
    claim,
    failure_file,
    lock,
    read_json,
    read_report,
    run_file,
    write_json,
    write_report,
)
from ml.tracking import Run, Tracking, TrackingFailed, git_commit, library_versions, start_run
from ml.trainset import DataUnusable, TrainSet, read_trainset

if TYPE_CHECKING:
    from ml.trainer import ScadTrainer

__all__ = ["ExitCode", "FinetuneReport", "TrainingFailed", "launch", "main"]

log = logging.getLogger(__name__)

_BAD_INPUT = (ConfigError, ModelMissing, DataUnusable, StoreError, TrackingFailed, OutputUnusable)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; the exit code."""
    options = _parser().parse_args(argv)
    is_rank = "LOCAL_RANK" in os.environ  # torchrun's word to its children
    is_loud = os.environ.get("RANK", "0") == "0"
    logging.basicConfig(level=logging.INFO if is_loud else logging.ERROR, format="%(message)s", stream=sys.stderr)
    try:
        overrides = parse_overrides(options.set)
        if is_rank:
            _train_rank(options, load_config(options.config, overrides))
        else:
            report = launch(
                options.config,
                tokens_root=options.tokens_root,
                tokens_version=options.tokens_version,
                output_dir=options.output_dir,
                tracking_uri=options.tracking_uri,
                experiment=options.experiment,
                run_name=options.run_name,
                overrides=overrides,
                is_resumed=options.resume,
            )
            log.info("adapter in %s after %d steps", report.adapter_dir, report.n_steps)
    except TrainingFailed as failure:
        log.error("%s", failure)
        return failure.exit_code
    except (*_BAD_INPUT, NonFiniteLoss, OSError, MemoryError, RuntimeError) as error:
        exit_code = _exit_code(error)
        if exit_code is None:
            raise
        message = " ".join(str(error).split())
        log.error("%s", message)
        if is_rank:
            write_json(failure_file(options.output_dir), {"message": message, "exit_code": exit_code})
        return exit_code
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ml.train", description="Fine-tunes a LLaMA on a token table.")
    parser.add_argument("--config", required=True, help="a shipped config's name, or a YAML file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="replaces one setting")
    parser.add_argument("--tokens-root", type=str, required=True, help="folder of the tables")
    parser.add_argument("--tokens-version", type=int, help="of the tokens table; the newest unless given")
    parser.add_argument("--output-dir", type=Path, required=True, help="run.json, checkpoints, adapter, report.json")
    parser.add_argument("--resume", action="store_true", help="go on from the last whole checkpoint, if there is one")
    parser.add_argument("--tracking-uri", required=True, help="of MLflow: sqlite:////abs/mlflow.db or a server")
    parser.add_argument("--experiment", default="cad-copilot", help="MLflow's experiment")
    parser.add_argument("--run-name", default="finetune", help="MLflow's run name")
    parser.add_argument("--end-with-parent", action="store_true", help="end when standard input closes")
    return parser


def _exit_code(error: Exception) -> ExitCode | None:
    """The code of a failure that one line tells; None for one that needs its traceback."""
    if isinstance(error, _BAD_INPUT):
        return ExitCode.BAD_INPUT
    if isinstance(error, NonFiniteLoss):
        return ExitCode.NON_FINITE_LOSS
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ExitCode.DISK_FULL
    # torch's own is a RuntimeError; named, so that a start without a GPU need not load torch
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return ExitCode.OUT_OF_MEMORY
    return None


def _train_rank(options: argparse.Namespace, config: FinetuneConfig) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the MLflow run is closed
    if options.end_with_parent:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    n_started = int(os.environ["WORLD_SIZE"])
    if n_started != config.n_processes:
        raise ConfigError(f"torchrun started {n_started} processes, n_processes is {config.n_processes}")
    options.output_dir.mkdir(parents=True, exist_ok=True)
    if int(os.environ["RANK"]) == 0:
        with lock(options.output_dir):
            _train(options, config)
    else:
        _train(options, config)


def _train(options: argparse.Namespace, config: FinetuneConfig) -> None:
    quiet_libraries()
    import torch.distributed
    from transformers import set_seed

    from ml.dataset import ScadDataset
    from ml.tokenizer import fingerprint, load_tokenizer
    from ml.trainer import last_checkpoint, make_trainer, remove_unsealed, training_arguments, wait_for_ranks

    started = time.monotonic()
    torch.set_num_threads(1)  # two threads a rank collapse on a busy machine
    tokenizer = load_tokenizer(base_path(config.base_model))
    data = read_trainset(
        options.tokens_root,
        options.tokens_version,
        tokenizer_id=fingerprint(tokenizer),
        max_length=config.max_length,
        max_eval_examples=config.max_eval_examples,
    )
    checkpoints = options.output_dir / "checkpoints"
    is_first = int(os.environ["RANK"]) == 0
    has_bar = is_first and sys.stderr.isatty()
    # joins the ranks: from here on they can wait for each other
    arguments = training_arguments(config, checkpoints, has_eval=bool(data.validation), has_bar=has_bar)
    if is_first:
        claim(options.output_dir, config, data.digest, is_resumed=options.resume)
        remove_unsealed(checkpoints)
    wait_for_ranks()
    if read_report(options.output_dir) is not None:
        log.info("%s holds this training, finished; nothing to do", options.output_dir)
        return
    with _own_run(options, config, data) if is_first else contextlib.nullcontext() as run:
        set_seed(config.seed)
        base = load_base(
            config.base_model,
            quantization=config.quantization,
            precision=config.precision,
            local_rank=int(os.environ["LOCAL_RANK"]),
        )
        trainer = make_trainer(
            attach_lora(base, config),
            config,
            arguments,
            train=ScadDataset.from_rows(data.train),
            validation=ScadDataset.from_rows(data.validation) if data.validation else None,
            pad_token_id=tokenizer.pad_token_id,
            run=run,
        )
        checkpoint = last_checkpoint(checkpoints)
        if is_first and checkpoint:
            log.info("resuming from %s", checkpoint)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        eval_loss = _eval_loss(trainer)
        report = _finish(options.output_dir, config, trainer, run, eval_loss, started) if run else None
    if report is not None:
        write_report(options.output_dir, report)  # last: what has a report is finished
    wait_for_ranks()
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


@contextlib.contextmanager
def _own_run(options: argparse.Namespace, config: FinetuneConfig, data: TrainSet) -> Iterator[Run]:
    """The MLflow run of this training: opened, or continued; ended however the training ends."""
    tracking = Tracking(options.tracking_uri, options.experiment)
    path = run_file(options.output_dir)
    known = read_json(path)["run_id"] if path.is_file() else None
    run = start_run(tracking, run_name=options.run_name, run_id=known, tags={"stage": "finetune"})
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
            run.log_dataset(data.describe(str(options.tokens_root)), context="training")
        yield run
        is_ok = True
    finally:
        run.end(is_ok=is_ok)


def _eval_loss(trainer: ScadTrainer) -> float | None:
    """The validation loss of the last step, measured now unless it just was."""
    if trainer.eval_dataset is None:
        return None
    logged = [entry for entry in trainer.state.log_history if "eval_loss" in entry]
    if logged and logged[-1]["step"] == trainer.state.global_step:
        return float(logged[-1]["eval_loss"])
    return float(trainer.evaluate()["eval_loss"])


def _finish(
    output_dir: Path, config: FinetuneConfig, trainer: ScadTrainer, run: Run, eval_loss: float | None, started: float
) -> FinetuneReport:
    """Writes the adapter, whole or not at all, and logs it."""
    adapter_dir = output_dir / "adapter"
    temporary = output_dir / ".adapter"
    for folder in (temporary, adapter_dir):  # from a kill between here and the report
        shutil.rmtree(folder, ignore_errors=True)
    save_adapter(trainer.model, temporary, base_model=config.base_model)
    temporary.rename(adapter_dir)
    seconds = time.monotonic() - started
    run.log_folder(adapter_dir, "adapter")
    run.log_metrics({"train/seconds": seconds}, step=trainer.state.global_step)
    return FinetuneReport(
        run_id=run.run_id,
        n_steps=trainer.state.global_step,
        # not the Trainer's own train_loss: after a resume that one is wrong
        train_loss=float(next(e["loss"] for e in reversed(trainer.state.log_history) if "loss" in e)),
        eval_loss=eval_loss,
        tokens=int(trainer.state.num_input_tokens_seen),
        seconds=seconds,
        adapter_dir=str(adapter_dir.resolve()),
    )


def _end_with_stdin() -> None:
    """Ends this rank when its parent is gone: the pipe it never writes to closes, however it died."""
    while os.read(0, 1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)  # a rank blocked in a collective operation never comes to its signal handler
    os._exit(ExitCode.CRASHED)


if __name__ == "__main__":
    sys.exit(main())
