"""One process of a fine-tune: `torchrun --nproc-per-node=2 -m ml.train --config tiny ...`.

Without torchrun, `python -m ml.train` starts the config's number of processes itself. Rank 0 owns the MLflow run, the
evaluations by geometry, and all files but the other ranks' parts of a checkpoint. A run that was killed goes on with
`--resume`: from the last whole checkpoint, in the same MLflow run, to the same weights. Exit codes are
`ml.launch.ExitCode`.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.store import StoreError
from ml.config import ConfigError, FinetuneConfig, load_config, parse_overrides
from ml.evaluate import EvaluationFailed
from ml.launch import ExitCode, FinetuneReport, LossDiverged, NonFiniteLoss, TrainingFailed, launch
from ml.model import ModelMissing, attach_lora, base_path, load_base, quiet_libraries, restore_adapter
from ml.run_folder import OutputUnusable, claim, failure_file, lock, read_report, write_json, write_report
from ml.tracking import Tracking, TrackingFailed
from ml.train_record import EnginePlace, finish, judge_into, own_run, peak_memory_bytes
from ml.trainset import DataUnusable, read_trainset
from render import EngineMissing

if TYPE_CHECKING:
    from ml.trainer import ScadTrainer

__all__ = ["ExitCode", "FinetuneReport", "TrainingFailed", "launch", "main"]

log = logging.getLogger(__name__)

_BAD_INPUT = (
    ConfigError,
    ModelMissing,
    DataUnusable,
    StoreError,
    TrackingFailed,
    OutputUnusable,
    EngineMissing,
    EvaluationFailed,
)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; the exit code."""
    options = _parser().parse_args(argv)
    is_rank = options.single or "LOCAL_RANK" in os.environ  # torchrun's word to its children
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
                engine=options.engine,
                data_dir=options.data_dir,
            )
            log.info("adapter in %s after %d steps", report.adapter_dir, report.n_steps)
    except TrainingFailed as failure:
        log.error("%s", failure)
        return failure.exit_code
    except (*_BAD_INPUT, NonFiniteLoss, LossDiverged, OSError, MemoryError, RuntimeError) as error:
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
    parser.add_argument("--engine", default="auto", help="of evaluations by geometry: auto, wasm, native")
    parser.add_argument("--data-dir", type=Path, help="where the engine is installed")
    parser.add_argument("--single", action="store_true", help="this process is the whole training: no torchrun")
    parser.add_argument("--end-with-parent", action="store_true", help="end when standard input closes")
    return parser


def _exit_code(error: Exception) -> ExitCode | None:
    """The code of a failure that one line tells; None for one that needs its traceback."""
    if isinstance(error, _BAD_INPUT):
        return ExitCode.BAD_INPUT
    if isinstance(error, NonFiniteLoss):
        return ExitCode.NON_FINITE_LOSS
    if isinstance(error, LossDiverged):
        return ExitCode.LOSS_DIVERGED
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
    n_started = int(os.environ.get("WORLD_SIZE", "1"))
    if n_started != config.n_processes:
        raise ConfigError(f"torchrun started {n_started} processes, n_processes is {config.n_processes}")
    options.output_dir.mkdir(parents=True, exist_ok=True)
    if _is_first():
        with lock(options.output_dir):
            _train(options, config)
    else:
        _train(options, config)


def _is_first() -> bool:
    return os.environ.get("RANK", "0") == "0"


def _train(options: argparse.Namespace, config: FinetuneConfig) -> None:
    quiet_libraries()
    import torch.distributed
    from transformers import set_seed

    from ml.attention import attend_by_example
    from ml.dataset import ScadDataset
    from ml.tokenizer import fingerprint, load_tokenizer
    from ml.trainer import make_trainer, remove_unsealed, training_arguments, wait_for_ranks

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
    if config.is_best_saved and not data.validation:
        raise DataUnusable(
            "there are no validation examples, so no adapter is best; set geometry_eval_every_steps and "
            "early_stopping_patience to null"
        )
    checkpoints = options.output_dir / "checkpoints"
    # joins the ranks: from here on they can wait for each other
    arguments = training_arguments(config, checkpoints, has_eval=bool(data.validation))
    if _is_first():
        claim(options.output_dir, config, data.digest, is_resumed=options.resume)
        remove_unsealed(checkpoints)
    wait_for_ranks()
    if read_report(options.output_dir) is not None:
        log.info("%s holds this training, finished; nothing to do", options.output_dir)
        return
    tracking, engine = Tracking(options.tracking_uri, options.experiment), EnginePlace(options.engine, options.data_dir)
    owned = own_run(options.output_dir, tracking, options.run_name, config, data, tokens_root=str(options.tokens_root))
    with owned if _is_first() else contextlib.nullcontext() as run:
        set_seed(config.seed)
        base = load_base(
            config.base_model,
            quantization=config.quantization,
            precision=config.precision,
            local_rank=int(os.environ.get("LOCAL_RANK", "0")),
            n_cards=config.n_cards or 1,
        )
        if base.device.type == "cpu":
            attend_by_example(base)
        trainer = make_trainer(
            attach_lora(base, config),
            config,
            arguments,
            train=ScadDataset.from_rows(data.train),
            validation=ScadDataset.from_rows(data.validation) if data.validation else None,
            pad_token_id=tokenizer.pad_token_id,
            run=run,
            judge=judge_into(run, config, data, tokenizer, tokens_root=str(options.tokens_root), engine=engine)
            if run
            else None,
            has_progress=_is_first() and options.end_with_parent,
        )
        _run_to_end(trainer, config, checkpoints)
        peak = peak_memory_bytes(trainer)
        report = finish(options.output_dir, config, trainer, run, peak, started) if run else None
    if report is not None:
        write_report(options.output_dir, report)  # last: what has a report is finished
    wait_for_ranks()
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _run_to_end(trainer: ScadTrainer, config: FinetuneConfig, checkpoints: Path) -> None:
    """Trains on from the last whole checkpoint; one that is at its end already is only loaded."""
    from transformers import TrainerState

    from ml.trainer import is_finished, last_checkpoint

    checkpoint = last_checkpoint(checkpoints)
    if checkpoint is None:
        trainer.train()
        return
    log.info("resuming from %s", checkpoint)
    state = TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
    if is_finished(config, state):  # the Trainer would take a step more
        trainer.state = state
        restore_adapter(trainer.model, checkpoint)
    else:
        trainer.train(resume_from_checkpoint=str(checkpoint))


def _end_with_stdin() -> None:
    """Ends this rank when its parent is gone: the pipe it never writes to closes, however it died."""
    while os.read(0, 1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)  # a rank blocked in a collective operation never comes to its signal handler
    os._exit(ExitCode.CRASHED)


if __name__ == "__main__":
    sys.exit(main())
