"""The wasm engine: OpenSCAD in one persistent Node worker, where a source finds no host files at all.

A file that hangs, runs out of memory or kills the worker costs that file only: the process group is killed and a new
worker starts with the next file. Doesn't cover many workers (see `render.pool`).
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from render import diagnostics, libraries
from render.engines.base import MAX_OUTPUT_BYTES, Engine, EngineMissing, arguments, check_input, finished, lay_out
from render.engines.install import FONTS_ID, read_manifest
from render.engines.node import NodeMissing, find_node, has_node
from render.engines.node_worker import DeadlinePassed, NodeWorker, WorkerGone
from render.result import CompileJob, CompileResult, Diagnostic, Severity, Status

__all__ = ["WasmEngine"]

WORK_DIR = "/job/"
LIBRARY_DIR = "/libraries/"
MAX_FILES_OF_A_WORKER = 5000
MAX_RESIDENT_BYTES = 1 << 30
"""A worker that has more in use after a file is replaced; small parts stay under 250 MB for good."""
CHECK_MEMORY_EVERY = 16
MAX_ATTEMPTS = 3
INEXACT = "inexact"
_MINKOWSKI = re.compile(r"^(?:[^/\n]|/(?![/*]))*?\bminkowski\s*\(", re.MULTILINE)


@dataclass(frozen=True)
class _Death:
    """A worker that died in the middle of a file."""

    last_words: str
    seconds: float

    @property
    def is_out_of_memory(self) -> bool:
        return "out of memory" in self.last_words


class WasmEngine(Engine):
    """OpenSCAD as WebAssembly with Manifold, in one Node process. Safe to share: one compile at a time."""

    def __init__(self, engine_dir: Path, *, library_roots: Mapping[str, Path] | None = None) -> None:
        """Raises EngineMissing if the engine or Node isn't installed. The process starts with the first file."""
        manifest = read_manifest(engine_dir)
        if manifest is None:
            raise EngineMissing(f"no OpenSCAD engine in {engine_dir}, or an older one: run `make setup`")
        if not has_node():
            raise EngineMissing("no Node.js for the OpenSCAD engine: run `make setup`")
        self._engine_dir = engine_dir
        self._engine_id = f"wasm-{manifest.version}/manifold/{FONTS_ID}"
        self._roots = libraries.library_roots() if library_roots is None else library_roots
        self._lock = threading.Lock()
        self._worker: NodeWorker | None = None
        self._is_closed = False

    @property
    def engine_id(self) -> str:
        return self._engine_id

    @property
    def library_roots(self) -> Mapping[str, Path]:
        return self._roots

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for monitoring; None before the first file and after a kill."""
        worker = self._worker
        return worker.process.pid if worker is not None else None

    def compile(self, job: CompileJob, *, timeout_seconds: float, max_memory_bytes: int) -> CompileResult:
        """Compile one source; the deadline doesn't count the start of a worker, which is not the file's fault.

        A worker that dies early in a file was perhaps killed from outside: the file gets another, and a third.
        """
        refused = check_input(job)
        if refused is not None:
            return self._result(refused[0], 0.0, (refused[1],))
        with self._lock:
            if self._is_closed:
                raise ValueError("this engine is closed")
            n_attempts, spent = 0, 0.0
            while True:
                outcome = self._attempt(job, timeout_seconds - spent, max_memory_bytes)
                if isinstance(outcome, CompileResult):
                    return outcome
                n_attempts += 1
                spent += outcome.seconds
                has_time = n_attempts < MAX_ATTEMPTS and spent <= timeout_seconds / 2
                if not has_time or outcome.is_out_of_memory or self._is_closed:
                    return self._dead(outcome, spent)

    def _attempt(self, job: CompileJob, timeout_seconds: float, max_memory_bytes: int) -> CompileResult | _Death:
        try:
            worker = self._running_worker()
        except (NodeMissing, WorkerGone, DeadlinePassed, OSError) as error:
            return self._failed(Status.ENGINE_ERROR, 0.0, f"the engine's worker did not start: {error}")
        started = time.monotonic()
        try:
            return self._compile(worker, job, timeout_seconds, max_memory_bytes)
        except DeadlinePassed:
            self._drop_worker()
            return self._failed(Status.TIMEOUT, timeout_seconds, f"no mesh within {timeout_seconds:g} s")
        except WorkerGone as error:
            self._drop_worker()
            return _Death(str(error), time.monotonic() - started)
        except BaseException:  # Ctrl-C, or a signal's: the answer that is still to come must not be the next file's
            self._drop_worker()
            raise

    def _dead(self, death: _Death, seconds: float) -> CompileResult:
        if self._is_closed:
            return self._failed(Status.ENGINE_ERROR, seconds, "the engine was closed meanwhile")
        status = Status.OUT_OF_MEMORY if death.is_out_of_memory else Status.CRASH
        return self._failed(status, seconds, f"the engine's process ended: {death.last_words}")

    def _compile(
        self, worker: NodeWorker, job: CompileJob, timeout_seconds: float, max_memory_bytes: int
    ) -> CompileResult:
        request = _request(job, self._roots, worker.known_keys, max_memory_bytes)
        started = time.monotonic()
        answer, stl = worker.exchange(request.header, request.parts, started + timeout_seconds)
        seconds = time.monotonic() - started
        worker.known_keys |= request.new_keys
        is_worn = worker.n_exchanges >= MAX_FILES_OF_A_WORKER or (
            worker.n_exchanges % CHECK_MEMORY_EVERY == 0 and worker.resident_bytes > MAX_RESIDENT_BYTES
        )
        if is_worn:
            self._drop_worker()
        return self._verdict(job, answer, stl, request.main, seconds)

    def close(self) -> None:
        self._is_closed = True
        while not self._lock.acquire(timeout=0.05):  # a compile runs: its worker, or the one it is just starting, goes
            if (worker := self._worker) is not None:
                worker.stop()
        self._drop_worker()
        self._lock.release()

    def _running_worker(self) -> NodeWorker:
        if self._worker is not None and not self._worker.is_running:
            self._drop_worker()  # it died between two files: neither pays for that
        if self._worker is None:
            self._worker = NodeWorker.start(find_node().executable, self._engine_dir)
        return self._worker

    def _drop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _verdict(
        self, job: CompileJob, answer: Mapping[str, Any], stl: bytes, main: str, seconds: float
    ) -> CompileResult:
        found = diagnostics.parse_log(answer["log"], work_dir=WORK_DIR, main=main)
        if found:
            found = diagnostics.with_columns(found, job.texts)
        n_triangles = max(len(stl) - 84, 0) // 50
        status = diagnostics.classify(
            answer["rc"],
            found,
            n_triangles,
            trap=answer["trap"],
            is_out_of_memory=answer["is_out_of_memory"],
            is_output_too_large=answer["n_output_bytes"] > len(stl),
        )
        note = _note(status, answer)
        if note is None and n_triangles:
            note = _inexact(job)
            status = Status.WARNING if note is not None and status is Status.OK else status
        result = self._result(status, seconds, found + ((note,) if note else ()), stl if n_triangles else None)
        return finished(job, result)

    def _failed(self, status: Status, seconds: float, message: str) -> CompileResult:
        return self._result(status, seconds, (Diagnostic(Severity.ERROR, status.value, message),))

    def _result(
        self, status: Status, seconds: float, found: tuple[Diagnostic, ...], stl: bytes | None = None
    ) -> CompileResult:
        return CompileResult(status, self._engine_id, seconds, found, stl, containment="wasm")


def _inexact(job: CompileJob) -> Diagnostic | None:
    """A known defect of this engine: WebAssembly can't round upwards, which CGAL's exact convex hull counts on. Of 120
    sums of a box and a cylinder or ball, 33 were off by 1e-4 to 0.018 of their volume; of 180 plain hulls one, by 4e-4.
    """
    call = _MINKOWSKI.search(job.source)
    if call is None:
        return None
    message = (
        "minkowski() can be up to 2 % off in this engine: its convex hull rounds wrongly; native engines are exact"
    )
    return Diagnostic(Severity.WARNING, INEXACT, message, line=job.source.count("\n", 0, call.start()) + 1)


def _note(status: Status, answer: Mapping[str, Any]) -> Diagnostic | None:
    """Says in words what only the worker knows: a cap reached, or a trap."""
    if status is Status.OUT_OF_MEMORY:
        return Diagnostic(Severity.ERROR, status.value, "the memory cap was reached")
    if status is Status.TOO_LARGE:
        size = answer["n_output_bytes"]
        return Diagnostic(Severity.ERROR, status.value, f"the mesh has {size} bytes, the limit is {MAX_OUTPUT_BYTES}")
    if answer["trap"] is not None:
        return Diagnostic(Severity.ERROR, status.value, f"the engine stopped: {answer['trap']}")
    return None


@dataclass(frozen=True)
class _Request:
    """A message to a worker; worker.mjs says what is in it."""

    header: Mapping[str, Any]
    parts: tuple[bytes, ...]
    main: str
    new_keys: frozenset[str]
    """The library files whose bytes it carries."""


def _request(job: CompileJob, roots: Mapping[str, Path], known_keys: set[str], max_memory_bytes: int) -> _Request:
    layout = lay_out(job)
    needed = libraries.closure(job.texts.values(), roots)
    new = {file.key: file.data for file in needed.values() if file.key not in known_keys}
    header = {
        "main": WORK_DIR + layout.main,
        "arguments": arguments(job),
        "files": [(WORK_DIR + name, len(content)) for name, content in layout.files.items()],
        "mounts": {LIBRARY_DIR + name: file.key for name, file in needed.items()},
        "contents": [(key, len(data)) for key, data in new.items()],
        "max_memory_bytes": max_memory_bytes,
        "max_output_bytes": MAX_OUTPUT_BYTES,
    }
    return _Request(header, (*layout.files.values(), *new.values()), layout.main, frozenset(new))
