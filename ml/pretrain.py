"""Pretrains the small base from nothing: `python -m ml.pretrain --out ml/base --seconds 7200 --n-processes 2`.

A LLaMA of 5 M parameters learns from the part generator, in a stream that never repeats. Data,
order and schedule follow from the seed and the number of tokens, never from the clock: `--seconds` only picks the
number of tokens, after a short calibration. A run that was killed goes on with `--resume`, to the same weights.
The work folder holds the tokenizer, the checkpoint and report.json (last). Exit codes are `ml.launch.ExitCode`.
Covers the command; the work is `ml.pretraining`'s.
"""

from __future__ import annotations

import argparse
import errno
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from ml.launch import ExitCode
from ml.pretraining.config import Arithmetic, PretrainConfig, PretrainFailed, PretrainProgress, PretrainReport
from ml.run_folder import OutputUnusable, lock, write_json

__all__ = ["Arithmetic", "PretrainConfig", "PretrainFailed", "PretrainProgress", "PretrainReport", "main", "pretrain"]

log = logging.getLogger(__name__)

_LOG_SECONDS = 30.0


def _ignore(progress: PretrainProgress) -> None:
    """The default listener."""


def pretrain(
    config: PretrainConfig, *, on_progress: Callable[[PretrainProgress], None] = _ignore, should_resume: bool = False
) -> PretrainReport:
    """Runs to the end, or goes on with what `config.work_dir` holds. `on_progress` is called after every step.

    This process is rank 0; the others are its children and end with it.
    """
    from transformers.utils import logging as transformers_logging

    from ml.pretraining.loop import train
    from ml.pretraining.ranks import joined_ranks

    transformers_logging.disable_progress_bar()  # its own, for writing 5 MB
    config.work_dir.mkdir(parents=True, exist_ok=True)
    with lock(config.work_dir):
        _prepare(config, should_resume=should_resume)
        with joined_ranks(config):
            report = train(config, rank=0, on_progress=on_progress)
        if report is None:
            raise PretrainFailed("rank 0 gave no report")
        write_json(config.work_dir / "report.json", asdict(report))
        config.checkpoint_path.unlink(missing_ok=True)
    return report


def _prepare(config: PretrainConfig, *, should_resume: bool) -> None:
    """Refuses to overwrite an unfinished run; trains the tokenizer unless a run goes on."""
    from corpus.synth.families import FAMILIES
    from ml.pretraining.stream import train_base_tokenizer

    unknown = sorted(set(config.families) - set(FAMILIES))
    if unknown:
        raise PretrainFailed(f"no family {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    if config.checkpoint_path.is_file():
        if not should_resume:
            raise PretrainFailed(
                f"{config.checkpoint_path} is an unfinished run: go on with --resume, or delete it to start again"
            )
        return
    if should_resume:
        log.info("no checkpoint in %s: starting from the beginning", config.work_dir)
    tokenizer = train_base_tokenizer(
        seed=config.seed,
        families=config.families,
        n_lessons=config.n_tokenizer_lessons,
        vocab_size=config.vocab_size,
        max_length=config.max_positions,
    )
    tokenizer.save_pretrained(config.tokenizer_dir)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; the exit code."""
    options = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    try:
        config = PretrainConfig(
            out_dir=options.out,
            work_dir=options.work_dir,
            data_dir=options.data_dir,
            n_tokens=options.n_tokens,
            seconds=options.seconds if options.n_tokens is None else None,
            seed=options.seed,
            n_processes=options.n_processes,
            arithmetic=Arithmetic(options.arithmetic),
            n_gate_prompts=options.n_gate_prompts,
            gate_seconds=options.gate_seconds,
            families=tuple(filter(None, options.families.split(","))),
            chunk_size=options.chunk_size,
            n_tokenizer_lessons=options.n_tokenizer_lessons,
            checkpoint_seconds=options.checkpoint_seconds,
        )
        with _progress_listener() as on_progress:
            report = pretrain(config, on_progress=on_progress, should_resume=options.resume)
    except (PretrainFailed, OutputUnusable, ValueError) as error:
        log.error("%s", error)
        return ExitCode.BAD_INPUT
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        log.error("the disk is full: %s; free some space and go on with --resume", error)
        return ExitCode.DISK_FULL
    except KeyboardInterrupt:
        log.error("interrupted; go on with --resume")
        return 130
    log.info(
        "%s: %.2f M parameters, %d tokens in %.0f s; held-out requests met: %s",
        *(report.out_dir, report.n_parameters / 1e6, report.n_tokens, report.seconds, report.gate),
    )
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ml.pretrain", description="Pretrains the small LLaMA base from nothing.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the finished model")
    parser.add_argument(
        "--work-dir", type=Path, default=Path("var/pretrain"), help="checkpoint, tokenizer, report.json"
    )
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="where the OpenSCAD engine is installed")
    parser.add_argument("--n-tokens", type=int, help="length of the run; replaces --seconds")
    parser.add_argument("--seconds", type=float, default=7200.0, help="aim of wall-clock time (default 7200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n-processes", type=int, default=2, help="1, 2 or 4, one thread each (default 2)")
    parser.add_argument("--arithmetic", choices=[a.value for a in Arithmetic], default="auto")
    parser.add_argument("--families", default="", help="part families to learn, with commas; default: all but held-out")
    parser.add_argument("--chunk-size", type=int, default=4096, help="lessons drawn at a time (default 4096)")
    parser.add_argument("--n-tokenizer-lessons", type=int, default=6000, help="it is made from (default 6000)")
    parser.add_argument("--n-gate-prompts", type=int, default=96, help="held-out requests of a check (default 96)")
    parser.add_argument("--gate-seconds", type=float, default=600.0, help="between two held-out checks (default 600)")
    parser.add_argument("--checkpoint-seconds", type=float, default=120.0, help="between two checkpoints (default 120)")
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint in --work-dir, if there is one"
    )
    return parser


@contextmanager
def _progress_listener() -> Iterator[Callable[[PretrainProgress], None]]:
    """A bar on a terminal; a line every 30 s and after every gate in any case."""
    from tqdm import tqdm

    bar = tqdm(unit="tok", unit_scale=True, disable=not sys.stderr.isatty())
    last_line = time.monotonic()

    def listen(progress: PretrainProgress) -> None:
        nonlocal last_line
        bar.total = progress.n_tokens_total
        bar.update(progress.n_tokens - bar.n)
        now = time.monotonic()
        if progress.gate is None and now - last_line < _LOG_SECONDS:
            return
        last_line = now
        log.info(
            "step %d, %.2f of %.2f M tokens, %.0f tokens/s, loss %.4f%s",
            *(progress.n_steps, progress.n_tokens / 1e6, progress.n_tokens_total / 1e6),
            *(progress.tokens_per_second, progress.loss),
            f", {progress.gate}" if progress.gate else "",
        )

    with bar:
        yield listen


if __name__ == "__main__":
    raise SystemExit(main())
