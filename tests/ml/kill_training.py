"""kill -9 of one rank of a fine-tune at random steps; then the same again ends with the same bytes.

Run: python tests/ml/kill_training.py [--times 10] [--data-dir var], a quarter of an hour. An undisturbed training of a
tiny model comes first: two processes, int8, judged by geometry, a checkpoint every 3 steps. Each trial kills one rank,
in turn, as a random step ends, and starts it again with the same arguments. Printed for each: the step and rank of the
kill, and whether the last loss and the adapter's bytes are those of the undisturbed training.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from finetune_case import TinyCase, make_tiny_case

from ml.launch import FinetuneReport, TrainingFailed, launch
from ml.tracking import sqlite_uri

N_STEPS = 30


@dataclass(frozen=True)
class Ended:
    """What must be the same."""

    train_loss: float
    eval_loss: float | None
    spec_pass_rate: float | None
    last_adapter: str
    """sha256 of the weights of the last step."""
    saved_adapter: str
    """sha256 of the weights saved: the best."""


def train(case: TinyCase, root: Path, data_dir: Path, on_line: Callable[[str], None]) -> FinetuneReport:
    return launch(
        "tiny",
        tokens_root=case.tables,
        tokens_version=case.tokens_version,
        output_dir=root / "out",
        tracking_uri=sqlite_uri(root / "mlflow.db"),
        data_dir=data_dir,
        on_line=on_line,
        overrides={
            "base_model": str(case.base),
            "max_length": 256,
            "batch_size_per_process": 8,
            "n_steps": N_STEPS,
            "n_warmup_steps": 2,
            "lora_dropout": 0.1,  # random numbers must come back too
            "lora_modules_to_save": ["embed_tokens"],
            "learning_rate": 1e-2,
            "log_every_steps": 1,
            "eval_every_steps": 5,
            "geometry_eval_every_steps": 10,
            "n_geometry_prompts": 4,
            "checkpoint_every_steps": 3,
        },
    )


def ended(report: FinetuneReport) -> Ended:
    adapter = Path(report.adapter_dir)
    last = adapter.parent / "checkpoints" / f"checkpoint-{N_STEPS}"
    return Ended(report.train_loss, report.eval_loss, report.spec_pass_rate, _digest(last), _digest(adapter))


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()


def kill_rank(rank: int) -> None:
    """Ends one rank of the training that this process started, without warning."""
    for child in psutil.Process().children(recursive=True):
        if child.environ().get("RANK") == str(rank):
            child.kill()


def trial(case: TinyCase, root: Path, data_dir: Path, *, step: int, rank: int) -> Ended:
    """Kills a rank as a step ends, and starts again."""

    def watch(line: str) -> None:
        if line.startswith(f"step {step}/") and "tokens/s" in line:
            kill_rank(rank)

    with pytest.raises(TrainingFailed, match=f"rank {rank} was ended by SIGKILL"):
        train(case, root, data_dir, watch)
    return ended(train(case, root, data_dir, lambda line: None))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="kills")
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="where the engine is installed")
    parser.add_argument("--seed", type=int, default=0, help="of the steps")
    args = parser.parse_args()
    rng, since, n_same = random.Random(args.seed), time.monotonic(), 0
    with tempfile.TemporaryDirectory() as scratch:
        root, data_dir = Path(scratch), args.data_dir.resolve()
        case = make_tiny_case(root / "case")
        expected = ended(train(case, root / "undisturbed", data_dir, lambda line: None))
        print(f"undisturbed: loss {expected.train_loss:.6f}, adapter {expected.last_adapter[:12]}")
        print("step  rank  loss equal  weights equal")
        for i in range(args.times):
            step, rank = rng.randint(1, N_STEPS - 1), i % 2
            found = trial(case, root / f"trial-{i}", data_dir, step=step, rank=rank)
            is_loss, is_all = found.train_loss == expected.train_loss, found == expected
            n_same += is_all
            print(f"{step:>4}  {rank:>4}  {_word(is_loss):>10}  {_word(is_all):>13}", flush=True)
    print(f"{n_same} of {args.times} kills ended with the same bytes; {time.monotonic() - since:.0f} s")
    return int(n_same < args.times)


def _word(is_equal: bool) -> str:
    return "yes" if is_equal else "NO"


if __name__ == "__main__":
    sys.exit(main())
