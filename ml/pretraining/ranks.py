"""The processes of a pretraining: this one is rank 0, the others are its children.

They meet through a file, so no port is needed, and talk over gloo. A rank that dies breaks the connection, and
with it the others: nothing waits forever. Covers starting, joining and ending them.
"""

from __future__ import annotations

import logging
import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist

from ml.pretraining.config import PretrainConfig, PretrainFailed

__all__ = ["joined_ranks"]


@contextmanager
def joined_ranks(config: PretrainConfig) -> Iterator[None]:
    """While open, this process is rank 0 of `config.n_processes`, with one thread to compute on."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        if config.n_processes == 1:
            yield
        else:
            with tempfile.TemporaryDirectory(dir=config.work_dir, prefix="ranks-") as folder:
                yield from _with_children(config, Path(folder) / "rendezvous")
    finally:
        torch.set_num_threads(n_threads)


def _with_children(config: PretrainConfig, rendezvous: Path) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    children = [
        context.Process(target=_run_child, args=(config, rank, rendezvous), daemon=True, name=f"pretrain-rank-{rank}")
        for rank in range(1, config.n_processes)
    ]
    for child in children:
        child.start()
    try:
        _join_group(config, 0, rendezvous)
        yield
        for child in children:
            child.join()
    except RuntimeError as error:
        for child in children:
            child.join(timeout=5)
        codes = [child.exitcode for child in children if child.exitcode]
        if not codes:
            raise
        raise PretrainFailed(f"a process died with exit code {codes[0]}; go on with --resume") from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
        for child in children:
            child.terminate()
            child.join()


def _run_child(config: PretrainConfig, rank: int, rendezvous: Path) -> None:
    from ml.pretraining.loop import train

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(1)
    _join_group(config, rank, rendezvous)
    try:
        train(config, rank=rank)
    except RuntimeError:
        parent = multiprocessing.parent_process()
        if parent is not None and parent.is_alive():
            raise
        raise SystemExit(f"rank {rank} ends: rank 0 is gone") from None
    finally:
        dist.destroy_process_group()


def _join_group(config: PretrainConfig, rank: int, rendezvous: Path) -> None:
    dist.init_process_group(
        "gloo", init_method=rendezvous.absolute().as_uri(), rank=rank, world_size=config.n_processes
    )
