"""Starts a fine-tune in its processes and waits for its report.

`launch` refuses what cannot fit, runs torchrun as a child (or one plain process where the layers are split over the
cards), passes its lines on, and turns a failed rank into one clear line. The children end with the parent, however it
ends: each watches its standard input, a pipe that closes with us. Covers one machine (`--standalone` takes a free
port by itself); `ml.train` is what runs in each process.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from corpus.store import StoreError
from ml.config import FinetuneConfig, Split, load_config
from ml.plan import check_plan, make_plan
from ml.plan_shape import known_shape
from ml.progress import progress_bar
from ml.run_folder import FinetuneReport, OutputUnusable, claim, failure_file, read_json, read_report
from ml.trainset import DataUnusable, data_digest

__all__ = ["ExitCode", "FinetuneReport", "LossDiverged", "NonFiniteLoss", "TrainingFailed", "launch"]

log = logging.getLogger(__name__)

_LAST_LINES = 30


class ExitCode(IntEnum):
    """How `python -m ml.train` ends."""

    OK = 0
    CRASHED = 1
    """A rank died; its traceback is in the output."""
    BAD_INPUT = 2
    """A setting, a model, a table or a folder that cannot be used."""
    NON_FINITE_LOSS = 3
    """The loss became NaN or infinite."""
    OUT_OF_MEMORY = 4
    DISK_FULL = 5
    LOSS_DIVERGED = 6
    """The loss stayed far above what it had been; the checkpoint before that is kept."""


class NonFiniteLoss(ArithmeticError):
    """The loss became NaN or infinite."""


class LossDiverged(ArithmeticError):
    """The loss rose and stayed high."""


class TrainingFailed(Exception):
    """A fine-tune that ended without an adapter; the message is one line."""

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def launch(
    config: str | Path,
    *,
    tokens_root: str | Path,
    tokens_version: int | None,
    output_dir: Path,
    tracking_uri: str,
    experiment: str = "cad-copilot",
    run_name: str = "finetune",
    overrides: Mapping[str, Any] | None = None,
    is_resumed: bool = True,
    engine: str = "auto",
    data_dir: Path | None = None,
    on_line: Callable[[str], None] = log.info,
) -> FinetuneReport:
    """Runs a fine-tune in `n_processes` processes to its end. Raises TrainingFailed, ConfigError or ModelMissing.

    With `is_resumed` it goes on from the last whole checkpoint in `output_dir`; a finished one gives its report again.
    `engine` and `data_dir`, where it is installed, are for evaluations by geometry.
    """
    settings = load_config(config, overrides)
    if known_shape(settings.base_model) is not None:  # of another hub id nothing is known before it is loaded
        check_plan(make_plan(settings))
    try:  # what can be told without torch is told at once
        digest = data_digest(tokens_root, tokens_version)
        claim(output_dir, settings, digest, is_resumed=is_resumed)
    except (StoreError, DataUnusable, OutputUnusable) as error:
        raise TrainingFailed(str(error), ExitCode.BAD_INPUT) from error
    finished = read_report(output_dir)
    if finished is not None:
        log.info("%s holds this training, finished; nothing to do", output_dir)
        return finished
    arguments = [
        f"--config={config}",
        f"--tokens-root={tokens_root}",
        *([] if tokens_version is None else [f"--tokens-version={tokens_version}"]),
        f"--output-dir={output_dir}",
        f"--tracking-uri={tracking_uri}",
        f"--experiment={experiment}",
        f"--run-name={run_name}",
        f"--engine={engine}",
        *([] if data_dir is None else [f"--data-dir={data_dir}"]),
        *(f"--set={key}={json.dumps(value)}" for key, value in (overrides or {}).items()),
        "--resume",  # from nothing, the first time
    ]
    failure_file(output_dir).unlink(missing_ok=True)
    with progress_bar(on_line) as take:
        return_code, last_lines = _run(settings, arguments, take)
    if return_code != 0:
        raise _failure(output_dir, return_code, last_lines)
    report = read_report(output_dir)
    if report is None:
        raise TrainingFailed(f"the training ended without a report in {output_dir}", ExitCode.CRASHED)
    return report


def _run(
    settings: FinetuneConfig, arguments: Sequence[str], on_line: Callable[[str], None]
) -> tuple[int, Sequence[str]]:
    torchrun = ("-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={settings.n_processes}")
    # split by layers is one process and no rank: under torchrun accelerate refuses a model on several cards
    starter = ("--single",) if settings.split is Split.LAYERS else ()
    command = [
        sys.executable,
        *(() if settings.split is Split.LAYERS else (*torchrun, "--max-restarts=0")),
        *("-m", "ml.train", *arguments, *starter, "--end-with-parent"),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1"}
    last_lines: deque[str] = deque(maxlen=_LAST_LINES)
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,  # never written to: it closes when we end, and the ranks with it
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            last_lines.append(line.rstrip())
            on_line(line.rstrip())
        return process.wait(), last_lines
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()  # torchrun passes it on to its ranks
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _failure(output_dir: Path, return_code: int, last_lines: Sequence[str]) -> TrainingFailed:
    """A rank that knew what was wrong wrote it down; else the last line that looks like an exception."""
    path = failure_file(output_dir)
    if path.is_file():
        told = read_json(path)
        return TrainingFailed(told["message"], ExitCode(told["exit_code"]))
    killed = _killed_rank(last_lines)
    if killed is not None:
        rank, name = killed
        guess = " (the machine ran out of memory?)" if name == "SIGKILL" else ""
        return TrainingFailed(
            f"a training process died: rank {rank} was ended by {name}{guess}; the same command goes on from the last "
            "whole checkpoint",
            ExitCode.CRASHED,
        )
    errors = [line for line in last_lines if "Error" in line and "ChildFailedError" not in line]
    what = errors[-1].strip() if errors else f"exit code {return_code}"
    return TrainingFailed(f"a training process died: {what}", ExitCode.CRASHED)


def _killed_rank(last_lines: Sequence[str]) -> tuple[int, str] | None:
    """The rank whose end torchrun calls the root cause, and its signal's name; None where no signal ended it.

    Other ranks may be listed too: torchrun ends them itself.
    """
    told = "\n".join(last_lines).partition("Root Cause")[2]
    rank, code = (re.search(rf"^\s*{key}\s*:\s*(-?\d+)", told, re.MULTILINE) for key in ("rank", "exitcode"))
    if rank is None or code is None or int(code[1]) >= 0:
        return None
    return int(rank[1]), signal.Signals(-int(code[1])).name
