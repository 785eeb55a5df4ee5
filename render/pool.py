"""A pool of persistent engines over all cores: for a batch, for a stream, for a page with many askers.

Threads drive the engines' processes, so Python itself stays mostly idle. Back-pressure: only so many jobs are taken in
beyond what the caller has taken out, so an endless iterable is fine. Among those, the ones that look slow start first.
Results can be kept (`render.cache`).
"""

from __future__ import annotations

import itertools
import os
import queue
import threading
from collections.abc import AsyncIterator, Generator, Iterable
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from render.cache import UNKEPT, ResultCache, job_key
from render.cost import predicted_cost
from render.engines import Engine, EngineMissing, native_fingerprint, open_engine
from render.result import CompileJob, CompileResult, Status

__all__ = ["CompilePool", "compile_many"]

N_AHEAD = 1024
"""Jobs taken in beyond those taken out: in order, a slow file's result is waited for while others are made."""
N_UNFINISHED_PER_WORKER = 32
"""Of these, jobs not finished yet: enough to find the slow ones among, few enough that what they make is bounded."""
MAX_HELD_BYTES = 256 << 20
"""Meshes of results that wait to be taken out; beyond, no new job is taken in."""
N_SORTED = 64
"""Jobs among which the ones that look slow start first; later ones come after, so that none waits for ever."""
MIN_SECONDS = 0.5
"""Of a file's deadline that must be left for a second opinion to begin."""
DOUBTS = ("engine_bug", "inexact")
"""Kinds of diagnostic by which an engine tells that its own mesh may be wrong."""

_Entry = tuple[float, float, int, "CompileJob | None", "str | None", "Future[CompileResult]"]
"""Block, -cost, number: what comes first; then the job, its key in the cache, and who waits."""


class CompilePool:
    """Engines that stay warm, shared by any number of threads and coroutines."""

    def __init__(
        self,
        engine_name: str = "auto",
        *,
        n_workers: int = 0,
        timeout_seconds: float = 10.0,
        max_memory_bytes: int = 1 << 30,
        data_dir: Path | None = None,
        library_folders: tuple[Path, ...] = (),
        allow_uncontained: bool = False,
        cache: ResultCache | None = None,
        has_meshes: bool = True,
        has_second_opinion: bool = False,
    ) -> None:
        """`n_workers` 0 means one for each core; without `has_meshes`, results from the cache come without their STL.

        With `has_second_opinion`, a file on which the engine stumbles by a bug of its own (an assertion in its geometry
        library, a crash, `minkowski`) is tried on the native one too, where that is there and contained; the verdict is
        then that engine's. Not for tables that are keyed by one engine's id. Raises EngineMissing.
        """
        if n_workers < 0:
            raise ValueError(f"n_workers must be 0 or more, not {n_workers}")
        self.n_workers = n_workers or os.cpu_count() or 1
        self._timeout_seconds, self._max_memory_bytes = timeout_seconds, max_memory_bytes
        self._cache, self._has_meshes = cache, has_meshes
        self._open = partial(
            open_engine, data_dir=data_dir, library_folders=library_folders, allow_uncontained=allow_uncontained
        )
        self._engines = [self._open(engine_name) for _ in range(self.n_workers)]
        self._has_second_opinion = has_second_opinion and not self.engine_id.startswith("native")
        self._second: Engine | None = None
        self._second_lock = threading.Lock()
        self._engines_key = self.engine_id + (native_fingerprint() if self._has_second_opinion else "")
        self._waiting: queue.PriorityQueue[_Entry] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @property
    def engine_id(self) -> str:
        return self._engines[0].engine_id

    def submit(self, job: CompileJob) -> Future[CompileResult]:
        """Queues one job, without bound: who submits many waits for some (as `map` does)."""
        future: Future[CompileResult] = Future()
        key = None
        if self._cache is not None:
            key = job_key(job, self._engines_key, self._engines[0].library_roots)
            kept = self._cache.get(key, has_mesh=self._has_meshes)
            if kept is not None:
                future.set_result(kept)
                return future
        with self._lock:
            if self._is_closed:
                raise ValueError("this pool is closed")
            number = next(self._numbers)
            self._waiting.put((number // N_SORTED, -predicted_cost(job), number, job, key, future))
            if len(self._threads) < min(self.n_workers, number + 1):
                self._start_thread()
        return future

    def compile(self, job: CompileJob) -> CompileResult:
        """Compiles one job and waits for it; a source never raises."""
        return self.submit(job).result()

    async def compile_async(self, job: CompileJob) -> CompileResult:
        """As `compile`, for a coroutine; cancelled, the job is dropped unless it runs already."""
        import asyncio  # 12 ms that a command line need not wait for

        return await asyncio.wrap_future(self.submit(job))

    def map(self, jobs: Iterable[CompileJob]) -> Generator[CompileResult, None, None]:
        """Results in the order of `jobs`. Whoever stops early calls `close()` on it: what waits is dropped."""
        with closing(_Window(self)) as window:
            for job in jobs:
                window.wait_for_room()
                window.add(job)
                while window.is_full or window.oldest().done():
                    yield window.take(window.oldest())[1]
                    if window.is_empty:
                        break
            while not window.is_empty:
                yield window.take(window.oldest())[1]

    def map_as_completed(self, jobs: Iterable[CompileJob]) -> Generator[tuple[int, CompileResult], None, None]:
        """(number of the job, result), as they come: no fast job waits for a slow one."""
        done: queue.SimpleQueue[Future[CompileResult]] = queue.SimpleQueue()
        with closing(_Window(self)) as window:
            for job in jobs:
                window.wait_for_room()
                window.add(job).add_done_callback(done.put)
                while window.is_full or not done.empty():
                    yield window.take(done.get())
            while not window.is_empty:
                yield window.take(done.get())

    async def map_async(self, jobs: Iterable[CompileJob]) -> AsyncIterator[CompileResult]:
        """As `map`, for a coroutine: nothing else of its loop waits."""
        import asyncio

        with closing(_Window(self)) as window:
            for job in jobs:
                window.add(job)
                while window.is_full or not window.has_room:
                    await asyncio.wrap_future(window.oldest())
                    yield window.take(window.oldest())[1]
            while not window.is_empty:
                await asyncio.wrap_future(window.oldest())
                yield window.take(window.oldest())[1]

    def close(self) -> None:
        """Drops what waits, ends what runs, and the engines' processes. Twice does no harm."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            for future in self._take_all_waiting():
                future.cancel()
            for _ in self._threads:
                self._waiting.put((float("inf"), 0.0, next(self._numbers), None, None, Future()))
        with self._second_lock:
            engines = [*self._engines, *([self._second] if self._second is not None else [])]
        for engine in engines:
            engine.close()
        for thread in self._threads:
            thread.join()
        if self._cache is not None:
            self._cache.prune()
            self._cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _take_all_waiting(self) -> list[Future[CompileResult]]:
        taken = []
        while True:
            try:
                taken.append(self._waiting.get_nowait()[-1])
            except queue.Empty:
                return taken

    def _start_thread(self) -> None:
        engine = self._engines[len(self._threads)]
        thread = threading.Thread(target=self._serve, args=(engine,), name="compile", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, engine: Engine) -> None:
        while True:
            *_, job, key, future = self._waiting.get()
            if job is None:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result, is_lasting = self._compile(engine, job)
            except BaseException as error:  # noqa: BLE001 - whoever waits for the result gets it
                future.set_exception(error)
                continue
            if self._cache is not None and key is not None and is_lasting:
                self._cache.put(key, result)
            future.set_result(result)

    def _compile(self, engine: Engine, job: CompileJob) -> tuple[CompileResult, bool]:
        """The verdict, and whether another run would give it too."""
        result = engine.compile(job, timeout_seconds=self._timeout_seconds, max_memory_bytes=self._max_memory_bytes)
        is_bug = result.status is Status.CRASH or any(d.kind in DOUBTS for d in result.diagnostics)
        if not (is_bug and self._has_second_opinion):
            return result, _is_lasting(job, result)
        second = self._second_opinion(job, self._timeout_seconds - result.seconds)
        if second is None or second.status in UNKEPT:
            return result, False
        is_better = second.is_compiled or result.status is Status.CRASH
        return (second if is_better else result), _is_lasting(job, second)

    def _second_opinion(self, job: CompileJob, timeout_seconds: float) -> CompileResult | None:
        """What the native engine makes of it in the time that is left; None where none may be used."""
        with self._second_lock:
            if self._second is None and not self._is_closed:
                try:
                    self._second = self._open("native")
                except EngineMissing:
                    self._has_second_opinion = False
        if self._second is None or timeout_seconds < MIN_SECONDS:
            return None
        return self._second.compile(job, timeout_seconds=timeout_seconds, max_memory_bytes=self._max_memory_bytes)


def _is_lasting(job: CompileJob, result: CompileResult) -> bool:
    """Nothing but what is in a job's key decides it. A native engine's text depends on the machine's fonts."""
    is_native = result.engine_id.startswith("native")
    return result.status not in UNKEPT and not (is_native and any("text" in text for text in job.texts.values()))


class _Window:
    """The jobs that one caller has put into a pool and not taken out yet."""

    def __init__(self, pool: CompilePool) -> None:
        self._pool = pool
        self._numbers: dict[Future[CompileResult], int] = {}
        self._n_added = self._n_done = self._n_held_bytes = 0
        self._changed = threading.Condition()

    @property
    def is_full(self) -> bool:
        """The caller must take one out before another goes in."""
        return len(self._numbers) >= N_AHEAD or self._n_held_bytes > MAX_HELD_BYTES

    @property
    def has_room(self) -> bool:
        """The pool has less to do than it may have."""
        return self._n_added - self._n_done < N_UNFINISHED_PER_WORKER * self._pool.n_workers

    @property
    def is_empty(self) -> bool:
        return not self._numbers

    def wait_for_room(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.has_room)

    def add(self, job: CompileJob) -> Future[CompileResult]:
        future = self._pool.submit(job)
        self._numbers[future] = self._n_added
        self._n_added += 1
        future.add_done_callback(self._note_done)
        return future

    def oldest(self) -> Future[CompileResult]:
        return next(iter(self._numbers))

    def take(self, future: Future[CompileResult]) -> tuple[int, CompileResult]:
        """Waits for this one."""
        result = future.result()
        with self._changed:
            self._n_held_bytes -= len(result.stl or b"")
        return self._numbers.pop(future), result

    def close(self) -> None:
        for future in self._numbers:
            future.cancel()

    def _note_done(self, future: Future[CompileResult]) -> None:
        has_result = not future.cancelled() and future.exception() is None
        with self._changed:
            self._n_done += 1
            self._n_held_bytes += len(future.result().stl or b"") if has_result else 0
            self._changed.notify_all()


def compile_many(
    jobs: Iterable[CompileJob],
    *,
    engine_name: str = "auto",
    n_workers: int = 2,
    timeout_seconds: float = 10.0,
    max_memory_bytes: int = 1 << 30,
    data_dir: Path | None = None,
    cache: ResultCache | None = None,
) -> Generator[CompileResult, None, None]:
    """Results in the order of `jobs`, from a pool of their own. A hang or a crash costs one file.

    Raises EngineMissing at once. Whoever stops early calls `close()` on it (or lets it go): that ends the engines.
    """
    pool = CompilePool(
        engine_name,
        n_workers=n_workers,
        timeout_seconds=timeout_seconds,
        max_memory_bytes=max_memory_bytes,
        data_dir=data_dir,
        cache=cache,
    )

    def results() -> Generator[CompileResult, None, None]:
        with pool, closing(pool.map(jobs)) as mapped:
            yield from mapped

    return results()
