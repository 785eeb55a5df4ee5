"""The folder of one fine-tune: what it holds, whose it is, and whether it is finished.

    settings.json   config and data of the training begun here: another one is refused
    run.json        MLflow's ids, written as soon as they are known
    checkpoints/    of ml.trainer: checkpoint-N to go on from, best-N the best adapter
    adapter/        the LoRA weights
    report.json     written last: what has it is finished
    failure.json    one line of the rank that knew what went wrong

Needs neither torch nor MLflow, so that a launcher can look before it starts anything.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.config import FinetuneConfig

__all__ = [
    "FinetuneReport",
    "OutputUnusable",
    "claim",
    "failure_file",
    "lock",
    "read_json",
    "read_report",
    "run_file",
    "write_json",
    "write_report",
]

_LOCK_WAIT_SECONDS = 30.0


class OutputUnusable(Exception):
    """A folder that another training wrote, or is writing; the message names the next step."""


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
    best_step: int | None = None
    """Of the adapter, where it is the best one rather than the last; `eval_loss` is of it then."""
    spec_pass_rate: float | None = None
    """Of the adapter: share of validation prompts whose geometry came out as asked; None where that wasn't measured."""
    is_stopped_early: bool = False
    peak_memory_bytes: int = 0
    """Of the fullest card; of the largest process on a CPU."""


def run_file(output_dir: Path) -> Path:
    return output_dir / "run.json"


def failure_file(output_dir: Path) -> Path:
    return output_dir / "failure.json"


def read_report(output_dir: Path) -> FinetuneReport | None:
    """The report of a finished fine-tune; None for one that is not."""
    path = output_dir / "report.json"
    return FinetuneReport(**read_json(path)) if path.is_file() else None


def write_report(output_dir: Path, report: FinetuneReport) -> None:
    write_json(output_dir / "report.json", dataclasses.asdict(report))


def claim(output_dir: Path, config: FinetuneConfig, data_digest: str, *, is_resumed: bool) -> None:
    """Makes the folder this training's. Raises OutputUnusable where it is another's, or begun and not resumed."""
    path = output_dir / "settings.json"
    settings = {**dataclasses.asdict(config), "data_digest": data_digest}
    settings = json.loads(json.dumps(settings))  # tuples as lists, as they come back
    if not path.is_file():
        output_dir.mkdir(parents=True, exist_ok=True)
        write_json(path, settings)
        return
    begun = read_json(path)
    for key in sorted({*begun, *settings}):
        was, now = begun.get(key), settings.get(key)
        if was != now:
            raise OutputUnusable(
                f"{output_dir} holds a training with {key}={was}, now it is {now}; choose another folder"
            )
    if not is_resumed:
        raise OutputUnusable(f"{output_dir} holds a training; add --resume or choose another folder")


@contextlib.contextmanager
def lock(output_dir: Path) -> Iterator[None]:
    """One training a folder; the lock goes with its process. A killed one's last seconds are waited for."""
    with (output_dir / ".lock").open("w") as file:
        deadline = time.monotonic() + _LOCK_WAIT_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise OutputUnusable(f"another training is writing {output_dir}; wait or end it") from None
                time.sleep(0.2)
        yield


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
