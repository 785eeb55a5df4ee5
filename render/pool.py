"""Compiles many sources on a few persistent engines, in order, streaming.

Threads drive the engines' processes, so Python itself stays idle. Back-pressure: the input is read only a few
jobs ahead of what the caller has taken, so an endless iterable is fine.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from render.engines import Engine, open_engine
from render.result import CompileJob, CompileResult

__all__ = ["compile_many"]

JOBS_AHEAD_PER_WORKER = 8
"""Enough that a slow file holds no other worker up for long; a result waiting holds its mesh in memory."""


def compile_many(
    jobs: Iterable[CompileJob],
    *,
    engine_name: str = "auto",
    n_workers: int = 2,
    timeout_seconds: float = 10.0,
    max_memory_bytes: int = 1 << 30,
    data_dir: Path | None = None,
) -> Generator[CompileResult, None, None]:
    """Results in the order of `jobs`. A hang or a crash costs one file. Raises EngineMissing at once.

    Whoever stops early calls `close()` on it (or lets it go): that ends the engines' processes.
    """
    if n_workers < 1:
        raise ValueError(f"n_workers must be 1 or more, not {n_workers}")
    engines = [open_engine(engine_name, data_dir=data_dir) for _ in range(n_workers)]
    return _stream(jobs, engines, timeout_seconds, max_memory_bytes)


def _stream(
    jobs: Iterable[CompileJob], engines: list[Engine], timeout_seconds: float, max_memory_bytes: int
) -> Generator[CompileResult, None, None]:
    idle = deque(engines)
    lock = threading.Lock()

    def compile_one(job: CompileJob) -> CompileResult:
        with lock:
            engine = idle.pop()  # as many threads as engines: one is always idle; the warmest comes first
        try:
            return engine.compile(job, timeout_seconds=timeout_seconds, max_memory_bytes=max_memory_bytes)
        finally:
            with lock:
                idle.append(engine)

    pending: deque[Future[CompileResult]] = deque()
    pool = ThreadPoolExecutor(len(engines), thread_name_prefix="compile")
    try:
        for job in jobs:
            pending.append(pool.submit(compile_one, job))
            if len(pending) >= JOBS_AHEAD_PER_WORKER * len(engines):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for engine in engines:
            engine.close()
