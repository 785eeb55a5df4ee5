"""Starts a fine-tune in its processes and waits for its report.

`launch` runs torchrun as a child, passes its lines on, and turns a failed rank into one clear line. The children
end with the parent, however it ends: each watches its standard input, a pipe that closes with us. Covers one
machine (`--standalone` takes a free port by itself); `ml.train` is what runs in each process.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from ml.config import load_config

__all__ = [
    "ExitCode",
    "FinetuneReport",
    "NonFiniteLoss",
    "TrainingFailed",
    "failure_file",
    "launch",
    "read_json",
    "read_report",
    "write_json",
    "write_report",
]

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


@dataclass(frozen=True)
class FinetuneReport:
    """What a finished fine-tune gave; `report.json` in its folder."""

    run_id: str
    """Of MLflow."""
    n_steps: int
    train_loss: float
    """The last one logged; over `log_every_steps` steps."""
    eval_loss: float | None
    """None without validation examples."""
    tokens: int
    """Seen in training, padding left out."""
    seconds: float
    """Spent in this process; a resumed run counts from its resumption."""
    adapter_dir: str


class NonFiniteLoss(ArithmeticError):
    """The loss became NaN or infinite."""


class TrainingFailed(Exception):
    """A fine-tune that ended without an adapter; the message is one line."""

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def launch(
    config: str | Path,
    *,
    tokens_root: Path,
    tokens_version: int | None,
    output_dir: Path,
    tracking_uri: str,
    experiment: str = "cad-copilot",
    run_name: str = "finetune",
    overrides: Mapping[str, Any] | None = None,
    is_resumed: bool = True,
    on_line: Callable[[str], None] = log.info,
) -> FinetuneReport:
    """Runs a fine-tune in `n_processes` processes to its end. Raises TrainingFailed or ConfigError.

    With `is_resumed` it goes on from the last whole checkpoint in `output_dir`; a finished one gives its report again.
    """
    n_processes = load_config(config, overrides).n_processes  # a wrong setting is told before torch is loaded
    arguments = [
        f"--config={config}",
        f"--tokens-root={tokens_root}",
        *([] if tokens_version is None else [f"--tokens-version={tokens_version}"]),
        f"--output-dir={output_dir}",
        f"--tracking-uri={tracking_uri}",
        f"--experiment={experiment}",
        f"--run-name={run_name}",
        *(f"--set={key}={json.dumps(value)}" for key, value in (overrides or {}).items()),
        *(["--resume"] if is_resumed else []),
    ]
    failure_file(output_dir).unlink(missing_ok=True)
    return_code, last_lines = _run_torchrun(n_processes, arguments, on_line)
    if return_code != 0:
        raise _failure(output_dir, return_code, last_lines)
    report = read_report(output_dir)
    if report is None:
        raise TrainingFailed(f"the training ended without {report_file(output_dir)}", ExitCode.CRASHED)
    return report


def _run_torchrun(
    n_processes: int, arguments: Sequence[str], on_line: Callable[[str], None]
) -> tuple[int, Sequence[str]]:
    command = [
        sys.executable,
        *("-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={n_processes}", "--max-restarts=0"),
        *("-m", "ml.train", *arguments, "--end-with-parent"),
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
    errors = [line for line in last_lines if "Error" in line and "ChildFailedError" not in line]
    what = errors[-1].strip() if errors else f"exit code {return_code}"
    return TrainingFailed(f"a training process died: {what}", ExitCode.CRASHED)


def report_file(output_dir: Path) -> Path:
    return output_dir / "report.json"


def failure_file(output_dir: Path) -> Path:
    return output_dir / "failure.json"


def read_report(output_dir: Path) -> FinetuneReport | None:
    """The report of a finished fine-tune; None for one that is not."""
    path = report_file(output_dir)
    return FinetuneReport(**read_json(path)) if path.is_file() else None


def write_report(output_dir: Path, report: FinetuneReport) -> None:
    write_json(report_file(output_dir), asdict(report))


def read_json(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Writes whole or not at all: a kill leaves the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(values, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
